// The first process' side of the conversation: it carries what one worker asks to all and what they show back, passes
// counts on, remembers what workers that are gone had counted, so that sums never fall, and kills those that stand still.

import type { Worker } from 'node:cluster'
import { AggregatorRegistry, Counter, Registry } from 'prom-client'
import type { ModelEndpoint } from '../../router/endpoint.ts'
import { MemorySpending } from '../../router/spending.ts'
import { DepartingCounts } from './counts.ts'
import type { FromFirst, FromWorker, Metric, Seen, What } from './messages.ts'
import { Silence } from './silence.ts'
import { spentCount, spentKind, spentOf } from './spending.ts'

/** How long workers may take to show themselves, in milliseconds. */
const lookMs = 1_000
/** Who has been silent for so long is not waited for, in milliseconds. */
const knownMs = 3_000
/** How long one may take at least until it says hello, in milliseconds: it reads all its code first. */
const startMs = 300_000

export interface FirstOptions {
  /** How many workers there are to be. */
  processes: number
  /** One that has not answered for so long is killed, in milliseconds. Infinity: none is. */
  patienceMs: number
  /** Told of one before it is killed, and for how long it has not answered, in milliseconds. */
  silent(worker: Worker, ms: number): void
}

interface Member {
  readonly process: number
  readonly counts: DepartingCounts
  /** Whether it has said hello. */
  here: boolean
  /** Whether it was killed because it was silent. */
  killed: boolean
  /** What it had counted when it was last seen. */
  counted: readonly Metric[]
}

interface Look {
  readonly pending: Set<Worker>
  readonly shown: Seen['shown'][number][]
  readonly silent: number[]
  readonly before: Metric[]
  readonly over: () => void
}

interface Reload {
  readonly number: number
  readonly endpoints: readonly ModelEndpoint[]
  /** Who has not taken them yet. */
  readonly pending: Set<Worker>
  readonly outcome: Reloaded
  readonly over: (outcome: Reloaded | undefined) => void
}

/** How many workers have other endpoints, how many go on with those before, and why. */
export interface Reloaded {
  taken: number
  refused: number
  wrong: string | undefined
}

