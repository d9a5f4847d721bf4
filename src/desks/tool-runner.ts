// How calls of a factory's tools run: each goes to the station that has its tool, is decided about, waits for a person
// where that is needed, and is written down.

import { openCall, overReason } from '../core/call.ts'
import { spanChannel } from '../core/channels.ts'
import { AndonError } from '../core/errors.ts'
import type { Plain } from '../core/plain.ts'
import type { Filter } from '../core/question.ts'
import { one, type Call, type Station } from '../core/station.ts'
import type { ToolApproval, ToolPermission } from '../core/tooling.ts'
import type { RunCall, SourceState, ToolCard, ToolsInput, ToolsOutput } from '../stations/tools/contract.ts'
import { Items } from '../stations/tools/items.ts'
import type { ToolSetting, ToolSettingStore } from '../stores/store.ts'
import type { ToolErrorKind, ToolResult } from '../tools/tool.ts'
import type { ToolApprovals } from './tool-approvals.ts'
import { askPerson, type Asked } from './tool-asking.ts'
import { hostOf, permissionOf, type UsualPermission } from './tool-permissions.ts'
import { Progress } from './tool-progress.ts'
import { outcomeOf, type ToolRuns } from './tool-runs.ts'

/** A station of tools. */
export type Tools = Station<ToolsInput, ToolsOutput>

export interface RunnerParts {
  /** The first one also hears of names that nobody knows. */
  stations: readonly Tools[]
  settings: ToolSettingStore
  usual: UsualPermission
  /** Names of tools that are off until somebody switches them on. */
  offAtFirst: ReadonlySet<string>
  runs: ToolRuns
  approvals: ToolApprovals
  /** Looks at the sources that the stations know; true when they lacked some and are told of them now. */
  remind?: (known: readonly SourceState[]) => boolean
}

/** A tool as one tenant has it. */
export interface TenantTool {
  card: ToolCard
  station: Tools
  enabled: boolean
  permission: ToolPermission
}

/** A call that is asked for. */
export interface CallOfTool {
  id: string
  name: string
  arguments: string | { readonly [key: string]: Plain }
}

/** For whom calls run. */
export interface RunFor {
  answerId?: string
  sessionId?: string
  /** What the call may see of the library. */
  filter?: Filter
  /** Whoever asks for it is the person who would be asked. */
  approved?: boolean
  deadlineMs?: number
}

/** What happens to a call; `id` is that of the call. */
export type RunEvent =
  | { type: 'approval'; id: string; approval: ToolApproval }
  | { type: 'progress'; id: string; done: number | string }
  | { type: 'result'; id: string; runId: string; result: ToolResult; ms: number }

/** A call under way. */
interface Run {
  id: string
  call: CallOfTool
  tool: TenantTool | undefined
  startedAt: number
  /** Its tenant has so many calls already that this one does not run. */
  tooMany: boolean
  progress: Progress
  /** The person who was asked. */
  asked?: Asked | undefined
}

/** Calls of one tenant at once: the workers are for all tenants. */
const mostOpen = 500

export class ToolRunner {
  readonly #parts: RunnerParts
  readonly #filters = new Map<string, Filter>()
  /** How many calls of each tenant are under way. */
  readonly #open = new Map<string, number>()

  constructor(parts: RunnerParts) {
    this.#parts = parts
  }

  /** What a run may see of the library; everything of its tenant, when nothing is said. */
  filterOf(runId: string): Filter | undefined {
    return this.#filters.get(runId)
  }

