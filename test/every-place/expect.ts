// What tests of places expect: errors with a code, and events of pools.

import assert from 'node:assert/strict'
import { placeChannel } from '../../src/core/channels.ts'
import type { PlaceEvent } from '../../src/core/channels.ts'
import { AndonError } from '../../src/core/errors.ts'
import type { Code } from '../../src/core/errors.ts'

/** Says whether a rejection has this code; with a pattern for its message. */
export function withCode(code: Code, message?: RegExp): (reason: unknown) => boolean {
  return (reason) => {
    assert.ok(reason instanceof AndonError, `not an AndonError: ${String(reason)}`)
    assert.equal(reason.code, code, reason.message)
    if (message) assert.match(reason.message, message)
    return true
  }
}

/** Resolves with the next event of this kind in this pool. */
export function placeEvent(pool: string, kind: PlaceEvent['event']): Promise<PlaceEvent> {
  return new Promise((resolve) => {
    const stop = placeChannel.subscribe((event) => {
      if (event.event !== kind || event.pool !== pool) return
      stop()
      resolve(event)
    })
  })
}

/** The reason and the place that an error names. */
function named(reason: unknown): { code: string; place?: string; reason?: string; exitCode?: number; signal?: string } {
  assert.ok(reason instanceof AndonError, String(reason))
  return { code: reason.code, ...(reason.detail as object) }
}

/** What the failure of a promise names. */
export async function failureOf(promise: Promise<unknown>): Promise<ReturnType<typeof named>> {
  return named(
    await promise.then(
      () => assert.fail('it did not fail'),
      (reason: unknown) => reason,
    ),
  )
}
