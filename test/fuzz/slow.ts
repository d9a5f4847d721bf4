// Many who send slowly, a byte now and then: who comes to the end is answered, and nobody else waits for them.

import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { whole } from './raw.ts'

/** The senders of some requests, each dripping its bytes. */
export interface SlowSenders {
  /** Sends what is left at once, and gives what was sent and the status that it was answered with, 0 for none. */
  hurry(): Promise<{ kind: number; status: number }[]>
}

/** Uploads among them: each holds a place while it comes, and the others need some too. */
const fewest = 5

/** Begins to drip so many requests, a few bytes at a time. */
export function drip(port: number, count: number): SlowSenders {
  const hurried = new AbortController()
  const sending = Array.from({ length: count }, async (_, at) => {
    const kind = at < 3 * fewest ? at % whole.length : 2 * (at % 2)
    return { kind, status: await one(port, whole[kind] ?? '', hurried.signal) }
  })
  return {
    async hurry() {
      hurried.abort()
      return Promise.all(sending)
    },
  }
}

async function one(port: number, text: string, hurried: AbortSignal): Promise<number> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  const over = Promise.withResolvers<number>()
  let seen = ''
  socket.setEncoding('latin1').on('data', (part) => {
    seen += String(part)
    const [, status] = /^HTTP\/1\.1 (\d{3}) /.exec(seen) ?? []
    if (status === undefined) return
    over.resolve(Number(status))
    socket.destroy()
  })
  socket.on('error', () => {})
  socket.on('close', () => over.resolve(0))
  let at = 0
  // From its end backwards it would be no request: the first bytes come first, one by one.
  while (at < text.length && !hurried.aborted && socket.writable) {
    socket.write(text.slice(at, at + 1))
    at++
    await pause(100, undefined, { signal: hurried }).catch(() => {})
  }
  if (socket.writable) socket.write(text.slice(at))
  return over.promise
}
