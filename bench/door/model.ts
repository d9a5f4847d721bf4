// The model server of this benchmark: says a text at a set pace to everybody who asks, and knows when each reader left.
// It does nothing else, so that what is measured is what stands before it.

import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serveParent, sharedNow } from './process.ts'

/** How the next answers are told. */
export interface Pace {
  /** Words of an answer; without a number it goes on until its reader leaves. */
  pieces?: number
  /** Milliseconds before each piece. */
  everyMs: number
}

export interface ModelReading {
  /** Since the last `pace`. */
  requests: number
  open: number
  whole: number
  /** Shared milliseconds at which a request was closed before its answer was whole, by its trace id. */
  leftAt: Record<string, number>
}

/** Sentences that the handbook bears out, more or less: each is checked like any. */
const text =
  'A thread pool keeps a few threads ready, so that short work does not pay for starting one each time [1]. ' +
  'A process has memory of its own, and when it crashes the others go on as if nothing had happened [2]. ' +
  'Back-pressure means that who produces waits until who consumes has taken what was there before. ' +
  'A queue that has no length hides the overload until the memory is full, and then everybody waits [1]. '

/** Cut as models cut it: a word, with the space before it. About sixty bytes each, as it is sent. */
const pieces = text
  .trimEnd()
  .split(/(?= )/)
  .map((word, at) => frame({ choices: [{ index: 0, delta: { content: at === 0 ? ` ${word}` : word } }] }))
const first = frame({ choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] })
const last = Buffer.concat([
  frame({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
  frame({ choices: [], usage: { prompt_tokens: 1000, completion_tokens: 100 } }),
  Buffer.from('data: [DONE]\n\n'),
])

let pace: Pace = { pieces: 10, everyMs: 10 }
let counts: ModelReading = { requests: 0, open: 0, whole: 0, leftAt: {} }

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  const own = counts
  const traceId = String(request.headers['traceparent'] ?? '').slice(3, 35)
  own.requests++
  own.open++
  response.once('close', () => {
    own.open--
    if (response.writableFinished) own.whole++
    else own.leftAt[traceId] = sharedNow()
  })
  // What is asked does not matter here; it has to be read, or the connection cannot be used again.
  request.resume()
  request.once('end', () => tell(response))
})
server.listen(0, '127.0.0.1', 4096, () => {
  const { port } = server.address() as AddressInfo
  serveParent(handlers(port))
})

const handlers = (port: number) => ({
  url: () => `http://127.0.0.1:${port}/v1`,
  pace(next: Pace) {
    pace = next
    counts = { requests: 0, open: 0, whole: 0, leftAt: {} }
  },
  reading: () => counts,
})

export type ModelProcess = ReturnType<typeof handlers>

function tell(response: ServerResponse): void {
  const { pieces: count = Infinity, everyMs } = pace
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
  response.write(first)
  let told = 0
  const timer = setInterval(() => {
    if (told >= count) {
      clearInterval(timer)
      response.end(last)
      return
    }
    response.write(pieces[told++ % pieces.length])
  }, everyMs)
  response.once('close', () => clearInterval(timer))
}

function frame(value: unknown): Buffer {
  return Buffer.from(`data: ${JSON.stringify(value)}\n\n`)
}
