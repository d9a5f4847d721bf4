// Those of this process who wait for permits of the host. Whoever needs several collects them one by one, and only one
// process at a time may do so: two that collect could each hold what the other lacks.

import type { Arbiter } from '../arbiter.ts'
import type { Held } from '../held.ts'
import type { SharedPermits } from '../permits.ts'
import { WaiterList, type LineDescription, type PrimitiveOptions, type WaitOptions } from '../waiters.ts'

/** Most permits that are asked for at once, for those who need one each. */
const mostWanted = 256

/** The line of one name. */
export class PermitsLine implements Disposable {
  readonly #permits: SharedPermits
  /** The one permit of whoever may collect several. */
  readonly #collecting: SharedPermits | undefined
  readonly #line: WaiterList<Held, number>
  /** What the one in front has so far. */
  #collected = 0
  #closed = false

  constructor(arbiter: Arbiter, name: string, limit: number, late: LineDescription, options: PrimitiveOptions) {
    this.#line = new WaiterList(late, options, () => this.#serve())
    this.#permits = arbiter.open(name, limit, () => this.#serve())
    this.#collecting = limit === 1 ? undefined : arbiter.open(`${name} (several)`, 1, () => this.#serve())
  }

  get waiting(): number {
    return this.#line.size
  }

  acquire(weight: number, options: WaitOptions | undefined): Promise<Held> {
    const refusal = this.#line.refusal(options)
    if (refusal) return Promise.reject(refusal)
    const { promise } = this.#line.add(weight, options)
    this.#serve()
    return promise
  }

  [Symbol.dispose](): void {
    if (this.#closed) return
    this.#closed = true
    this.#line.close()
    this.#serve()
  }

  /** Takes what is at hand for those in front, and says what is wanted still. */
  #serve(): void {
    for (;;) {
      const first = this.#line.first
      if (first === undefined) break
      // Whoever collected has left, and the next needs less.
      this.#keep(first.want)
      if (first.want > 1 && !this.#mayCollect()) break
      while (this.#collected < first.want && this.#permits.take()) this.#collected++
      if (this.#collected < first.want) break
      this.#collected = 0
      if (first.want > 1) this.#stopCollecting()
      this.#line.remove(first)
      first.resolve(new Permits(first.want, this.#give))
    }
    const first = this.#line.first
    if (first === undefined) this.#keep(0)
    if (first === undefined || first.want === 1) this.#stopCollecting()
    this.#permits.want(this.#wanted)
    this.#endWhenIdle()
  }

  /** What those in front want: the one that collects, or all up to the first that will. */
  get #wanted(): number {
    const { first } = this.#line
    if (first && first.want > 1) return this.#collecting?.held ? first.want - this.#collected : 0
    let wanted = 0
    for (let at = first; at?.want === 1 && wanted < mostWanted; at = at.after) wanted++
    return wanted
  }

  #mayCollect(): boolean {
    const collecting = this.#collecting
    if (collecting === undefined || collecting.held > 0) return true
    if (collecting.take()) {
      collecting.want(0)
      return true
    }
    collecting.want(1)
    return false
  }

  #stopCollecting(): void {
    const collecting = this.#collecting
    if (collecting === undefined) return
    collecting.want(0)
    if (collecting.held > 0) collecting.give()
  }

  readonly #give = (weight: number): void => {
    this.#giveBack(weight)
    this.#endWhenIdle()
  }

  /** Keeps so many at most of what was collected. */
  #keep(most: number): void {
    const spare = Math.max(0, this.#collected - most)
    this.#collected -= spare
    this.#giveBack(spare)
  }

  #giveBack(count: number): void {
    for (let left = count; left > 0; left--) this.#permits.give()
  }

  /** Closing the permits gives back all that is held: who holds some comes first. */
  #endWhenIdle(): void {
    if (!this.#closed || this.#permits.held > 0) return
    this.#permits[Symbol.dispose]()
    this.#collecting?.[Symbol.dispose]()
  }
}

class Permits implements Held {
  readonly #weight: number
  #give: ((weight: number) => void) | undefined

  constructor(weight: number, give: (weight: number) => void) {
    this.#weight = weight
    this.#give = give
  }

  get held(): boolean {
    return this.#give !== undefined
  }

  release(): void {
    const give = this.#give
    this.#give = undefined
    give?.(this.#weight)
  }

  [Symbol.dispose](): void {
    this.release()
  }
}
