// An answer as it comes, in the chunks of whichever protocol it is: every event of a stream is parsed, and looked at for
// an error, before its reader sees it.

import { AndonError } from '../core/errors.ts'
import type { Chunk } from './chat-wire.ts'
import { eventFailure, isRecord, parsed, problemIn, quoted } from './failure.ts'
import type { Blame } from './failure.ts'
import type { Reply } from './reply.ts'
import { EventParser } from './sse.ts'
import type { ServerSentEvent } from './sse.ts'

/** Reads one answer; it may remember what came before. */
export interface ChunkReader {
  /** What a parsed event, or a whole answer, says. */
  read(value: Record<string, unknown>): Iterable<Chunk | 'done'>
}

/**
 * Chunks of a stream, or of an answer that came in one piece although a stream was asked for. Whatever is wrong with
 * them is thrown as an AndonError that names `blame`; `expect` is called before each wait.
 */
export async function* readChunks(
  reply: Reply,
  reader: ChunkReader,
  blame: Blame,
  expect: () => void,
): AsyncGenerator<Chunk | 'done', void, undefined> {
  if (reply.mediaType === 'application/json' || reply.mediaType === 'text/html') {
    const answer = checked(await reply.json(), blame)
    const chunks = Array.from(reader.read(answer))
    if (chunks.every((chunk) => chunk !== 'done' && isOnlyText(chunk) && chunk.text === ''))
      throw malformed(JSON.stringify(answer), blame, 'something that is no answer')
    yield* chunks
    yield 'done'
    return
  }
  const parser = new EventParser()
  for await (const bytes of reply.chunks(expect)) yield* joined(chunksIn(parser.push(bytes), reader, blame))
  yield* joined(chunksIn(parser.end(), reader, blame))
}

function* chunksIn(
  events: readonly ServerSentEvent[],
  reader: ChunkReader,
  blame: Blame,
): Generator<Chunk | 'done', void, undefined> {
  for (const event of events) yield* chunksOf(event, reader, blame)
}

function* chunksOf(
  event: ServerSentEvent,
  reader: ChunkReader,
  blame: Blame,
): Generator<Chunk | 'done', void, undefined> {
  const data = event.data.trim()
  if (data === '' || event.event === 'ping') return
  if (data === '[DONE]') {
    yield 'done'
    return
  }
  const value = parsed(data)
  if (value !== undefined) {
    yield* reader.read(checked(value, blame, event.event))
    return
  }
  if (event.event === 'error') throw eventFailure(blame, { message: data })
  // Several events without the blank line between them.
  const lines = data.split('\n')
  if (lines.length < 2) throw malformed(data, blame)
  for (const line of lines) yield* chunksOf({ event: event.event, data: line }, reader, blame)
}

function checked(value: unknown, blame: Blame, event = 'message'): Record<string, unknown> {
  const problem = problemIn(value)
  if (problem !== undefined) throw eventFailure(blame, problem)
  if (event === 'error') throw eventFailure(blame, { message: JSON.stringify(value) })
  if (!isRecord(value)) throw malformed(JSON.stringify(value), blame)
  return value
}

function malformed(
  data: string,
  { who, secrets }: Blame,
  what = 'an event that is no JSON, so part of its answer is lost',
): AndonError {
  return new AndonError('unavailable', `${who} sent ${what}: ${quoted(data.slice(0, 120), secrets)}`, {
    detail: { retry: true, kind: 'malformed' },
  })
}

/**
 * Text that came together goes on together. A process that is behind its streams so has less to do for each word, and
 * catches up; one that is not hands on every token by itself.
 */
function* joined(chunks: Iterable<Chunk | 'done'>): Generator<Chunk | 'done', void, undefined> {
  let held: Chunk | undefined
  try {
    for (const chunk of chunks) {
      if (chunk !== 'done' && isOnlyText(chunk)) {
        held = held ? { ...held, text: held.text + chunk.text } : chunk
        continue
      }
      if (held) yield held
      held = undefined
      yield chunk
    }
  } catch (reason) {
    if (held) yield held
    throw reason
  }
  if (held) yield held
}

function isOnlyText({ reasoning, calls, usage, finish }: Chunk): boolean {
  return reasoning === '' && calls === undefined && usage === undefined && finish === undefined
}
