// The endpoints of a router, whoever they are at the moment: those that were written down and those that were found,
// what schedules them, what speaks with them, and what asks for their health and gauges.

import { setMaxListeners } from 'node:events'
import { isDeepStrictEqual } from 'node:util'
import { AndonError } from '../core/errors.ts'
import type { Call } from '../core/station.ts'
import type { ChatModel } from '../models/model.ts'
import { Clients } from './clients.ts'
import type { ClientOptions, EndpointClient } from './clients.ts'
import { Contexts } from './contexts.ts'
import { Discoveries } from './discovery.ts'
import type { Discovery } from './discovery.ts'
import { endpointSchema, namesOf } from './endpoint.ts'
import type { Ability, EndpointSettings, ModelEndpoint } from './endpoint.ts'
import { Gauges } from './gauges.ts'
import { Probes } from './probes.ts'
import { openScheduler } from './scheduler.ts'
import type { EndpointScheduler, SchedulerOptions } from './scheduler.ts'
import { SideQuestions } from './side-questions.ts'

/** A name that can be asked for: what it can do, and where. */
export interface RoutedModel {
  readonly id: string
  readonly can: readonly Ability[]
  readonly endpoints: readonly string[]
}

export class Fleet implements AsyncDisposable {
  readonly scheduler: EndpointScheduler
  /** Aborts when the fleet is closed. */
  readonly closing: AbortSignal
  readonly #controller = new AbortController()
  readonly #clients: Clients
  readonly #questions = new SideQuestions()
  readonly #probes: Probes
  readonly #gauges: Gauges
  readonly #contexts: Contexts
  readonly #engines: NonNullable<ClientOptions['engines']>
  readonly #discoveries: Discoveries | undefined
  #written: readonly ModelEndpoint[]
  #found: readonly ModelEndpoint[] = []
  #endpoints: ReadonlyMap<string, EndpointSettings> = new Map()

  /** Throws `invalid` for an endpoint that is not described right; of those found later, `failed` hears it. */
  constructor(
    endpoints: readonly ModelEndpoint[],
    discover: readonly Discovery[],
    scheduling: Omit<SchedulerOptions, 'onProbeWanted'>,
    clients: ClientOptions,
    failed: (error: AndonError) => void,
  ) {
    const { engines = {} } = clients
    this.#engines = engines
    this.#clients = new Clients(clients)
    this.closing = this.#controller.signal
    setMaxListeners(0, this.closing)
    this.#written = endpoints
    // A model in this process has no health to ask for: an order tries it.
    const ask = (name: string): void =>
      Object.hasOwn(engines, name) ? this.scheduler.endpoint(name)?.probed(true) : this.#probes.ask(name)
    this.scheduler = openScheduler(endpoints, { ...scheduling, onProbeWanted: ask })
    this.#probes = new Probes(this.#questions, (name, ok) => this.scheduler.endpoint(name)?.probed(ok))
    this.#gauges = new Gauges(this.#questions, (name, hint) => this.scheduler.endpoint(name)?.hinted(hint))
    this.#contexts = new Contexts(this.#questions, () => this.#apply([...this.#written, ...this.#found]))
    this.#apply(endpoints)
    if (discover.length === 0) return
    const found = (now: readonly ModelEndpoint[]): void => {
      this.#apply([...this.#written, ...now])
      this.#found = now
    }
    this.#discoveries = new Discoveries(discover, found, failed)
    void this.#discoveries.start()
  }

  /** The endpoint of a name. */
  get(name: string): EndpointSettings | undefined {
    return this.#endpoints.get(name)
  }

  /** What speaks with an endpoint. */
  clientOf(endpoint: EndpointSettings): EndpointClient {
    return this.#clients.of(endpoint)
  }

  chatModelOf(endpoint: EndpointSettings): ChatModel {
    return this.#clients.of(endpoint).chat
  }

