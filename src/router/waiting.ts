// Waiting that ends with its call, and no later.

import { onOver } from '../core/call.ts'
import type { Call } from '../core/station.ts'

/** Waits so many milliseconds. Throws the call's reason as soon as it is over. */
export async function delay(ms: number, call: Call): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  const stopListening = onOver(call, reject)
  try {
    await promise
  } finally {
    clearTimeout(timer)
    stopListening()
  }
}

/** What a promise gives within so many milliseconds; undefined when it is later. */
export async function within<Value>(ms: number, promise: Promise<Value>): Promise<Value | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => resolve(undefined), ms)
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
