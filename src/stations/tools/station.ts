// The station of tools: a registry behind the contract of all stations, so that it can live anywhere. It lists its tools,
// runs calls, and asks whether a call may run where that was not decided before.

import { onOver, remaining } from '../../core/call.ts'
import { AndonError } from '../../core/errors.ts'
import type { Plain } from '../../core/plain.ts'
import type { Call, Station } from '../../core/station.ts'
import type { ToolOrigin, ToolSources } from '../../core/tooling.ts'
import type { Approval } from '../../tools/policy.ts'
import { ToolRegistry, type RegistryOptions } from '../../tools/registry.ts'
import type { Tool } from '../../tools/tool.ts'
import { cardOf, missingCard } from './cards.ts'
import type { RunCall, ToolCard, ToolsInput, ToolsOutput } from './contract.ts'
import { Items } from './items.ts'
import { Sources, type Source } from './sources.ts'

/** What fills the registry of a station. */
export interface Stock {
  /** Registers what is always there; called once, when somebody first asks. */
  fill(registry: ToolRegistry): Promise<void>
  /** Where a tool comes from. */
  originOf(tool: Tool): ToolOrigin
  /** Why a tool is not ready, in a sentence with the remedy; undefined when it is. */
  hindrance?(tool: Tool, registry: ToolRegistry): Promise<Pick<ToolCard, 'state' | 'reason'> | undefined>
  /** The sources of a configuration; absent where there can be none. */
  sourcesOf?(sources: ToolSources, registry: ToolRegistry): Source[]
}

/** A call under way. */
interface Running {
  call: RunCall
  items: Items<ToolsOutput>
  /** While somebody is asked. */
  decide?: ((word: Approval) => void) | undefined
}

/** Tools as a station. It remembers what it was told: a pool of it has one worker. Disposing ends its registry, and what runs there. */
export class ToolsStation implements Station<ToolsInput, ToolsOutput>, AsyncDisposable {
  readonly name = 'tools'
  readonly #registry: ToolRegistry
  readonly #stock: Stock
  readonly #sources: Sources
  readonly #running = new Map<string, Running>()
  #filled: Promise<void> | undefined

  constructor(options: Pick<RegistryOptions, 'mode' | 'executor' | 'approvalMs'>, stock: Stock) {
    this.#stock = stock
    this.#registry = new ToolRegistry({
      ...options,
      policy: (_, { id }) => this.#running.get(id)?.call.permission ?? 'deny',
      approve: (request) => this.#ask(request.call.id, request),
    })
    this.#sources = new Sources({
      close: async ({ name, kind }) => {
        if (kind === 'mcp') await this.#registry.unregisterMcp(name)
        for (const tool of this.#registry.list({ namespace: name })) this.#registry.unregister(tool.name)
      },
      count: ({ name }) => this.#registry.list({ namespace: name }).length,
    })
  }

  async *run(input: ToolsInput, call: Call): AsyncGenerator<ToolsOutput, void, undefined> {
    await this.#fill()
    switch (input.do) {
      case 'list':
        yield await this.#list()
        return
      case 'word':
        yield { type: 'word', known: this.#decide(input.id, { approved: input.approved, ...reasonOf(input) }) }
        return
      case 'sources':
        await this.#sources.set(this.#stock.sourcesOf?.(input.sources, this.#registry) ?? [])
        yield { type: 'sources', sources: this.#sources.states }
        return
      case 'run':
        await this.#sources.settled()
        yield* this.#runCalls(input.calls, input.deadlineMs, call)
        return
      default:
        throw new AndonError('invalid', `The station of tools was asked to ${JSON.stringify(input)}: it cannot`)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#sources[Symbol.dispose]()
    await this.#registry[Symbol.asyncDispose]()
  }

  /** What failed is tried again by the next who asks. */
  async #fill(): Promise<void> {
    try {
      await (this.#filled ??= this.#stock.fill(this.#registry))
    } catch (reason) {
      this.#filled = undefined
      throw reason
    }
  }

  async #list(): Promise<Extract<ToolsOutput, { type: 'tools' }>> {
    await this.#sources.settled()
    const tools = await Promise.all(this.#registry.list().map((tool) => this.#cardOf(tool)))
    const sources = this.#sources.states
    const missing = sources.filter(({ tools: count, problem }) => count === 0 && problem !== undefined)
    const cards = [...tools, ...missing.map((source) => missingCard(source, this.#registry.executionMode))]
    return { type: 'tools', tools: cards.sort((one, other) => (one.name < other.name ? -1 : 1)), sources }
  }

  async #cardOf(tool: Tool): Promise<ToolCard> {
    const card = cardOf(tool, this.#stock.originOf(tool), this.#registry.executionMode)
    return { ...card, ...(await this.#stock.hindrance?.(tool, this.#registry)) }
  }

  async *#runCalls(calls: readonly RunCall[], deadlineMs: number | undefined, call: Call): AsyncGenerator<ToolsOutput> {
    const items = new Items<ToolsOutput>()
    for (const each of calls) {
      if (this.#running.has(each.id)) throw new AndonError('conflict', `A call ${each.id} runs already`)
      this.#running.set(each.id, { call: each, items })
    }
    const left = Math.min(remaining(call), deadlineMs ?? Infinity)
    const leaving = new AbortController()
    const stop = onOver(call, (reason) => leaving.abort(reason))
    const running = this.#registry
      .executeToolCalls(
        calls.map(({ id, name, arguments: given }) => ({ id, name, arguments: given })),
        {
          tenant: call.tenant,
          signal: leaving.signal,
          ...(left === Infinity ? {} : { deadlineMs: Math.max(1, left) }),
          onProgress: (id, done) => items.add({ type: 'progress', id, done }),
          onResult: (result) => items.add({ type: 'result', result }),
        },
      )
      .then(
        () => items.end(),
        (reason: unknown) => items.fail(reason),
      )
    try {
      yield* items.read()
    } finally {
      stop()
      leaving.abort(new AndonError('cancelled', 'Nobody waits for it any more'))
      await running
      for (const { id } of calls) this.#running.delete(id)
    }
  }

  #ask(
    id: string,
    { input, expiresAt, signal }: { input: unknown; expiresAt: number; signal: AbortSignal },
  ): Promise<Approval> {
    const running = this.#running.get(id)
    if (!running) return Promise.resolve(false)
    const { promise, resolve } = Promise.withResolvers<Approval>()
    running.decide = resolve
    // Whoever is late finds nobody waiting.
    signal.addEventListener('abort', () => (running.decide = undefined), { once: true })
    running.items.add({ type: 'ask', id, input: input as { readonly [key: string]: Plain }, expiresAt })
    return promise
  }

  #decide(id: string, word: Approval): boolean {
    const running = this.#running.get(id)
    const decide = running?.decide
    if (!running || !decide) return false
    running.decide = undefined
    decide(word)
    return true
  }
}

function reasonOf({ reason }: { reason?: string }): { reason?: string } {
  return reason === undefined ? {} : { reason }
}
