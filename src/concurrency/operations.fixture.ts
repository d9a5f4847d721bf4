// What the models of operations share: chance from a seed, how somebody leaves, and those who wait.

import { deepEqual, equal } from 'node:assert/strict'
import { AndonError } from '../core/errors.ts'
import { generator } from './scheduler.fixture.ts'

/** How whoever leaves a line says so. */
export const left = new AndonError('cancelled', 'Left')

/** Chance from a seed: whole numbers below a bound. */
export function chance(seed: number): (below: number) => number {
  const draw = generator(seed)
  return (below) => draw() % below
}

/** Lets everything that was set free be heard. */
export async function heard(): Promise<void> {
  for (let ticks = 0; ticks < 4; ticks++) await Promise.resolve()
}

/** Those who wait for something to happen: who was freed, in which order, and who left. */
export class Waiting {
  readonly line: { id: number; controller: AbortController }[] = []
  readonly news: string[] = []
  readonly expected: string[] = []
  #ids = 0

  wait(wait: (options: { signal: AbortSignal }) => Promise<unknown>, free: boolean): void {
    const waiter = { id: this.#ids++, controller: new AbortController() }
    wait({ signal: waiter.controller.signal }).then(
      () => this.news.push(`freed ${waiter.id}`),
      (reason: unknown) => this.news.push(reason === left ? `left ${waiter.id}` : String(reason)),
    )
    if (free) this.expected.push(`freed ${waiter.id}`)
    else this.line.push(waiter)
  }

  free(count = Infinity): void {
    for (const { id } of this.line.splice(0, count)) this.expected.push(`freed ${id}`)
  }

  leave(which: number): void {
    const [waiter] = this.line.splice(which, 1)
    waiter?.controller.abort(left)
    if (waiter) this.expected.push(`left ${waiter.id}`)
  }

  async compare(waiting: number): Promise<void> {
    await heard()
    deepEqual(this.news, this.expected)
    this.news.length = this.expected.length = 0
    equal(waiting, this.line.length)
  }
}
