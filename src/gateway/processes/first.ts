// The first process' side of the conversation: it carries what one worker asks to all and what they show back, passes
// counts on, and remembers what workers that are gone had counted, so that sums never fall.

import type { Worker } from 'node:cluster'
import { AggregatorRegistry } from 'prom-client'
import { MemorySpending } from '../../router/spending.ts'
import { DepartingCounts } from './counts.ts'
import type { FromFirst, FromWorker, Metric, Seen, What } from './messages.ts'
import { spentCount, spentKind, spentOf } from './spending.ts'

/** How long workers may take to show themselves, in milliseconds. */
const lookMs = 1_000

interface Member {
  readonly process: number
  readonly counts: DepartingCounts
  /** Whether it has said hello. */
  here: boolean
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

export class FirstProcess {
  readonly #processes: number
  readonly #members = new Map<Worker, Member>()
  readonly #looks = new Map<number, Look>()
  readonly #spent = new MemorySpending()
  #gone: Promise<readonly Metric[]> = Promise.resolve([])
  #next = 0

  /** `processes`: how many there are to be. */
  constructor(processes: number) {
    this.#processes = processes
  }

  /** Numbers that no process has. */
  free(): number[] {
    const taken = new Set([...this.#members.values()].map(({ process }) => process))
    return Array.from({ length: this.#processes }, (_, at) => at + 1).filter((number) => !taken.has(number))
  }

  /** A worker has begun, with one of the numbers that were free. */
  began(worker: Worker, process: number): void {
    const counts = new DepartingCounts((counts, gone) => {
      if (worker.isConnected()) worker.send({ say: 'counted', counts } satisfies FromFirst, gone)
    })
    this.#members.set(worker, { process, counts, here: false, counted: [] })
  }

  /** A worker has ended. What it had counted stays counted. */
  ended(worker: Worker): void {
    const member = this.#members.get(worker)
    if (member === undefined) return
    this.#members.delete(worker)
    for (const look of this.#looks.values()) if (look.pending.has(worker)) this.#left(look, worker, member)
    const { counted } = member
    if (counted.length === 0) return
    this.#gone = this.#gone.then(async (gone) => AggregatorRegistry.aggregate([gone, counted]).getMetricsAsJSON())
  }

  /** A worker has said something. */
  hear(worker: Worker, message: FromWorker): void {
    const member = this.#members.get(worker)
    if (member === undefined) return
    switch (message.say) {
      case 'hello': {
        member.here = true
        const counts = [...this.#spent.all()].map((spent) => spentCount(...spent))
        const { process } = member
        return say(worker, { say: 'welcome', process, processes: this.#processes, counts })
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
        if (look.pending.size === 0) look.over()
        return
      }
      case 'counted':
        for (const count of message.counts) {
          if (count.of === spentKind) this.#spent.add(...spentOf(count))
          for (const [other, { here, counts }] of this.#members) if (here && other !== worker) counts.add(count)
        }
    }
  }

  /** Asks all who are here, and waits for them, but not long. */
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
    if (look.pending.size > 0) await promise
    clearTimeout(late)
    this.#looks.delete(number)
    for (const worker of look.pending) {
      const member = this.#members.get(worker)
      if (member === undefined) continue
      look.silent.push(member.process)
      look.before.push(...member.counted)
    }
    if (what === 'metrics') look.before.push(...(await gone))
    const shown = look.shown.toSorted((one, other) => one.process - other.process)
    return { shown, silent: look.silent, before: look.before }
  }

  /** One of those that a look waits for is gone. */
  #left(look: Look, worker: Worker, { counted }: Member): void {
    look.pending.delete(worker)
    look.before.push(...counted)
    if (look.pending.size === 0) look.over()
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