  /** Others from now on, instead of those that were written down. Throws `invalid`, and changes nothing then. */
  update(endpoints: readonly ModelEndpoint[]): void {
    this.#apply([...endpoints, ...this.#found])
    this.#written = endpoints
  }

  /** Whether any takes this model for this, be it up or down. */
  serves(ability: Ability, model: string): boolean {
    for (const endpoint of this.#endpoints.values())
      if (endpoint.can.includes(ability) && (namesOf(endpoint)?.includes(model) ?? true)) return true
    return false
  }

  /** Names under which models can be asked for. Endpoints that take any name are not in it. */
  models(): RoutedModel[] {
    const models = new Map<string, { can: Set<Ability>; endpoints: string[] }>()
    for (const endpoint of this.#endpoints.values())
      for (const id of namesOf(endpoint) ?? []) {
        const known = models.get(id) ?? { can: new Set(), endpoints: [] }
        for (const ability of endpoint.can) known.can.add(ability)
        known.endpoints.push(endpoint.name)
        models.set(id, known)
      }
    return [...models].map(([id, { can, endpoints }]) => ({ id, can: [...can], endpoints }))
  }

  /** What the only endpoint that talks calls its model; undefined when there is not one. */
  ownName(): string | undefined {
    return this.#onlyChat()?.name
  }

  /** Asks it, where nobody has said it yet. Never rejects. */
  async learnOwnName(call: Call): Promise<void> {
    await this.#onlyChat()?.learnName?.(call)
  }

  #onlyChat(): ChatModel | undefined {
    const [only, other] = [...this.#endpoints.values()].filter(({ can }) => can.includes('chat'))
    return only === undefined || other !== undefined ? undefined : this.#clients.of(only).chat
  }

  /** Most tokens that any endpoint of a model is known to take. */
  room(model: string | undefined): number | undefined {
    let room: number | undefined
    for (const endpoint of this.#endpoints.values()) {
      const { contextTokens } = endpoint
      if (contextTokens === undefined || (model !== undefined && namesOf(endpoint)?.includes(model) === false)) continue
      room = Math.max(room ?? 0, contextTokens)
    }
    return room
  }

  /** False when no endpoint of a model can call tools; undefined while that is not known of all. */
  callsTools(model: string | undefined): false | undefined {
    const talking = [...this.#endpoints.values()].filter(
      (endpoint) =>
        endpoint.can.includes('chat') && (model === undefined || (namesOf(endpoint)?.includes(model) ?? true)),
    )
    const none = talking.every((endpoint) => this.#clients.of(endpoint).chat.callsTools === false)
    return talking.length > 0 && none ? false : undefined
  }

  /** Refuses what waits and cuts what runs. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#controller.abort(new AndonError('unavailable', 'The model router is closing'))
    this.#discoveries?.[Symbol.dispose]()
    this.#probes[Symbol.dispose]()
    this.#gauges[Symbol.dispose]()
    this.#contexts[Symbol.dispose]()
    await this.scheduler[Symbol.asyncDispose]()
    await this.#clients[Symbol.asyncDispose]()
    await this.#questions[Symbol.asyncDispose]()
  }

  #apply(written: readonly ModelEndpoint[]): void {
    const filled = written.map((endpoint) => this.#contexts.filled(endpoint))
    // Throws before anything has changed.
    this.scheduler.update(filled)
    const endpoints = filled.map((endpoint) => {
      const settings = endpointSchema.parse(endpoint)
      const known = this.#endpoints.get(settings.name)
      // The same object says that nothing has changed.
      return known !== undefined && isDeepStrictEqual(known, settings) ? known : settings
    })
    this.#endpoints = new Map(endpoints.map((endpoint) => [endpoint.name, endpoint]))
    this.#clients.keep(endpoints)
    this.#probes.update(endpoints)
    this.#gauges.update(endpoints)
    this.#contexts.update(endpoints.filter(({ name }) => !Object.hasOwn(this.#engines, name)))
  }
}
