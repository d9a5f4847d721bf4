// Streams that are cut at random places and resumed, and what was read of them put together again.

import { request as httpRequest, type IncomingMessage } from 'node:http'
import { seeded } from '../harness.ts'
import { questionOf } from './questions.ts'

export interface Cuts {
  url: string
  answers: number
  cutsEach: number
  atOnce: number
  seed: number
}

export interface CutsResult {
  answers: number
  cuts: number
  /** Answers whose pieces are not exactly the whole: events that are missing, doubled or out of order. */
  wrong: number
  /** Events that were read twice or never, over all answers. */
  lost: number
  doubled: number
  failure: string | undefined
}

interface Read {
  answerId: string
  ids: number[]
  text: string
  end: string | undefined
}

/** Asks, cuts each answer so many times at random bytes, goes on each time behind the last event that came whole. */
export async function cutAndResume({ url, answers, cutsEach, atOnce, seed }: Cuts): Promise<CutsResult> {
  const random = seeded(seed)
  const result: CutsResult = { answers: 0, cuts: 0, wrong: 0, lost: 0, doubled: 0, failure: undefined }
  let next = 0
  const reader = async (): Promise<void> => {
    while (next < answers) {
      const number = next++
      try {
        const read: Read = { answerId: '', ids: [], text: '', end: undefined }
        const body = JSON.stringify({ question: questionOf(number), resumable: true })
        await readSome(await send(url, '/v1/ask', {}, body), read, cutAfter(random))
        let cuts = read.end === undefined ? 1 : 0
        while (read.end === undefined) {
          const last = `${read.answerId}.${read.ids.at(-1) ?? 0}`
          const path = `/v1/answers/${read.answerId}/events`
          const response = await send(url, path, { 'last-event-id': last })
          const cutting = cuts < cutsEach
          await readSome(response, read, cutting ? cutAfter(random) : Infinity)
          if (cutting && read.end === undefined) cuts++
        }
        result.cuts += cuts
        result.answers++
        const whole: Read = { answerId: '', ids: [], text: '', end: undefined }
        await readSome(await send(url, `/v1/answers/${read.answerId}/events`, {}), whole, Infinity)
        judge(read, whole, result)
      } catch (reason) {
        result.wrong++
        result.failure ??= String(reason)
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, reader))
  return result
}

function judge(read: Read, whole: Read, result: CutsResult): void {
  const seen = new Set(read.ids)
  const lost = whole.ids.filter((id) => !seen.has(id)).length
  const doubled = read.ids.length - seen.size
  result.lost += lost
  result.doubled += doubled
  const inOrder = read.ids.every((id, at) => id === at + 1)
  // The text as it came must be the text as the last event says it.
  const same = read.text === read.end && whole.end === read.end
  if (lost > 0 || doubled > 0 || !inOrder || !same) {
    result.wrong++
    result.failure ??= `ids ${read.ids.length} of ${whole.ids.length}, text ${read.text.length} of ${read.end?.length}`
  }
}

/** Anywhere in the first half of what is to come: in its passages, between words, in the middle of an event. */
function cutAfter(random: () => number): number {
  return Math.floor(random() * 10_000)
}

function send(url: string, path: string, headers: Record<string, string>, body?: string): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const sent = httpRequest(`${url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      accept: 'text/event-stream',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
  })
  sent.once('response', resolve)
  sent.once('error', reject)
  sent.end(body)
  return promise
}

/** Reads whole events, until so many bytes came: then the line is cut. */
async function readSome(response: IncomingMessage, read: Read, most: number): Promise<void> {
  if (response.statusCode !== 200) throw new Error(`${response.statusCode} instead of a stream`)
  read.answerId = String(response.headers['andon-answer'])
  const decoder = new TextDecoder()
  let held = ''
  let left = most
  for await (const chunk of response as AsyncIterable<Buffer>) {
    const taken = chunk.subarray(0, left)
    left -= taken.length
    held += decoder.decode(taken, { stream: true })
    const events = held.split('\n\n')
    held = events.pop() ?? ''
    for (const event of events) take(event, read)
    // Leaving the loop destroys the socket.
    if (left <= 0) return
  }
}

function take(event: string, read: Read): void {
  const id = /^id: .*\.(\d+)$/m.exec(event)?.[1]
  const data = /^data: (.*)$/m.exec(event)?.[1]
  if (id === undefined || data === undefined) return
  read.ids.push(Number(id))
  const value = JSON.parse(data) as { type: string; text?: string }
  if (value.type === 'text-delta') read.text += value.text
  if (value.type === 'answer-end') read.end = value.text
}
