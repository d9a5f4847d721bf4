// Watches an event stream go by, as bytes: where its frames end, about how many tokens it carried, and whether it said
// that it is whole or that it failed. Nothing is decoded or parsed but the frames that may hold an error or do not look
// like JSON, and the last usage when somebody asks for it.
//
// What goes on are whole frames only, so that a line that breaks never leaves half a frame, half a character or half
// an error with the reader. A frame that is larger than the most that is held goes on as it comes.

import type { Usage } from '../../core/question.ts'
import { cachedTokensIn, readChunk, type Chunk } from '../../models/chat-wire.ts'
import { isRecord, parsed, problemIn, type Problem } from '../../models/failure.ts'

/** Most bytes of a frame that are held until it is whole. */
const mostHeld = 64 * 1024
/** Of data that is no JSON, so much is kept to be told of. Characters. */
const mostQuoted = 1_000

const feed = 10
const carriage = 13
const quote = 34
const space = 32
const colon = 58
const brace = 123
const closingBrace = 125

export class FrameScanner {
  /** Frames with data, `[DONE]` not among them: about one token each. */
  frames = 0
  /** `[DONE]` came. */
  done = false
  /** A choice said why it ended. */
  finished = false
  /** What the server says went wrong, or that what it sends is no JSON; nothing is passed on from that frame on. */
  problem: Problem | undefined
  /** The beginning of a frame whose end is still to come. */
  #held: Buffer | undefined
  /** How much of what is held was searched for its end. */
  #searched = 0
  /** Where the last line begins in what is held. */
  #line = 0
  /** A frame too large to be held goes on as it comes, unread. */
  passing = false
  /** So many bytes of its last line have gone. */
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
      if (!this.passing) {
        if (!this.#look(bytes, start, at)) return this.#keepNothing(bytes.subarray(0, start))
        each?.(bytes.subarray(start, at))
      }
      this.passing = false
      start = at
    }
    const left = bytes.length - start
    if (this.passing || left > mostHeld) {
      if (!this.passing && !this.#looksAtBeginning(bytes, start)) return this.#keepNothing(bytes.subarray(0, start))
      this.passing = true
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
    if (!this.#look(last, 0, last.length)) return undefined
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

  /** Looks at one frame; false when it goes no further. */
  #look(bytes: Buffer, start: number, end: number): boolean {
    let at = start
    let isNamed = false
    // Nearly all begin with their data.
    if (!isData(bytes, at)) {
      at = dataLine(bytes, start, end)
      isNamed = isErrorNamed(bytes, start, at)
    }
    if (at < end) {
      at += 5
      while (bytes[at] === space) at++
      if (bytes[at] === 91 && bytes[at + 1] === 68) {
        this.done = true
        return true
      }
      const isPlain = bytes[at] === brace && isClosed(bytes, end)
      if (!isPlain && !isNamed) {
        const data = dataOf(bytes.subarray(start, end))
        if (data === '') return true
        if (!isJson(data)) return this.#stop(data)
        this.done ||= data.endsWith('\n[DONE]')
      }
      this.frames++
    }
    return this.#search(bytes, start, at, end, isNamed)
  }

  /** What matters in the data. Names of fields stand in quotes; quotes within a text have a backslash before. */
  #search(bytes: Buffer, start: number, from: number, end: number, isNamed: boolean): boolean {
    let suspect = isNamed
    for (let at = from; at < end; at++) {
      if (bytes[at] !== quote) continue
      const first = bytes[at + 1]
      if (first === 101) suspect ||= matches(bytes, at, errorName)
      else if (first === 117 && matches(bytes, at, usageName)) {
        if (valueBegins(bytes, at + usageName.length) === brace) this.#usage = bytes.subarray(start, end)
      } else if (first === 102 && matches(bytes, at, finishName)) {
        if (valueBegins(bytes, at + finishName.length) === quote) this.finished = true
      }
    }
    if (suspect) this.problem = problemOf(bytes.subarray(start, end), isNamed)
    return this.problem === undefined
  }

  /** Of a frame too large to be held, only the beginning is seen: false when it goes no further. */
  #looksAtBeginning(bytes: Buffer, start: number): boolean {
    let at = dataLine(bytes, start, bytes.length)
    if (at >= bytes.length) return true
    at += 5
    while (bytes[at] === space) at++
    if (bytes[at] !== brace) return this.#stop(bytes.toString('utf8', at, at + mostQuoted))
    this.frames++
    return true
  }

  /** It sends what is no JSON. */
  #stop(data: string): false {
    this.problem = { message: data.slice(0, mostQuoted), fault: 'malformed' }
    return false
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
  const cached = cachedTokensIn(value['usage'])
  return {
    promptTokens,
    completionTokens: typeof completion === 'number' ? completion : 0,
    estimated: false,
    ...(cached === undefined ? {} : { cachedTokens: cached }),
  }
}

const blankLine = Buffer.from('\n\n')
const errorName = Buffer.from('"error"')
const usageName = Buffer.from('"usage"')
const finishName = Buffer.from('"finish_reason"')

/** Whether a line is `data:`, as far as the four names that there are can be told apart. */
function isData(bytes: Buffer, at: number): boolean {
  return bytes[at] === 100 && bytes[at + 4] === colon
}

/** Where the first line of data begins, after lines with other names; `end` when there is none. */
function dataLine(bytes: Buffer, start: number, end: number): number {
  let at = start
  while (at < end && !isData(bytes, at)) {
    const found = bytes.indexOf(feed, at)
    at = found === -1 ? end : found + 1
  }
  return at
}

/** Whether the last that is written before `end` closes an object. */
function isClosed(bytes: Buffer, end: number): boolean {
  let last = end - 1
  while ((bytes[last] ?? 33) <= 32) last--
  return bytes[last] === closingBrace
}

/** Whether data is an object by its looks, some other JSON, or several of them, as when the blank line between is missing. */
function isJson(data: string): boolean {
  if ((data.startsWith('{') && data.endsWith('}')) || data === '[DONE]' || parsed(data) !== undefined) return true
  return data.includes('\n') && data.split('\n').every(isJson)
}

function matches(bytes: Buffer, at: number, name: Buffer): boolean {
  for (let place = 2; place < name.length; place++) if (bytes[at + place] !== name[place]) return false
  return true
}

/** The first byte of the value behind a name; NaN when there is no value. */
function valueBegins(bytes: Buffer, at: number): number {
  let place = at
  while (bytes[place] === space) place++
  if (bytes[place] !== colon) return Number.NaN
  place++
  while (bytes[place] === space) place++
  return bytes[place] ?? Number.NaN
}

/** Whether one of these lines is `event: error`, or llama.cpp's `error: {…}`. */
function isErrorNamed(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at = bytes.indexOf(feed, at) + 1)
    if (bytes[at] === 101 && /^(?:event: ?error\s|error:)/.test(bytes.toString('latin1', at, at + 16))) return true
  return false
}

function problemOf(frame: Buffer, isNamed: boolean): Problem | undefined {
  const data = dataOf(frame)
  const value = parsed(data)
  const problem = problemIn(value) ?? answerFailed(readChunk(value))
  if (problem !== undefined || !isNamed) return problem
  const message = isRecord(value) && typeof value['message'] === 'string' ? value['message'] : data
  return { message }
}