  /** The tools of a tenant, ordered by name, and the sources that they come from. */
  async tools(tenant: string, signal?: AbortSignal): Promise<{ tools: TenantTool[]; sources: SourceState[] }> {
    using call = openCall({ tenant, ...(signal ? { signal } : {}) })
    const { settings, remind } = this.#parts
    const [decided, first] = await Promise.all([settings.list(tenant), this.#lists(call)])
    // One that was started anew, because its process had ended, has to hear of them again.
    const lists = remind?.(first.flatMap(({ list }) => list.sources)) ? await this.#lists(call) : first
    const byName = new Map(decided.map((setting) => [setting.tool, setting]))
    const tools: TenantTool[] = []
    const sources: SourceState[] = []
    for (const { station, list } of lists) {
      sources.push(...list.sources)
      for (const card of list.tools) tools.push(this.#forTenant(card, station, byName.get(card.name)))
    }
    return { tools: tools.sort((one, other) => (one.card.name < other.card.name ? -1 : 1)), sources }
  }

  /**
   * Runs calls at once, and tells what happens; each has exactly one `result`. Throws only when the call itself is over.
   * Leaving stops what runs.
   */
  async *run(calls: readonly CallOfTool[], about: RunFor, call: Call): AsyncGenerator<RunEvent, void, undefined> {
    const { tools } = await this.tools(call.tenant, call.signal)
    const byName = new Map(tools.map((tool) => [tool.card.name, tool]))
    const events = new Items<RunEvent>()
    const runs = calls.map((each) => this.#begin(each, byName.get(each.name), about, call))
    const open = new Map(runs.map((run) => [run.id, run]))
    using own = openCall({
      tenant: call.tenant,
      signal: call.signal,
      ...(call.trace === undefined ? {} : { trace: call.trace }),
    })
    const finish = (run: Run, result: ToolResult): void => {
      if (!open.delete(run.id)) return
      events.add(this.#end(run, result, call))
    }
    const working = Promise.all(
      this.#parts.stations.map((station, at) => {
        const here = runs.filter(({ tool }) => (tool ? tool.station === station : at === 0))
        return this.#work(station, here, about, own, {
          finish,
          tell: (event) => events.add(event),
          call,
        })
      }),
    ).then(
      () => events.end(),
      (reason: unknown) => events.fail(reason),
    )
    try {
      yield* events.read()
    } finally {
      own[Symbol.dispose]()
      await working
      for (const run of open.values()) this.#end(run, failure(run, 'cancelled', 'Nobody waits for it any more'), call)
    }
  }

  #lists(call: Call): Promise<{ station: Tools; list: Extract<ToolsOutput, { type: 'tools' }> }[]> {
    return Promise.all(
      this.#parts.stations.map(async (station) => {
        const list = await one(station, { do: 'list' }, call)
        if (list.type === 'tools') return { station, list }
        throw new AndonError('internal', `The station of tools answered ${list.type} to list`)
      }),
    )
  }

  #forTenant(card: ToolCard, station: Tools, setting: ToolSetting | undefined): TenantTool {
    const { usual, offAtFirst } = this.#parts
    return {
      card,
      station,
      enabled: setting?.enabled ?? !offAtFirst.has(card.name),
      permission: permissionOf(card, setting, usual),
    }
  }

  /** The calls of one station, to their end. */
  async #work(station: Tools, runs: readonly Run[], about: RunFor, own: Call, to: Listener): Promise<void> {
    const { call } = to
    const byId = new Map<string, Run>()
    const sent: RunCall[] = []
    for (const run of runs) {
      const { tool, call: asked } = run
      if (run.tooMany) {
        to.finish(run, failure(run, 'overloaded', `${mostOpen} calls of yours run already: wait for some of them`))
      } else if (tool && !tool.enabled) {
        to.finish(run, failure(run, 'disabled', `The tool ${asked.name} is switched off: use another, or do without`))
      } else {
        byId.set(run.id, run)
        const permission = this.#permissionOf(run, about, own.tenant)
        sent.push({ id: run.id, name: asked.name, arguments: asked.arguments, permission })
      }
    }
    if (sent.length === 0) return
    const { deadlineMs } = about
    try {
      const input: ToolsInput = { do: 'run', calls: sent, ...(deadlineMs === undefined ? {} : { deadlineMs }) }
      for await (const item of station.run(input, own)) {
        const run = byId.get(item.type === 'result' ? item.result.id : 'id' in item ? item.id : '')
        if (!run) continue
        if (item.type === 'result') to.finish(run, item.result)
        else if (item.type === 'progress') {
          const done = run.progress.admitted(item.done)
          if (done !== undefined) to.tell({ type: 'progress', id: run.call.id, done })
        } else if (item.type === 'ask' && run.tool) {
          run.asked = askPerson(item, { id: run.call.id, card: run.tool.card, about, station, call, ...this.#parts })
          if (run.asked) to.tell({ type: 'approval', id: run.call.id, approval: run.asked.approval })
        }
      }
    } catch (reason) {
      if (overReason(own)) throw reason
      const { code, sentence } = AndonError.from(reason)
      const kind: ToolErrorKind = code === 'overloaded' ? 'overloaded' : code === 'deadline' ? 'timeout' : 'crashed'
      for (const run of byId.values()) to.finish(run, failure(run, kind, sentence))
    }
    for (const run of byId.values()) to.finish(run, failure(run, 'failed', 'It ended without a result'))
  }

  #permissionOf({ tool, call }: Run, { approved, sessionId, answerId }: RunFor, tenant: string): ToolPermission {
    // A name that nobody knows is refused by the registry, with those that are near.
    if (!tool) return 'allow'
    const { permission, card } = tool
    if (permission !== 'ask') return permission
    if (approved) return 'allow'
    const within = sessionId ?? answerId
    const host = hostOf(card, objectOf(call.arguments))
    const known =
      within !== undefined && host !== undefined && this.#parts.approvals.allowsHost({ tenant, within, card, host })
    return known ? 'allow' : 'ask'
  }

  #begin(call: CallOfTool, tool: TenantTool | undefined, { answerId, filter }: RunFor, { tenant }: Call): Run {
    const id = `run_${crypto.randomUUID().replaceAll('-', '')}`
    if (tool) this.#parts.runs.begin(tenant, { id, tool: call.name, ...(answerId === undefined ? {} : { answerId }) })
    if (filter) this.#filters.set(id, filter)
    const open = this.#open.get(tenant) ?? 0
    this.#open.set(tenant, open + 1)
    return { id, call, tool, startedAt: performance.now(), tooMany: open >= mostOpen, progress: new Progress() }
  }

  #end({ id, call, tool, startedAt, asked }: Run, result: ToolResult, { id: callId, tenant }: Call): RunEvent {
    this.#filters.delete(id)
    asked?.[Symbol.dispose]()
    const open = (this.#open.get(tenant) ?? 1) - 1
    if (open > 0) this.#open.set(tenant, open)
    else this.#open.delete(tenant)
    const ms = Math.round(performance.now() - startedAt)
    if (tool) this.#parts.runs.end(tenant, id, result, ms)
    const { runMs } = result.timings
    const outcome = outcomeOf(result)
    spanChannel.announce(() => ({
      callId,
      tenant,
      station: `tool ${call.name}`,
      ...(result.place === undefined ? {} : { place: result.place }),
      startedAt,
      waitMs: Math.max(0, ms - runMs),
      workMs: runMs,
      outcome: outcome === 'done' ? 'ok' : outcome === 'cancelled' ? 'cancelled' : 'failed',
      attempt: result.attempt,
      ...(result.error === undefined ? {} : { note: result.error.message }),
    }))
    return { type: 'result', id: call.id, runId: id, result: { ...result, id: call.id }, ms }
  }
}

interface Listener {
  call: Call
  finish(run: Run, result: ToolResult): void
  tell(event: RunEvent): void
}

/** The result of a call that no registry answered. */
function failure({ id, call }: Run, kind: ToolErrorKind, message: string): ToolResult {
  return {
    id,
    name: call.name,
    ok: false,
    error: { kind, message, retryable: kind === 'overloaded' },
    attempt: 1,
    timings: { queueMs: 0, transportMs: 0, runMs: 0 },
  }
}

/** Arguments as an object, as far as they are one: to look at, not to run with. */
function objectOf(given: CallOfTool['arguments']): { readonly [key: string]: unknown } {
  if (typeof given !== 'string') return given
  try {
    const value: unknown = JSON.parse(given)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
