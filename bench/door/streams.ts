// Many streams at once, over bare sockets: the client should cost little beside what it measures.

import { connect, type Socket } from 'node:net'
import { sharedNow } from './process.ts'
import { questionOf, traceIdOf, traceparentOf } from './questions.ts'

export interface OpenStreams {
  url: string
  count: number
  /** How many are opened in a second. */
  perSecond: number
  /** What stands in the stream when the first words of the answer come. */
  firstText: string
}

export interface OpenedStreams {
  firstByteMs: number[]
  firstTextMs: number[]
  failed: number
  failure: string | undefined
}

/** What came since the last reading. */
export interface Flow {
  /** Characters of text: how many pieces they come in is the server's affair. */
  characters: number
  seconds: number
  open: number
}

interface Stream {
  socket: Socket
  traceId: string
}

let open: Stream[] = []
let number = 1
let characters = 0
let since = sharedNow()

/** Opens streams and resolves when each has begun to say something. */
export async function openStreams({ url, count, perSecond, firstText }: OpenStreams): Promise<OpenedStreams> {
  const result: OpenedStreams = { firstByteMs: [], firstTextMs: [], failed: 0, failure: undefined }
  const { hostname, port } = new URL(url)
  const begun: Promise<void>[] = []
  const began = performance.now()
  for (let at = 0; at < count; at++) {
    const wait = began + (at * 1_000) / perSecond - performance.now()
    if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait))
    begun.push(
      openStream(hostname, Number(port), firstText, result).catch((reason: unknown) => {
        result.failed++
        result.failure ??= String(reason)
      }),
    )
  }
  await Promise.all(begun)
  return result
}

async function openStream(host: string, port: number, firstText: string, result: OpenedStreams): Promise<void> {
  const own = number++
  const body = JSON.stringify({ question: questionOf(own), filter: { collections: ['handbook'] } })
  const head = [
    'POST /v1/ask HTTP/1.1',
    `Host: ${host}:${port}`,
    'Content-Type: application/json',
    'Accept: text/event-stream',
    `Traceparent: ${traceparentOf(own)}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
  ]
  const began = performance.now()
  const socket = connect({ host, port, noDelay: true })
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`)
  const stream: Stream = { socket, traceId: traceIdOf(own) }
  const speaking = Promise.withResolvers<void>()
  let heard: Buffer | undefined
  let byte = false
  socket.on('data', (chunk) => {
    characters += textIn(chunk)
    if (heard === undefined && byte) return
    heard = heard ? Buffer.concat([heard, chunk]) : chunk
    const bodyAt = heard.indexOf('\r\n\r\n')
    if (!byte && bodyAt >= 0 && heard.length > bodyAt + 4) {
      if (!heard.subarray(9, 12).equals(ok)) speaking.reject(new Error(heard.toString().slice(0, 600)))
      byte = true
      result.firstByteMs.push(performance.now() - began)
    }
    if (!heard.includes(firstText)) return
    result.firstTextMs.push(performance.now() - began)
    heard = undefined
    speaking.resolve()
  })
  socket.on('error', speaking.reject)
  socket.on('close', () => speaking.reject(new Error('The stream was closed.')))
  open.push(stream)
  await speaking.promise
}

const ok = Buffer.from('200')
const begins = [Buffer.from('"type":"text-delta","text":"'), Buffer.from('"delta":{"content":"')]
const ends = '"'.charCodeAt(0)

/** Characters of text in a packet. The benchmark's text has no quotes and is ASCII. */
function textIn(chunk: Buffer): number {
  let count = 0
  for (const begin of begins)
    for (let at = chunk.indexOf(begin); at >= 0; at = chunk.indexOf(begin, at)) {
      at += begin.length
      count += Math.max(0, chunk.indexOf(ends, at) - at)
    }
  return count
}

/** How much came since this was asked last. */
export function flow(): Flow {
  const now = sharedNow()
  const reading = {
    characters,
    seconds: (now - since) / 1_000,
    open: open.filter(({ socket }) => !socket.closed).length,
  }
  characters = 0
  since = now
  return reading
}

/** Leaves so many streams, one after the other. Tells when, by trace id, in shared milliseconds. */
export async function leave(input: { count: number; everyMs: number }): Promise<Record<string, number>> {
  const left: Record<string, number> = {}
  for (const { socket, traceId } of open.splice(0, input.count)) {
    left[traceId] = sharedNow()
    socket.destroy()
    await new Promise((resolve) => setTimeout(resolve, input.everyMs))
  }
  return left
}

/** Leaves all at once. Tells when the first was left, and when the last. */
export function leaveAll(): { first: number; last: number; count: number } {
  const leaving = open
  open = []
  const first = sharedNow()
  for (const { socket } of leaving) socket.destroy()
  return { first, last: sharedNow(), count: leaving.length }
}
