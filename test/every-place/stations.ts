// Stations whose behaviour the suite of every place is about: they count, echo, stick, die and say what happens to them.

import { existsSync } from 'node:fs'
import { AndonError } from '../../src/core/errors.ts'
import { moved } from '../../src/core/moved.ts'
import type { Plain } from '../../src/core/plain.ts'
import { recipeBeside } from '../../src/core/recipe.ts'
import type { Call, Recipe, Station } from '../../src/core/station.ts'
import { tell } from './board.ts'

/** What the test station is asked to do. `board` is the port of a board, `as` a name on it. */
export type Order =
  /** Yields 1, 2, 3 … `to` (default: for ever). */
  | { do: 'count'; to?: number; failAt?: number; board?: number; as?: string }
  | { do: 'echo'; value: unknown }
  /** Ends without an item. */
  | { do: 'nothing' }
  /** Throws an error of its own kind. */
  | { do: 'throw' }
  /** Waits for its signal, and yields nothing. */
  | { do: 'wait'; board: number; as: string }
  /** Waits for something that never comes, whatever its signal says. */
  | { do: 'stick' }
  /** Says `started`, then computes for ever without looking at its signal. */
  | { do: 'spin' }
  /** Computes for this long, in milliseconds. */
  | { do: 'compute'; ms: number }
  /** Yields an array of ones, then how many bytes the sender still has of it. */
  | { do: 'array'; length: number }
  | { do: 'sum'; array: Float64Array }
  /** Yields something that cannot be sent. */
  | { do: 'function' }
  | { do: 'call' }
  | { do: 'pid' }
  | { do: 'environment' }
  /** Fills its heap. */
  | { do: 'exhaust' }
  /** Fills memory outside its heap. */
  | { do: 'hoard'; mb: number }
  | { do: 'exit'; code: number }
  | { do: 'throw-later' }

export const testStation: Recipe<Order, unknown> = recipeBeside(import.meta, './stations', 'makeTestStation')

/** The recipe of another export of this module. */
export function recipeOf(name: string, options: Plain = null): Recipe<Order, unknown> {
  return recipeBeside(import.meta, './stations', name, options)
}

export function makeTestStation(): Station<Order, unknown> {
  return { name: 'test', run }
}

/** A station that cannot be made. */
export function makeImpossible(): never {
  throw new AndonError('unsupported', 'This station cannot be made', { detail: { why: 'it is impossible' } })
}

/** A station whose worker dies while it is made. */
export function makeDoomed(): never {
  return process.exit(3)
}

/** A station whose worker dies while it is made, unless a file is there. */
export function makeWhileFlagged(options: Plain): Station<Order, unknown> {
  const { flag } = options as { flag: string }
  return existsSync(flag) ? makeTestStation() : makeDoomed()
}

/** A station with something to free. */
export function makeFreeing(options: Plain): Station<Order, unknown> & AsyncDisposable {
  const { board, as } = options as { board: number; as: string }
  return { name: 'freeing', run, [Symbol.asyncDispose]: () => tell(board, { as, event: 'freed', value: process.pid }) }
}

/** A station that sees the memory which it shares with the one who opened it. */
export function makeSharing(_options: Plain, shared?: object): Station<Order, unknown> {
  if (!(shared instanceof SharedArrayBuffer)) throw new AndonError('invalid', 'Nothing is shared')
  const board = new Int32Array(shared)
  return {
    name: 'sharing',
    async *run() {
      yield Atomics.add(board, 0, 1)
    },
  }
}

async function* run(order: Order, call: Call): AsyncGenerator<unknown, void> {
  switch (order.do) {
    case 'count':
      yield* count(order, call)
      break
    case 'echo':
      yield order.value
      break
    case 'nothing':
      break
    case 'throw':
      throw new RangeError('a plain error')
    case 'wait':
      try {
        await new Promise((_resolve, reject) => {
          call.signal.addEventListener('abort', () => reject(AndonError.from(call.signal.reason)))
        })
      } finally {
        void tell(order.board, { as: order.as, event: 'stopped', value: AndonError.from(call.signal.reason).code })
      }
      break
    case 'stick':
      await new Promise(() => {})
      break
    case 'spin':
      yield 'started'
      // The item must be on its way before this thread is blocked.
      await new Promise((resolve) => setImmediate(resolve))
      for (;;);
    case 'compute':
      for (const end = performance.now() + order.ms; performance.now() < end;);
      yield order.ms
      break
    case 'array': {
      const array = new Float64Array(order.length).fill(1)
      yield moved({ array }, [array.buffer])
      await new Promise((resolve) => setImmediate(resolve))
      yield array.byteLength
      break
    }
    case 'sum':
      yield order.array.reduce((sum, value) => sum + value, 0)
      break
    case 'function':
      yield () => 1
      break
    case 'call':
      yield { id: call.id, tenant: call.tenant, trace: call.trace, left: call.deadline - performance.now() }
      break
    case 'pid':
      yield process.pid
      break
    case 'environment':
      yield Object.keys(process.env)
      break
    case 'exhaust': {
      // In small steps: V8 asks a thread to stop at its limit, and ends the whole program when it takes much more first.
      let hoard: object = {}
      for (;;) hoard = { hoard }
    }
    case 'hoard': {
      const hoard = Array.from({ length: order.mb }, () => Buffer.alloc(2 ** 20, 1))
      await new Promise(() => {})
      yield hoard.length
      break
    }
    case 'exit':
      process.exit(order.code)
    case 'throw-later':
      setImmediate(() => {
        throw new Error('thrown outside of any call')
      })
      await new Promise(() => {})
  }
}

async function* count(order: Order & { do: 'count' }, call: Call): AsyncGenerator<number> {
  const { board, as = 'count' } = order
  let how = 'left'
  try {
    for (let number = 1; number <= (order.to ?? Infinity); number++) {
      if (number === order.failAt) {
        throw new AndonError('too-large', `Cannot count ${number}`, { detail: { number }, retryAfterMs: 7 })
      }
      await new Promise((resolve) => setImmediate(resolve))
      if (board !== undefined) void tell(board, { as, event: 'made', value: number })
      yield number
    }
    how = 'end'
  } finally {
    if (call.signal.aborted) how = AndonError.from(call.signal.reason).code
    if (board !== undefined) void tell(board, { as, event: 'stopped', value: how })
  }
}
