// What every desk of the factory has in common: whose request it is, how it travels on, and what is not there.

import { openCall, type OwnedCall } from '../core/call.ts'
import { AndonError } from '../core/errors.ts'
import type { Caller } from '../core/factory.ts'
import type { Options } from '../options.ts'
import { mustBe } from '../requests.ts'

export interface Desk {
  readonly options: Options
  /** Aborts when the factory closes. */
  readonly closing: AbortSignal
  /** Whose request it is; throws `invalid` for a caller that is none. */
  tenantOf(caller: Caller | undefined): string
  /** The call that a request travels on as; to be disposed. */
  callFor(caller: Caller | undefined, budgetMs?: number): OwnedCall
}

/** The desk of a factory. */
export function openDesk(options: Options, closing: AbortSignal): Desk {
  const tenantOf = (caller: Caller | undefined): string => {
    mustBe.caller(caller)
    return caller?.tenant ?? options.tenant
  }
  return {
    options,
    closing,
    tenantOf,
    callFor: (caller, budgetMs) =>
      openCall({
        tenant: tenantOf(caller),
        shutdown: closing,
        ...(caller?.key ? { key: caller.key } : {}),
        ...(caller?.signal ? { signal: caller.signal } : {}),
        ...(caller?.trace === undefined ? {} : { trace: caller.trace }),
        ...(budgetMs === undefined ? {} : { budgetMs }),
      }),
  }
}

/** The value, or `not-found`. */
export function known<Value>(value: Value | undefined, what: string, id: string): Value {
  if (value === undefined)
    throw new AndonError('not-found', `There is no ${what} ${id}: look for its id in the list of ${what}s`)
  return value
}
