// Watches an event stream go by, as bytes: where its frames end, about how many tokens it carried, and whether it said
// that it is whole or that it failed. Nothing is decoded or parsed but the frames that may hold an error, and the last
// usage when somebody asks for it.
//
// What goes on are whole frames only, so that a line that breaks never leaves half a frame, half a character or half
// an error with the reader. A frame that is larger than the most that is held goes on as it comes.

import type { Usage } from '../../core/question.ts'
import { readChunk, type Chunk } from '../../models/chat-wire.ts'
import { isRecord, parsed, problemIn, type Problem } from '../../models/failure.ts'

/** Most bytes of a frame that are held until it is whole. */
const mostHeld = 64 * 1024

const feed = 10
const carriage = 13
const quote = 34

export class FrameScanner {
  /** Frames with data, `[DONE]` not among them: about one token each. */
  frames = 0
  /** `[DONE]` came. */
  done = false
  /** A choice said why it ended. */
  finished = false
  /** What the server says went wrong; nothing is passed on from that frame on. */
  problem: Problem | undefined
  /** The beginning of a frame whose end is still to come. */
  #held: Buffer | undefined
  /** How much of what is held was searched for its end. */
  #searched = 0
  /** Where the last line begins in what is held. */
  #line = 0
  /** A frame too large to be held goes on as it comes; so many bytes of its last line have gone. */
  #passing = false
  #passed = 0
  #usage: Buffer | undefined

  /**
   * Takes what came, and returns the whole frames of it, if any. `each` sees them one by one, with their line ends; what
   * it throws is thrown here.
   */
  push(chunk: Buffer, each?: (frame: Buffer) => void): Buffer | undefined {
    const bytes = this.#held === undefined ? chunk : Buffer.concat([this.#held, chunk])
    let at = this.#searched
    let line = this.#line
    let start = 0
    for (;;) {
      const end = bytes.indexOf(feed, at)
      if (end === -1) break
      const isBlank = this.#isBlank(bytes, line, end)
      at = line = end + 1
      this.#passed = 0
      if (!isBlank) continue
      if (!this.#passing) {
        this.#look(bytes, start, at)
        if (this.problem !== undefined) return this.#keepNothing(bytes.subarray(0, start))
        each?.(bytes.subarray(start, at))
      }
      this.#passing = false
      start = at
    }
    const left = bytes.length - start
    if (this.#passing || left > mostHeld) {
      if (!this.#passing) this.frames++
      this.#passing = true
      this.#passed += bytes.length - line
      return this.#keepNothing(bytes)
    }
    this.#held = left === 0 ? undefined : start === 0 ? bytes : bytes.subarray(start)
    this.#searched = left
    this.#line = line - start
    return start === 0 ? undefined : start === bytes.length ? bytes : bytes.subarray(0, start)
  }

  /** The stream is over: the last frame, when it lacks its blank line, which is put behind it. */
  end(each?: (frame: Buffer) => void): Buffer | undefined {
    const held = this.#held
    if (held === undefined) return undefined
    const last = Buffer.concat([held, blankLine])
    this.#keepNothing(last)
    this.#look(last, 0, last.length)
    if (this.problem !== undefined) return undefined
    each?.(last)
    return last
  }

  /** What the server counted, if it said so by now. */
  get usage(): Usage | undefined {
    return this.#usage && usageIn(parsed(dataOf(this.#usage)))
  }

  #isBlank(bytes: Buffer, line: number, end: number): boolean {
    if (this.#passed > 0) return false
    return end === line || (end === line + 1 && bytes[line] === carriage)
  }

  #keepNothing(passed: Buffer): Buffer | undefined {
    this.#held = undefined
    this.#searched = 0
    this.#line = 0
    return passed.length === 0 ? undefined : passed
  }

