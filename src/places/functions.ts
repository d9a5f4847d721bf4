// The far side of a pool of functions: a station that calls the exports of one module by their names.

import { AsyncLocalStorage } from 'node:async_hooks'
import { AndonError } from '../core/errors.ts'
import type { Call, Maker, Recipe, Station } from '../core/station.ts'

/** One call of a function. */
export interface FunctionCall {
  readonly name: string
  readonly args: readonly unknown[]
}

const calls = new AsyncLocalStorage<Call>()

/**
 * The call that a function of a pool was called for: its signal aborts when the caller leaves or the time is over, its
 * deadline says how long there is. A function that heeds it keeps its worker; one that does not costs it. Undefined
 * outside of a pool.
 */
export function currentCall(): Call | undefined {
  return calls.getStore()
}

/** The functions of a module, as a station of a pool. */
export function functionsOf(module: string): Recipe<FunctionCall, unknown> {
  return { module: import.meta.url, export: 'makeFunctions', options: module }
}

/** Imports the module once for each worker. */
export const makeFunctions: Maker<string, FunctionCall, unknown> = async (module) => {
  const exports = (await import(module)) as Record<string, unknown>
  return new Functions(module, exports)
}

class Functions implements Station<FunctionCall, unknown> {
  readonly name = 'functions'
  readonly #module: string
  readonly #exports: Record<string, unknown>

  constructor(module: string, exports: Record<string, unknown>) {
    this.#module = module
    this.#exports = exports
  }

  async *run({ name, args }: FunctionCall, call: Call): AsyncIterable<unknown> {
    const found = Object.hasOwn(this.#exports, name) ? this.#exports[name] : undefined
    if (typeof found === 'function') {
      yield await calls.run(call, async () => (await found(...args)) as unknown)
      return
    }
    const names = Object.keys(this.#exports).filter((each) => typeof this.#exports[each] === 'function')
    throw new AndonError('invalid', `${this.#module} exports no function ${name}: it exports ${names.join(', ')}`)
  }
}
