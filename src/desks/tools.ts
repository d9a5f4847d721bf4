// The desk for tools: looked at, tried, switched and permitted; and the toolbox that answers reach into.

import { openCall } from '../core/call.ts'
import { announceTrouble } from '../core/channels.ts'
import { AndonError } from '../core/errors.ts'
import type { HealthPart } from '../core/factory.ts'
import { one } from '../core/station.ts'
import type { Tooling, ToolOutcome, ToolSources, ToolSourceView, ToolView } from '../core/tooling.ts'
import { mustBe } from '../requests.ts'
import { mustBeTool } from '../requests-tools.ts'
import type { SourceState } from '../stations/tools/contract.ts'
import type { LimitOf } from '../stations/tools/documents.ts'
import { namesOf } from '../stations/tools/sources.ts'
import type { Toolbox, ToolHappening } from '../stations/tools/toolbox.ts'
import type { ToolSettingStore } from '../stores/store.ts'
import { nearestNames } from '../tools/names.ts'
import { known, type Desk } from './desk.ts'
import { ToolApprovals } from './tool-approvals.ts'
import { ToolHealth } from './tool-health.ts'
import { decisionOf, usualPermissions } from './tool-permissions.ts'
import { ToolRunner, type RunEvent, type TenantTool, type Tools } from './tool-runner.ts'
import { ToolRuns } from './tool-runs.ts'
import type { AddedSources } from './tool-sources.ts'

export interface ToolsParts {
  /** The station that has built-in tools and those of sources. */
  tools: Tools
  /** Makes the station whose tools are functions of this factory, given what a run may see of its library. */
  ownTools?: (limitOf: LimitOf) => Tools
  settings: ToolSettingStore
  added: AddedSources
}

/** A station that lacks sources is told of them so often, in milliseconds. */
const againMs = 1_000

export interface ToolsDesk extends Tooling {
  readonly toolbox: Toolbox
  /** What `health` says of tools. */
  readonly toolHealth: () => Promise<HealthPart[]>
}