  /** Looks for what matters in one frame. Names of fields stand in quotes; quotes within a text have a backslash before. */
  #look(bytes: Buffer, start: number, end: number): void {
    let at = start
    while (at < end && (bytes[at] === feed || bytes[at] === carriage)) at++
    if (at === end || bytes[at] === 58) return
    const isData = bytes[at] === 100 && bytes[at + 4] === 58
    if (isData) {
      at += 5
      while (bytes[at] === 32) at++
      if (bytes[at] === 91 && bytes[at + 1] === 68) {
        this.done = true
        return
      }
    }
    this.frames++
    let suspect = !isData && isNamedError(bytes, at)
    for (; at < end; at++) {
      if (bytes[at] !== quote) continue
      const first = bytes[at + 1]
      if (first === 101) suspect ||= matches(bytes, at, errorName)
      else if (first === 117 && matches(bytes, at, usageName)) {
        if (valueBegins(bytes, at + usageName.length) === 123) this.#usage = bytes.subarray(start, end)
      } else if (first === 102 && matches(bytes, at, finishName)) {
        if (valueBegins(bytes, at + finishName.length) === quote) this.finished = true
      }
    }
    if (suspect) this.problem = problemOf(bytes.subarray(start, end))
  }
}

/** The data of a frame: its lines without their names, joined by newlines. Of llama.cpp, the line `error:` too. */
export function dataOf(frame: Buffer): string {
  const lines = frame.toString('utf8').split('\n')
  const data: string[] = []
  for (const line of lines) {
    const found = /^(?:data|error): ?(.*?)\r?$/s.exec(line)?.[1]
    if (found !== undefined) data.push(found)
  }
  return data.join('\n').trim()
}

/** What a chunk, or a whole answer, says went wrong when it names no problem. */
export function answerFailed({ finish }: Chunk): Problem | undefined {
  return finish === 'error' ? { message: 'It said that its answer failed.' } : undefined
}

/** The usage of a parsed frame or a whole answer, also of embeddings, which have no completion. */
export function usageIn(value: unknown): Usage | undefined {
  if (!isRecord(value) || !isRecord(value['usage'])) return undefined
  const { prompt_tokens: prompt, completion_tokens: completion, total_tokens: total } = value['usage']
  const promptTokens = typeof prompt === 'number' ? prompt : total
  if (typeof promptTokens !== 'number') return undefined
  const details = value['usage']['prompt_tokens_details']
  const cached = isRecord(details) ? details['cached_tokens'] : undefined
  return {
    promptTokens,
    completionTokens: typeof completion === 'number' ? completion : 0,
    estimated: false,
    ...(typeof cached === 'number' ? { cachedTokens: cached } : {}),
  }
}

const blankLine = Buffer.from('\n\n')
const errorName = Buffer.from('"error"')
const usageName = Buffer.from('"usage"')
const finishName = Buffer.from('"finish_reason"')

function matches(bytes: Buffer, at: number, name: Buffer): boolean {
  for (let place = 2; place < name.length; place++) if (bytes[at + place] !== name[place]) return false
  return true
}

/** The first byte of the value behind a name; NaN when there is no value. */
function valueBegins(bytes: Buffer, at: number): number {
  let place = at
  while (bytes[place] === 32) place++
  if (bytes[place] !== 58) return Number.NaN
  place++
  while (bytes[place] === 32) place++
  return bytes[place] ?? Number.NaN
}

/** `event: error`, or llama.cpp's `error: {…}`. */
function isNamedError(bytes: Buffer, at: number): boolean {
  return /^(?:event: ?error\s|error:)/.test(bytes.toString('latin1', at, Math.min(bytes.length, at + 16)))
}

function problemOf(frame: Buffer): Problem | undefined {
  const data = dataOf(frame)
  const value = parsed(data)
  const problem = problemIn(value) ?? answerFailed(readChunk(value))
  if (problem !== undefined) return problem
  if (!/^\s*(?:event: ?error\s|error:)/.test(frame.toString('latin1', 0, 32))) return undefined
  const message = isRecord(value) && typeof value['message'] === 'string' ? value['message'] : data
  return { message }
}
