// What every scenario works with: the fleet, the clients, the targets it asks for, and rounds in which the targets take turns.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Child } from '../door/process.ts'
import { median, say, type Gate } from '../harness.ts'
import type { FleetHandlers } from './fleet.ts'
import type { LoadHandlers } from './load.ts'
import { startAndon, startFloor, startPortkey, type Running } from './processes.ts'
import type { Door, EndpointSettings, EndpointState, Sample, Shot } from './shapes.ts'

/**
 * `direct`: the clients themselves pick the endpoint with the fewest requests under way; `floor`: the least that a proxy can
 * do, with one upstream; `portkey-lb+fb`: each target of the load balancer falls back to the two others that follow.
 */
export const targetNames = ['direct', 'floor', 'ours', 'ours-rr', 'portkey-lb', 'portkey-lb+fb'] as const
export type TargetName = (typeof targetNames)[number]

export interface Target {
  readonly name: TargetName
  readonly door: Door
  /** Its process; `direct` has none. */
  readonly running: Running | undefined
}

/** How the gateways are set up for a scenario. */
export interface Setup {
  /** Settings of each endpoint of Andon, over what they share. */
  endpoint?: Record<string, unknown>
  /** Settings of Andon's routing. */
  routing?: Record<string, unknown>
  /** Silence after which Andon and Portkey try elsewhere, in milliseconds. Andon's default is to learn it. */
  firstTokenMs?: number
  args?: readonly string[]
}

export interface Found {
  rows: Record<string, unknown>[]
  gates: Gate[]
}
export type Scenario = (stage: Stage) => Promise<Found>

/** A run of one plan against one target. */
export interface Run {
  samples: Sample[]
  endpoints: EndpointState[]
}

export class Stage implements AsyncDisposable {
  readonly rounds: number
  /** 1 for the whole; less for a quick look. */
  readonly scale: number
  readonly urls: readonly string[]
  readonly fleet: Child<FleetHandlers>
  readonly load: Child<LoadHandlers>
  readonly #wanted: readonly TargetName[]
  readonly #folder = mkdtempSync(join(tmpdir(), 'andon-bench-router-'))

  private constructor(
    children: [fleet: Child<FleetHandlers>, load: Child<LoadHandlers>],
    urls: readonly string[],
    { rounds, scale, wanted }: StageOptions,
  ) {
    ;[this.fleet, this.load] = children
    this.urls = urls
    this.rounds = rounds
    this.scale = scale
    this.#wanted = wanted
  }

  static async open(options: StageOptions): Promise<Stage> {
    const fleet = await Child.start<FleetHandlers>(new URL('fleet.ts', import.meta.url).href)
    const load = await Child.start<LoadHandlers>(new URL('load.ts', import.meta.url).href)
    return new Stage([fleet, load], await fleet.ask('urls'), options)
  }

  has(name: TargetName): boolean {
    return this.#wanted.includes(name)
  }

