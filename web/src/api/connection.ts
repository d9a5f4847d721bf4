// Whether the server answers, and how its line is: asked every 15 seconds, and every 5 while it does not answer.

import { signal } from '@preact/signals'
import type { Health } from '../../../src/core/factory.ts'

/** What /health/ready says. Who is not signed in may be told the status only. */
export interface Line extends Partial<Health> {
  status: 'ready' | 'starting' | 'draining' | 'late' | 'not ready'
}

/** Unix ms since when nobody answers; undefined while somebody does. */
export const offlineSince = signal<number | undefined>(undefined)

/** What the server last said about itself. */
export const line = signal<Line | undefined>(undefined)

const everyMs = 15_000

/** How often a server that does not answer is tried again. */
export const retryMs = 5000

let timer: ReturnType<typeof setTimeout> | undefined
let asking = false

/** Somebody answered a request. */
export function reached(): void {
  if (offlineSince.value === undefined) return
  offlineSince.value = undefined
  void look()
}

/** Nobody answered a request. */
export function unreachable(): void {
  offlineSince.value ??= Date.now()
  next(retryMs)
}

/** Asks at once how the line is, and from then on again and again while the page is seen. */
export async function look(): Promise<void> {
  if (asking) return
  asking = true
  try {
    // 503 tells of itself too: not ready, or draining.
    const response = await fetch('/health/ready', { cache: 'no-store', signal: AbortSignal.timeout(10_000) })
    line.value = await response.json()
    offlineSince.value = undefined
  } catch {
    offlineSince.value ??= Date.now()
  } finally {
    asking = false
    next(offlineSince.value === undefined ? everyMs : retryMs)
  }
}

/** Resolves once the server answers again; at once when it does. Rejects with the signal's reason. */
export async function untilReached(abort?: AbortSignal): Promise<void> {
  if (offlineSince.value === undefined) return
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const stop = offlineSince.subscribe((since) => since === undefined && resolve())
  const leave = (): void => reject(abort?.reason)
  abort?.addEventListener('abort', leave)
  if (abort?.aborted) leave()
  try {
    await promise
  } finally {
    stop()
    abort?.removeEventListener('abort', leave)
  }
}

function next(ms: number): void {
  clearTimeout(timer)
  if (!document.hidden) timer = setTimeout(() => void look(), ms)
}

document.addEventListener('visibilitychange', () => void (document.hidden ? clearTimeout(timer) : look()))
addEventListener('online', () => void look())
addEventListener('offline', () => unreachable())
