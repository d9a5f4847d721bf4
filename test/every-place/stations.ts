// Stations whose behaviour the suite of every place is about: they count, echo, stick, die and can be watched.

import { AndonError } from '../../src/core/errors.ts'
import { moved } from '../../src/core/moved.ts'
import { recipeBeside } from '../../src/core/recipe.ts'
import type { Call, Recipe, Station } from '../../src/core/station.ts'

/** What the test station is asked to do. */
export type Order =
  /** Yields 1, 2, 3 … `to` (default: for ever), telling under `as` what it is doing. */
  | { do: 'count'; to?: number; as?: string; failAt?: number; breath?: boolean }
  | { do: 'echo'; value: unknown }
  /** Ends without an item. */
  | { do: 'nothing' }
  /** Waits for its signal, and yields nothing. */
  | { do: 'wait'; as?: string }
  /** Waits for something that never comes, whatever its signal says. */
  | { do: 'stick' }
  /** Says `started`, then computes for ever without looking at its signal. */
  | { do: 'spin' }
  /** Yields how many numbers the counter `as` has made so far. */
  | { do: 'made'; as: string }
  /** Yields when the counter or waiter `as` has stopped: by what. */
  | { do: 'stopped'; as: string }
  | { do: 'array'; length: number }
  | { do: 'sum'; array: Float64Array }
  | { do: 'function' }
  | { do: 'call' }
  | { do: 'pid' }
  | { do: 'environment' }
  | { do: 'exhaust' }
  | { do: 'hoard'; mb: number }
  | { do: 'exit'; code: number }
  | { do: 'throw-later' }

/** Something that a test can wait for, by name. */
class Moment {
  made = 0
  readonly #stopped = Promise.withResolvers<string>()
  get stopped(): Promise<string> {
    return this.#stopped.promise
  }
  stop(by: string): void {
    this.#stopped.resolve(by)
  }
}

const moments = new Map<string, Moment>()

function moment(name: string): Moment {
  const found = moments.get(name) ?? new Moment()
  moments.set(name, found)
  return found
}

export const testStation: Recipe<Order, unknown> = recipeBeside(import.meta, './stations', 'makeTestStation')

export function makeTestStation(): Station<Order, unknown> {
  return { name: 'test', run }
}

/** A station that cannot be made. */
export function makeImpossible(): never {
  throw new AndonError('unsupported', 'This station cannot be made', { detail: { why: 'it is impossible' } })
}

/** A station whose worker dies as soon as it is made. */
export function makeDoomed(): Station<Order, unknown> {
  process.exit(3)
}

/** A station with something to free: says so on the board that it shares. */
export function makeFreeing(_options: unknown, shared?: object): Station<Order, unknown> & AsyncDisposable {
  const board = new Int32Array(shared as SharedArrayBuffer)
  return {
    name: 'freeing',
    run,
    async [Symbol.asyncDispose]() {
      await Promise.resolve()
      Atomics.add(board, 0, 1)
    },
  }
}

async function* run(order: Order, call: Call): AsyncGenerator<unknown> {
  switch (order.do) {
    case 'count':
      return yield* count(order, call)
    case 'echo':
      return yield order.value
    case 'nothing':
      return
    case 'wait': {
      const { promise, reject } = Promise.withResolvers<never>()
      call.signal.addEventListener('abort', () => reject(call.signal.reason as AndonError))
      try {
        await promise
      } finally {
        if (order.as) moment(order.as).stop(AndonError.from(call.signal.reason).code)
      }
      return
    }
    case 'stick':
      await new Promise(() => {})
      return
    case 'spin':
      yield 'started'
      for (;;);
    case 'made':
      return yield moment(order.as).made
    case 'stopped':
      return yield await moment(order.as).stopped
    case 'array': {
      const array = new Float64Array(order.length).fill(1)
      yield moved({ array }, [array.buffer])
      return yield array.byteLength
    }
    case 'sum':
      return yield order.array.reduce((sum, value) => sum + value, 0)
    case 'function':
      return yield () => 1
    case 'call':
      return yield {
        id: call.id,
        tenant: call.tenant,
        trace: call.trace,
        left: Math.round(call.deadline - performance.now()),
      }
    case 'pid':
      return yield process.pid
    case 'environment':
      return yield Object.keys(process.env)
    case 'exhaust': {
      const hoard: unknown[] = []
      for (;;) hoard.push(new Array(1e5).fill({ hoard }))
    }
    case 'hoard': {
      const hoard = Array.from({ length: order.mb }, () => Buffer.alloc(2 ** 20, 1))
      await new Promise(() => {})
      return yield hoard.length
    }
    case 'exit':
      return process.exit(order.code)
    case 'throw-later':
      setImmediate(() => {
        throw new Error('thrown outside of any call')
      })
      await new Promise(() => {})
  }
}

async function* count(order: Order & { do: 'count' }, call: Call): AsyncGenerator<number> {
  const board = moment(order.as ?? call.id)
  try {
    for (let number = 1; number <= (order.to ?? Infinity); number++) {
      if (number === order.failAt) {
        throw new AndonError('too-large', `Cannot count ${number}`, { detail: { number }, retryAfterMs: 7 })
      }
      if (order.breath !== false) await new Promise((resolve) => setImmediate(resolve))
      board.made = number
      yield number
    }
    board.stop('end')
  } finally {
    board.stop(call.signal.aborted ? AndonError.from(call.signal.reason).code : 'left')
  }
}