  /** Opens those of the targets that this run has, and closes them when the scenario is over. */
  async targets(names: readonly TargetName[], setup: Setup = {}): Promise<Targets> {
    const stack = new AsyncDisposableStack()
    const targets: Target[] = []
    const wanted = names.filter((name) => this.has(name))
    const portkey = wanted.some((name) => name.startsWith('portkey')) ? await startPortkey() : undefined
    if (portkey) stack.use(portkey)
    for (const name of wanted) {
      if (name === 'direct') targets.push({ name, door: { urls: [...this.urls], headers: {} }, running: undefined })
      else if (name === 'floor') {
        const running = stack.use(await startFloor(this.urls[0] ?? ''))
        targets.push({ name, door: { urls: [running.url], headers: {} }, running })
      } else if (name === 'ours' || name === 'ours-rr') {
        const running = stack.use(await this.#andon(name, setup))
        targets.push({ name, door: { urls: [running.url], headers: {} }, running })
      } else if (portkey) {
        const headers = { 'x-portkey-config': JSON.stringify(this.#portkeyConfig(name, setup.firstTokenMs)) }
        targets.push({ name, door: { urls: [portkey.url], headers }, running: portkey })
      }
    }
    return Object.assign(targets, { [Symbol.asyncDispose]: () => stack.disposeAsync() })
  }

  #andon(name: 'ours' | 'ours-rr', { endpoint, routing, firstTokenMs, args }: Setup): Promise<Running> {
    const config = join(this.#folder, `${name}.json`)
    const endpoints = this.urls.map((url, number) => ({
      name: `e${number}`,
      url,
      model: 'm',
      ...(firstTokenMs === undefined ? {} : { firstTokenMs }),
      ...endpoint,
    }))
    const strategy = name === 'ours-rr' ? { strategy: 'round-robin' } : {}
    writeFileSync(config, JSON.stringify({ models: { endpoints, routing: { ...strategy, ...routing } } }))
    return startAndon(config, args)
  }

  #portkeyConfig(name: TargetName, firstTokenMs: number | undefined): unknown {
    const one = this.urls.map((url) => ({ provider: 'openai', api_key: 'bench', custom_host: `${url}/v1` }))
    const timeout = firstTokenMs === undefined ? {} : { request_timeout: firstTokenMs }
    const fallback = (from: number): unknown => ({
      strategy: { mode: 'fallback' },
      weight: 1,
      ...timeout,
      targets: [0, 1, 2].map((next) => one[(from + next) % one.length]),
    })
    return {
      strategy: { mode: 'loadbalance' },
      ...timeout,
      targets: one.map((target, from) => (name === 'portkey-lb+fb' ? fallback(from) : { ...target, weight: 1 })),
    }
  }

  /** A plan against a target, on a fleet that is as new; `during` may make the fleet misbehave meanwhile. */
  async run(
    target: Target,
    shots: Shot[],
    options: {
      settings?: Partial<EndpointSettings>
      seed?: number
      timeoutMs?: number
      during?: () => Promise<void>
    } = {},
  ): Promise<Run> {
    const { settings, seed = 1, timeoutMs = 15_000, during } = options
    await this.fleet.ask('reset', { seed, settings: settings ?? {} })
    // Whoever had connections hears that they are gone.
    await sleep(100)
    const [samples] = await Promise.all([
      this.load.ask('open', { shots, door: target.door, timeoutMs }),
      during?.() ?? Promise.resolve(),
    ])
    // What the last ones left behind has time to arrive.
    await sleep(100)
    return { samples, endpoints: await this.fleet.ask('report') }
  }

  /** Requests that are not measured: code is compiled and connections are open when it counts. */
  async warm(targets: readonly Target[], requests = 400): Promise<void> {
    await this.fleet.ask('reset', { seed: 9, settings: { meanMs: 1, itlMs: 1 } })
    for (const { door } of targets) {
      for (const stream of [false, true]) {
        const shot = { at: 0, id: 'warm', stream, tokens: 3 }
        await this.load.ask('closed', { shot, door, clients: 8, requests: Math.ceil((requests * this.scale) / 2) })
      }
    }
  }

  /** Each round visits every target, and begins with another one. */
  async *turns(targets: readonly Target[]): AsyncGenerator<{ target: Target; round: number }> {
    for (let round = 0; round < this.rounds; round++) {
      for (let turn = 0; turn < targets.length; turn++) {
        const target = targets[(turn + round) % targets.length]
        if (target) yield { target, round }
        await this.load.ask('forget')
      }
    }
  }

  /** A number of things that is smaller in a quick look. */
  many(whole: number): number {
    return Math.max(1, Math.ceil(whole * this.scale))
  }

  /** The state that Andon's gateway tells its admins. */
  async state(target: Target): Promise<unknown> {
    const { status, text } = await this.load.ask('get', { url: `${target.door.urls[0]}/v1/router`, headers: {} })
    if (status !== 200) throw new Error(`${target.name} does not tell its state: ${status} ${text.slice(0, 200)}`)
    return JSON.parse(text)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.load[Symbol.asyncDispose]()
    await this.fleet[Symbol.asyncDispose]()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

export interface StageOptions {
  rounds: number
  scale: number
  wanted: readonly TargetName[]
}

export type Targets = Target[] & AsyncDisposable

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** Figures of several rounds, by target. */
export class Figures<Name extends string> {
  readonly #rounds = new Map<TargetName, Record<Name, number>[]>()

  add(target: TargetName, figures: Record<Name, number>): void {
    this.#rounds.set(target, [...(this.#rounds.get(target) ?? []), figures])
    say(
      `  ${target}: ${Object.entries(figures)
        .map(([name, value]) => `${name} ${Number(value).toPrecision(4)}`)
        .join(', ')}`,
    )
  }

  /** The median over the rounds; not a number when the target was not measured. */
  of(target: TargetName, name: Name): number {
    return median((this.#rounds.get(target) ?? []).map((figures) => figures[name]))
  }

  all(target: TargetName, name: Name): number[] {
    return (this.#rounds.get(target) ?? []).map((figures) => figures[name])
  }

  /** The worst of the rounds: what must never happen must not be hidden by a median. */
  most(target: TargetName, name: Name): number {
    const rounds = this.all(target, name)
    return rounds.length === 0 ? Number.NaN : Math.max(...rounds)
  }

  least(target: TargetName, name: Name): number {
    const rounds = this.all(target, name)
    return rounds.length === 0 ? Number.NaN : Math.min(...rounds)
  }

  /** A row of medians for each target. */
  rows(head: Record<string, unknown>): Record<string, unknown>[] {
    return [...this.#rounds].map(([target, rounds]) => ({
      ...head,
      target,
      rounds: rounds.length,
      ...Object.fromEntries(
        Object.keys(rounds[0] ?? {}).map((name) => [name, Number(this.of(target, name as Name).toPrecision(4))]),
      ),
    }))
  }
}
