// A worker's line to the first process of its gateway, and through it to all others.

import cluster, { type Worker } from 'node:cluster'
import { AndonError } from '../../core/errors.ts'
import type { ModelEndpoint } from '../../router/endpoint.ts'
import { DepartingCounts, type Count, type CountsOfOne, type SharedCounts } from './counts.ts'
import type { FromFirst, FromWorker, Seen, Shown, What } from './messages.ts'

/** How long the first process may take, in milliseconds: longer than it waits itself. */
const patienceMs = 2_000

type Shows = { [Which in What]?: () => Shown[Which] | Promise<Shown[Which]> }
type Takes = (endpoints: readonly ModelEndpoint[]) => void
type Hears = (name: string, amounts: readonly number[]) => void

/** What a worker tells and hears. Nothing fails when others do not answer: they are named as silent. */
export interface Line extends SharedCounts {
  /** Resolves when the first process says that all is over. */
  readonly stopped: Promise<void>
  /** How many processes there are to be. */
  readonly processes: number
  /** Says that this worker takes requests. */
  listening(url: string): void
  /** How this worker shows itself when anybody looks. */
  shows<Which extends What>(what: Which, show: Shows[Which]): void
  /** Looks at all processes, this one among them. Takes a second when one is silent and was not before. */
  look<Which extends What>(what: Which): Promise<Seen<Which>>
}

/** The line of a worker that has a router. */
export interface RouterLine extends Line {
  /** What takes other endpoints whenever the first process has read of others. It may throw, and change nothing. */
  reloads(take: Takes): void
}

/** Opens the line of this worker, once, and hears what was counted before it began. */
export async function openLine(): Promise<RouterLine> {
  const { worker } = cluster
  if (!worker) throw new AndonError('internal', 'This process is no worker: it has no line to a first process')
  const line = new WorkerLine(worker)
  await line.begin()
  return line
}

class WorkerLine implements RouterLine {
  readonly stopped: Promise<void>
  readonly #worker: Worker
  readonly #stop: () => void
  readonly #welcomed = Promise.withResolvers<void>()
  readonly #departing: DepartingCounts
  readonly #shows: Shows = {}
  readonly #heard = new Map<string, Hears>()
  /** What came for those who do not listen yet. */
  #early: Count[] = []
  readonly #looks = new Map<number, (seen: Seen) => void>()
  #take: Takes | undefined
  /** What is to be taken as soon as somebody takes it. */
  #reload: Extract<FromFirst, { say: 'reload' }> | undefined
  #process = 0
  processes = 0
  #next = 0

  constructor(worker: Worker) {
    this.#worker = worker
    const { promise, resolve } = Promise.withResolvers<void>()
    this.stopped = promise
    this.#stop = resolve
    this.#departing = new DepartingCounts((counts, gone) => this.#say({ say: 'counted', counts }, gone))
    worker.on('message', (message: FromFirst) => void this.#hear(message))
  }

  async begin(): Promise<void> {
    this.#say({ say: 'hello' })
    // Without a first process a worker ends of itself.
    await this.#welcomed.promise
  }

  listening(url: string): void {
    this.#say({ say: 'listening', url })
  }

  reloads(take: Takes): void {
    this.#take = take
    this.#takeReload()
  }

  shows<Which extends What>(what: Which, show: Shows[Which]): void {
    this.#shows[what] = show
  }

  async look<Which extends What>(what: Which): Promise<Seen<Which>> {
    const look = ++this.#next
    const { promise, resolve } = Promise.withResolvers<Seen>()
    this.#looks.set(look, resolve)
    this.#say({ say: 'look', look, what })
    const seen = await inTime(promise)
    this.#looks.delete(look)
    // It shows what was asked for. Of metrics, what it had counted when it was last seen is among those before.
    const isIn = seen?.shown.some(({ process }) => process === this.#process) === true
    if (seen && (isIn || what === 'metrics')) return seen as Seen<Which>
    const own = await this.#shows[what]?.()
    const shown = own ? [{ process: this.#process, shown: own }] : []
    const others = Array.from({ length: this.processes }, (_, at) => at + 1).filter((each) => each !== this.#process)
    if (seen === undefined) return { shown, silent: others, before: [] }
    const silent = seen.silent.filter((each) => each !== this.#process)
    return { shown: [...shown, ...(seen as Seen<Which>).shown], silent, before: seen.before }
  }

  of(of: string, heard: Hears): CountsOfOne {
    this.#heard.set(of, heard)
    const early = this.#early
    this.#early = early.filter((count) => count.of !== of)
    for (const count of early) if (count.of === of) heard(count.name, count.amounts)
    return { add: (name, amounts) => this.#departing.add({ of, name, amounts }) }
  }

  async #hear(message: FromFirst): Promise<void> {
    switch (message.say) {
      case 'stop':
        return this.#stop()
      case 'welcome':
        this.#process = message.process
        this.processes = message.processes
        this.#count(message.counts)
        return this.#welcomed.resolve()
      case 'ping':
        return this.#say({ say: 'pong' })
      case 'counted':
        return this.#count(message.counts)
      case 'reload':
        this.#reload = message
        return this.#takeReload()
      case 'seen':
        return this.#looks.get(message.look)?.(message.seen)
      case 'show': {
        const { look, what } = message
        const shown = await Promise.resolve(this.#shows[what]?.()).catch(() => undefined)
        this.#say({ say: 'shown', look, shown })
      }
    }
  }

  #takeReload(): void {
    if (this.#take === undefined || this.#reload === undefined) return
    const { reload, endpoints } = this.#reload
    this.#reload = undefined
    try {
      this.#take(endpoints)
      this.#say({ say: 'reloaded', reload })
    } catch (reason) {
      this.#say({ say: 'reloaded', reload, wrong: AndonError.from(reason).sentence })
    }
  }

  #count(counts: readonly Count[]): void {
    for (const count of counts) {
      const heard = this.#heard.get(count.of)
      if (heard) heard(count.name, count.amounts)
      else this.#early.push(count)
    }
  }

  #say(message: FromWorker, gone: () => void = () => {}): void {
    if (this.#worker.isConnected()) this.#worker.send(message, gone)
  }
}

/** What it resolves with, or undefined when that takes too long. */
async function inTime<Value>(promise: Promise<Value>): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(resolve, patienceMs, undefined)))
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
