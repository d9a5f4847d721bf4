// Server-sent events over one response: a line when nothing happens for long, and nothing on the way that buffers.

import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'

/** Milliseconds of silence after which a comment is sent, so that no proxy takes the connection for dead. */
export const heartbeatMs = 10_000

/** One event in the wire format of the HTML standard. `data` must be a single line, as JSON is. */
export function eventLine(data: string, event?: string, id?: string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}${event === undefined ? '' : `event: ${event}\n`}data: ${data}\n\n`
}

/**
 * Sends lines as they come. The reader's pace holds the lines back; a reader that leaves ends them (`return`), also one
 * that had left before the first. The headers ask caches and proxies neither to keep, nor to change, nor to buffer.
 */
export function sendEventStream(
  reply: FastifyReply,
  lines: AsyncIterable<string>,
  everyMs = heartbeatMs,
): FastifyReply {
  return reply
    .header('content-type', 'text/event-stream; charset=utf-8')
    .header('cache-control', 'no-cache, no-transform')
    .header('x-accel-buffering', 'no')
    .send(Readable.from(begun(withHeartbeat(lines, everyMs))))
}

async function* withHeartbeat(lines: AsyncIterable<string>, everyMs: number): AsyncGenerator<string> {
  const iterator = lines[Symbol.asyncIterator]()
  let ended = false
  try {
    for (;;) {
      const next = iterator.next()
      for (;;) {
        const result = await orSilence(next, everyMs)
        if (result === undefined) {
          yield ': still here\n\n'
          continue
        }
        if (result.done === true) {
          ended = true
          return
        }
        yield result.value
        break
      }
    }
  } finally {
    if (!ended) await iterator.return?.()
  }
}

/** The same lines, with the first asked for at once: `return` runs no `finally` of a generator that has not begun. */
function begun(lines: AsyncGenerator<string>): AsyncIterable<string> {
  let first: Promise<IteratorResult<string>> | undefined = lines.next()
  // Told to whoever asks for it.
  first.catch(() => {})
  const iterator: AsyncIterator<string> = {
    next() {
      const next = first ?? lines.next()
      first = undefined
      return next
    },
    return: () => lines.return(undefined),
  }
  return { [Symbol.asyncIterator]: () => iterator }
}

/** What the promise gives, or undefined when it takes longer. */
async function orSilence<Value>(promise: Promise<Value>, milliseconds: number): Promise<Value | undefined> {
  const silence = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => silence.resolve(undefined), milliseconds)
  try {
    return await Promise.race([promise, silence.promise])
  } finally {
    clearTimeout(timer)
  }
}