/** See {@link Tooling}. Sources are tried at once, and hold up nobody. */
export function toolsDesk(desk: Desk, { tools, ownTools, settings, added }: ToolsParts): ToolsDesk {
  const options = desk.options.tools
  const fixed: ToolSources = { modules: options.modules, openapi: options.openapi, mcp: options.mcp }
  const fixedNames = new Set(namesOf(fixed))
  const runs = new ToolRuns()
  const approvals = new ToolApprovals()
  const own = ownTools?.((runId) => runner.filterOf(runId))
  const runner: ToolRunner = new ToolRunner({
    stations: own ? [tools, own] : [tools],
    settings,
    usual: usualPermissions(options.permissions),
    offAtFirst: new Set(['run_javascript', ...(options.httpHosts === undefined ? ['http_get'] : [])]),
    runs,
    approvals,
    remind(known) {
      const names = new Set(known.map(({ name }) => name))
      if (performance.now() < toldAt + againMs || namesOf(allSources()).every((name) => names.has(name))) return false
      tellSources()
      return true
    },
  })

  const health = new ToolHealth(runner, desk.options.tenant)

  /** What was added under a name that the options have by now gives way to them. */
  const without = <Source extends { name: string }>(sources: readonly Source[]): Source[] =>
    sources.filter(({ name }) => !fixedNames.has(name))
  const allSources = (): ToolSources => ({
    modules: [...fixed.modules, ...without(added.sources.modules)],
    openapi: [...fixed.openapi, ...without(added.sources.openapi)],
    mcp: [...fixed.mcp, ...without(added.sources.mcp)],
  })
  let toldAt = -Infinity

  async function applySources(): Promise<SourceState[]> {
    toldAt = performance.now()
    using call = openCall({ tenant: desk.options.tenant, shutdown: desk.closing })
    const reply = await one(tools, { do: 'sources', sources: allSources() }, call)
    health.forget()
    if (reply.type !== 'sources') throw new AndonError('internal', `The station of tools answered ${reply.type}`)
    return reply.sources
  }

  const tellSources = (): void =>
    void applySources().catch((reason: unknown) => {
      if (!desk.closing.aborted) announceTrouble('tools', reason)
    })
  if (namesOf(allSources()).length > 0) tellSources()

  const viewOf = (tenant: string, tool: TenantTool): ToolView => {
    const { card, enabled, permission } = tool
    const { fingerprint: _, ...shown } = card
    return { ...shown, ...standingOf(tool), permission, enabled, stats: runs.stats(tenant, card.name) }
  }

  /** What is more than what the card says. */
  function standingOf({ card, enabled }: TenantTool): Partial<Pick<ToolView, 'state' | 'reason'>> {
    if (card.state === 'unreachable' || card.state === 'impossible') return {}
    if (!enabled) return { state: 'off', reason: offReason(card.name, options) }
    const reason = runs.restingReason(card.name)
    return reason === undefined ? {} : { state: 'resting', reason }
  }

  async function find(name: string, tenant: string, signal?: AbortSignal): Promise<TenantTool> {
    const { tools: all } = await runner.tools(tenant, signal)
    const tool = all.find(({ card }) => card.name === name)
    if (tool) return tool
    const near = nearestNames(
      name,
      all.map(({ card }) => card.name),
    )
    const is = near.length === 1 ? 'is' : 'are'
    const advice = near.length > 0 ? `near it ${is} ${near.join(', ')}` : 'look for its name in the list of tools'
    throw new AndonError('not-found', `There is no tool ${name}: ${advice}.`)
  }

  const sourceView = (state: SourceState): ToolSourceView => ({ ...state, fixed: fixedNames.has(state.name) })

  const toolbox: Toolbox = {
    async offered(call, names) {
      const { tools: all } = await runner.tools(call.tenant, call.signal)
      return all
        .filter(({ card, enabled, permission }) => enabled && permission !== 'deny' && card.state === 'ready')
        .filter(({ card }) => names === undefined || names.includes(card.name))
        .map(({ card }) => ({ name: card.name, description: card.description, parameters: card.input }))
    },
    async *run(calls, { answerId, sessionId, filter }, call) {
      const about = {
        answerId,
        ...(sessionId === undefined ? {} : { sessionId }),
        ...(filter === undefined ? {} : { filter }),
      }
      for await (const event of runner.run(calls, about, call)) yield happeningOf(event)
    },
  }

  return {
    toolbox,
    toolHealth: () => health.read(),
    async tools(query, caller) {
      mustBeTool.query(query)
      const tenant = desk.tenantOf(caller)
      const { tools: all } = await runner.tools(tenant, caller?.signal)
      const words = (query?.search ?? '').toLowerCase().split(/\s+/).filter(Boolean)
      return all
        .filter(({ card: { name, title = '', description, tags } }) => {
          const text = [name, title, description, ...tags].join('\n').toLowerCase()
          return words.every((word) => text.includes(word))
        })
        .map((tool) => viewOf(tenant, tool))
    },
    async tool(name, caller) {
      mustBeTool.name(name)
      const tenant = desk.tenantOf(caller)
      return viewOf(tenant, await find(name, tenant, caller?.signal))
    },
    async callTool(asked, caller) {
      mustBeTool.call(asked)
      const tenant = desk.tenantOf(caller)
      await find(asked.name, tenant, caller?.signal)
      const { name, arguments: given = {}, deadlineMs, approved } = asked
      const about = {
        ...(deadlineMs === undefined ? {} : { deadlineMs }),
        ...(approved === undefined ? {} : { approved }),
      }
      using call = desk.callFor(caller)
      for await (const event of runner.run([{ id: 'call', name, arguments: given }], about, call))
        if (event.type === 'result') return outcomeOf(event)
      throw new AndonError('internal', `The call of ${name} ended without a result`)
    },
    async setTool(name, change, caller) {
      mustBeTool.name(name)
      mustBeTool.change(change)
      const tenant = desk.tenantOf(caller)
      const { card } = await find(name, tenant, caller?.signal)
      const { enabled, permission } = change
      await settings.set(tenant, {
        tool: name,
        ...(enabled === undefined ? {} : { enabled }),
        ...(permission === undefined ? {} : decisionOf(card, permission)),
      })
      return viewOf(tenant, await find(name, tenant, caller?.signal))
    },
    async toolRuns(query, caller) {
      mustBeTool.runs(query)
      const tenant = desk.tenantOf(caller)
      const waiting = approvals.runsOf(tenant)
      return runs
        .list(tenant, query ?? {})
        .map((run) => (run.outcome === 'running' && waiting.has(run.id) ? { ...run, outcome: 'waiting' } : run))
    },
    approvals: async (caller) => approvals.list(desk.tenantOf(caller)),
    async approve(id, word, caller) {
      mustBe.id(id, 'approval id')
      mustBeTool.word(word)
      await approvals.word(desk.tenantOf(caller), id, word)
    },
    async toolSources(caller) {
      const { sources } = await runner.tools(desk.tenantOf(caller), caller?.signal)
      return sources.map(sourceView)
    },
    async addToolSource(source, caller) {
      desk.tenantOf(caller)
      if (fixedNames.has(source?.name))
        throw new AndonError('conflict', `The options name a source ${source.name} already: take another name`)
      const { name } = await added.add(source)
      const state = (await applySources()).find((each) => each.name === name)
      return sourceView(known(state, 'source', name))
    },
    async removeToolSource(name, caller) {
      mustBe.id(name, 'name of a source')
      desk.tenantOf(caller)
      if (fixedNames.has(name) && !added.has(name))
        throw new AndonError('conflict', `The source ${name} stands in the options: take it out of the file`)
      const removed = await added.remove(name)
      if (removed) await applySources()
      return removed
    },
  }
}

function offReason(name: string, { httpHosts }: Desk['options']['tools']): string {
  return name === 'http_get' && httpHosts === undefined
    ? 'It may read no host: set tools.httpHosts to those that it may.'
    : 'It is switched off.'
}

function happeningOf(event: RunEvent): ToolHappening {
  if (event.type === 'approval') return { type: 'tool-approval', id: event.id, approval: event.approval }
  if (event.type === 'progress') return { type: 'tool-progress', id: event.id, done: event.done }
  const { name, ok, value, error, place } = event.result
  return {
    type: 'tool-result',
    id: event.id,
    name,
    ok,
    ...(value === undefined ? {} : { value }),
    ...(error === undefined ? {} : { error: { kind: error.kind, message: error.message } }),
    ...(place === undefined ? {} : { place }),
    ms: event.ms,
  }
}

function outcomeOf({ runId, result }: Extract<RunEvent, { type: 'result' }>): ToolOutcome {
  const { name, ok, value, error, place, why, attempt, timings, truncated } = result
  return {
    runId,
    name,
    ok,
    ...(value === undefined ? {} : { value }),
    ...(error === undefined ? {} : { error }),
    ...(place === undefined ? {} : { place }),
    ...(why === undefined ? {} : { why }),
    attempt,
    timings,
    ...(truncated === undefined ? {} : { truncated: { bytes: truncated.bytes } }),
  }
}
