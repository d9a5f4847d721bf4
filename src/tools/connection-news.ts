// What connections announce by themselves, in whichever worker they are; it is heard in the thread of the registry too.

import { announcer } from '../core/channels.ts'
import type { Announcer } from '../core/channels.ts'

/** Something happened to a connection. */
export interface ConnectionNews {
  /** Of its registration: see `McpReach`. */
  id: string
  /** Its tools may be others now; it was lost; it rests. */
  event: 'tools-changed' | 'lost' | 'resting'
  /** One sentence. */
  message?: string
}

/** News of connections, in this thread. */
export const connectionChannel: Announcer<ConnectionNews> = announcer('andon:connection')

/** News in this thread from now on, as JSON, until the signal. What is said twice before it was heard is said once. */
export async function* newsUntil(signal: AbortSignal): AsyncGenerator<string> {
  const waiting = new Set<string>()
  let wake: (() => void) | undefined
  const over = (): void => wake?.()
  const stop = connectionChannel.subscribe((news) => {
    waiting.add(JSON.stringify(news))
    wake?.()
  })
  signal.addEventListener('abort', over, { once: true })
  try {
    while (!signal.aborted) {
      const [next] = waiting
      if (next === undefined) await new Promise<void>((resolve) => (wake = resolve))
      else {
        waiting.delete(next)
        yield next
      }
    }
  } finally {
    stop()
    signal.removeEventListener('abort', over)
  }
}