export class FirstProcess {
  readonly #options: FirstOptions
  readonly #silence: Silence<Worker>
  readonly #registry = new Registry()
  readonly #ended = new Counter({
    name: 'andon_gateway_processes_ended_total',
    help: 'Processes of this gateway that ended before it: by themselves, or killed because they did not answer',
    labelNames: ['reason'],
    registers: [this.#registry],
  })
  readonly #members = new Map<Worker, Member>()
  readonly #looks = new Map<number, Look>()
  readonly #spent = new MemorySpending()
  #gone: Promise<readonly Metric[]> = Promise.resolve([])
  #next = 0
  #reload: Reload | undefined

  /** Calls the workers for as long as this process lives. */
  constructor(options: FirstOptions) {
    this.#options = options
    this.#silence = new Silence(options.patienceMs)
    for (const reason of ['died', 'silent']) this.#ended.inc({ reason }, 0)
    setInterval(() => this.#call(), this.#silence.everyMs).unref()
  }

  /** Numbers that no process has. */
  free(): number[] {
    const taken = new Set([...this.#members.values()].map(({ process }) => process))
    return Array.from({ length: this.#options.processes }, (_, at) => at + 1).filter((number) => !taken.has(number))
  }

  /** A worker has begun, with one of the numbers that were free. */
  began(worker: Worker, process: number): void {
    const counts = new DepartingCounts((counts, gone) => {
      if (worker.isConnected()) worker.send({ say: 'counted', counts } satisfies FromFirst, gone)
    })
    this.#members.set(worker, { process, counts, here: false, killed: false, counted: [] })
    this.#silence.begin(worker)
  }

  /** A worker has ended. What it had counted stays counted. Returns whether it was killed here. */
  ended(worker: Worker): boolean {
    const member = this.#members.get(worker)
    if (member === undefined) return false
    this.#members.delete(worker)
    this.#silence.end(worker)
    this.#ended.inc({ reason: member.killed ? 'silent' : 'died' })
    this.#endReload(worker)
    for (const look of this.#looks.values()) if (look.pending.has(worker)) this.#left(look, worker, member)
    const { counted } = member
    if (counted.length === 0) return member.killed
    this.#gone = this.#gone.then(async (gone) => AggregatorRegistry.aggregate([gone, counted]).getMetricsAsJSON())
    return member.killed
  }

  /** A worker has said something. */
  hear(worker: Worker, message: FromWorker): void {
    const member = this.#members.get(worker)
    if (member === undefined) return
    this.#silence.heard(worker)
    switch (message.say) {
      case 'hello': {
        member.here = true
        const counts = [...this.#spent.all()].map((spent) => spentCount(...spent))
        const { process } = member
        say(worker, { say: 'welcome', process, processes: this.#options.processes, counts })
        return this.#tellReload(worker)
      }
      case 'look':
        void this.#look(message.what).then((seen) => say(worker, { say: 'seen', look: message.look, seen }))
        return
      case 'shown': {
        const { look: number, shown } = message
        if (shown && 'counted' in shown) member.counted = shown.counted.filter(isCount)
        const look = this.#looks.get(number)
        if (!look?.pending.delete(worker)) return
        if (shown) look.shown.push({ process: member.process, shown })
        return this.#endLook(look)
      }
      case 'counted':
        for (const count of message.counts) {
          if (count.of === spentKind) this.#spent.add(...spentOf(count))
          for (const [other, { here, counts }] of this.#members) if (here && other !== worker) counts.add(count)
        }
        return
      case 'reloaded': {
        if (message.reload !== this.#reload?.number) return
        const { outcome } = this.#reload
        outcome.wrong ??= message.wrong
        outcome[message.wrong === undefined ? 'taken' : 'refused']++
        this.#endReload(worker)
      }
    }
  }

  /**
   * Tells all workers of other endpoints, and each that begins from now on. Resolves when those that are here now have
   * them or are gone; with undefined when it was called again before.
   */
  reload(endpoints: readonly ModelEndpoint[]): Promise<Reloaded | undefined> {
    const { promise, resolve: over } = Promise.withResolvers<Reloaded | undefined>()
    this.#reload?.over(undefined)
    const pending = new Set(this.#members.keys())
    this.#reload = {
      number: ++this.#next,
      endpoints,
      pending,
      outcome: { taken: 0, refused: 0, wrong: undefined },
      over,
    }
    for (const [worker, { here }] of this.#members) if (here) this.#tellReload(worker)
    if (pending.size === 0) over(this.#reload.outcome)
    return promise
  }

  #tellReload(worker: Worker): void {
    if (this.#reload === undefined) return
    const { number: reload, endpoints } = this.#reload
    say(worker, { say: 'reload', reload, endpoints })
  }

  /** Nobody waits any more for this one to take the newest endpoints. */
  #endReload(worker: Worker): void {
    if (this.#reload?.pending.delete(worker) && this.#reload.pending.size === 0) this.#reload.over(this.#reload.outcome)
  }

  /** Calls all who are here, and kills those that have not answered for too long. */
  #call(): void {
    const { patienceMs } = this.#options
    this.#silence.called()
    for (const [worker, member] of this.#members) {
      if (member.killed) continue
      if (member.here) say(worker, { say: 'ping' })
      const ms = this.#silence.of(worker)
      if (ms < (member.here ? patienceMs : Math.max(patienceMs, startMs))) continue
      member.killed = true
      this.#options.silent(worker, ms)
      worker.process.kill('SIGKILL')
    }
  }

  /** Asks all who are here, and waits for them, but not long: not at all for who is known to be silent. */
  async #look(what: What): Promise<Seen> {
    const gone = this.#gone
    const { promise, resolve: over } = Promise.withResolvers<void>()
    const look: Look = { pending: new Set(), shown: [], silent: [], before: [], over }
    const number = ++this.#next
    this.#looks.set(number, look)
    for (const [worker, { here }] of this.#members) {
      if (!here) continue
      look.pending.add(worker)
      say(worker, { say: 'show', look: number, what })
    }
    const late = setTimeout(over, lookMs)
    this.#endLook(look)
    await promise
    clearTimeout(late)
    this.#looks.delete(number)
    for (const worker of look.pending) {
      const member = this.#members.get(worker)
      if (member === undefined) continue
      look.silent.push(member.process)
      look.before.push(...member.counted)
    }
    if (what === 'metrics') look.before.push(...(await gone), ...(await this.#registry.getMetricsAsJSON()))
    const shown = look.shown.toSorted((one, other) => one.process - other.process)
    return { shown, silent: look.silent, before: look.before }
  }

  /** One of those that a look waits for is gone. */
  #left(look: Look, worker: Worker, { counted }: Member): void {
    look.pending.delete(worker)
    look.before.push(...counted)
    this.#endLook(look)
  }

  /** Ends a look for which nobody is worth waiting any more. */
  #endLook({ pending, over }: Look): void {
    if ([...pending].every((worker) => this.#silence.of(worker) >= knownMs)) over()
  }
}

/** Says something to a worker; one that is gone does not hear it. */
export function say(worker: Worker, message: FromFirst): void {
  if (worker.isConnected()) worker.send(message, () => {})
}

/** Whether it only ever grows, and holds for what is over, too. */
function isCount({ type }: Metric): boolean {
  return type === 'counter' || type === 'histogram'
}
