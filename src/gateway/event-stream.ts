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
    .send(new LineStream(lines, everyMs))
}

/**
 * Lines as a stream that says so when none came for a while. One timer for the whole stream, and next to nothing made
 * for each line: with a thousand streams this is what the process does most.
 */
class LineStream extends Readable {
  readonly #lines: AsyncIterator<string>
  readonly #silence: NodeJS.Timeout
  /** Whether the next line is awaited. */
  #awaiting = false

  constructor(lines: AsyncIterable<string>, everyMs: number) {
    super({ objectMode: true, highWaterMark: 1 })
    this.#lines = lines[Symbol.asyncIterator]()
    this.#silence = setInterval(() => {
      if (this.#awaiting) this.push(': still here\n\n')
    }, everyMs)
    // The first is asked for at once: `return` runs no `finally` of a generator that has not begun.
    this._read()
  }

  override _read(): void {
    if (this.#awaiting || this.destroyed) return
    this.#awaiting = true
    this.#lines.next().then(
      (step) => this.#came(step),
      (reason: unknown) => this.destroy(errorOf(reason)),
    )
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearInterval(this.#silence)
    void this.#leave()
    done(error)
  }

  async #leave(): Promise<void> {
    try {
      await this.#lines.return?.()
    } catch {
      // The reader has gone: there is nobody to tell.
    }
  }

  #came(step: IteratorResult<string>): void {
    this.#awaiting = false
    if (this.destroyed) return
    this.#silence.refresh()
    this.push(step.done === true ? null : step.value)
  }
}

function errorOf(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason))
}
