// An answer that came in one piece: whether it is an answer at all, and what it used. A completion that is plainly good
// is walked, and not parsed: its words go on as they are.

import { readChunk } from '../../models/chat-wire.ts'
import { eventFailure, parsed, problemIn, quoted, type Blame } from '../../models/failure.ts'
import { failedAttempt } from '../failures.ts'
import type { FirstContent } from './first-content.ts'
import { answerFailed, usageIn } from './frame-scanner.ts'
import { FieldNames, fieldsOf, isAt, skipSpace, valueAt, type Span } from './json-fields.ts'
import { tallyOf, type Tally } from './reply.ts'

/** A whole answer up to this size is walked or parsed; of a larger one only the end is looked at. Bytes. */
const mostParsed = 64 * 1024

/** What it used, when it says so. Throws what is wrong with it: a failed attempt, as nobody has seen anything of it. */
export function readWhole(bytes: Buffer, first: FirstContent, blame: () => Blame): Tally | undefined {
  if (bytes.length > mostParsed) {
    if (!endsAsJson(bytes)) throw noJson(bytes, blame())
    return tallyOf(usageNearEnd(bytes))
  }
  const good = goodCompletion(bytes)
  if (good) return tallyOf(usageIn(good))
  const value = parsed(bytes.toString('utf8'))
  if (value === undefined) throw noJson(bytes, blame())
  const chunk = readChunk(value)
  const problem = problemIn(value) ?? answerFailed(chunk)
  if (problem) throw eventFailure(blame(), problem)
  first.whole(value, chunk)
  return tallyOf(usageIn(value))
}

const ofAnswer = new FieldNames(['choices', 'usage', 'error', 'errors', 'detail', 'base_resp', 'message', 'msg'])
const contentName = Buffer.from('"content"')
const finishName = Buffer.from('"finish_reason"')
const stop = Buffer.from('"stop"')
const length = Buffer.from('"length"')

/**
 * The usage of a completion that has words and names nothing that could be a problem; undefined when it has to be parsed.
 * What would make a parser stumble is seen on the highest level, and in the usage; deeper down, brackets are counted.
 */
function goodCompletion(bytes: Buffer): { usage: unknown } | undefined {
  // A mark of byte order is no JSON in an answer.
  if (bytes[0] !== brace) return undefined
  try {
    const { choices, usage, error, errors, detail, base_resp, message, msg } = fieldsOf(bytes, ofAnswer)
    const suspect = error ?? errors ?? detail ?? base_resp ?? message ?? msg
    if (suspect !== undefined || choices === undefined || bytes[choices.start] !== bracket) return undefined
    // Within a text every quote has a backslash before it: these bytes are the name of a field, or a text of its own.
    const content = valueOf(bytes, contentName, choices)
    const hasWords = bytes[content] === quote && bytes[content + 1] !== quote
    const finish = valueOf(bytes, finishName, choices)
    if (!hasWords || !(isAt(bytes, finish, stop) || isAt(bytes, finish, length))) return undefined
    const used = valueAt(bytes, usage)
    return used === undefined && usage !== undefined ? undefined : { usage: used }
  } catch {
    return undefined
  }
}

const brace = 123
const bracket = 91
const quote = 34
const colon = 58

/** Where the value of the first field of this name within begins; behind the end of all when there is none. */
function valueOf(bytes: Buffer, name: Buffer, within: Span): number {
  const at = bytes.indexOf(name, within.start)
  if (at === -1 || at >= within.end) return bytes.length
  const behind = skipSpace(bytes, at + name.length)
  return bytes[behind] === colon ? skipSpace(bytes, behind + 1) : bytes.length
}

/** The usage of an answer too large to be parsed: it stands at the end, or nowhere. */
function usageNearEnd(bytes: Buffer): ReturnType<typeof usageIn> {
  const end = bytes.toString('latin1', Math.max(0, bytes.length - 2_048))
  const found = /"usage"\s*:\s*(\{(?:[^{}]|\{[^{}]*\})*\})/.exec(end)?.[1]
  return found === undefined ? undefined : usageIn({ usage: parsed(found) })
}

function endsAsJson(bytes: Buffer): boolean {
  let last = bytes.length - 1
  while (last >= 0 && (bytes[last] ?? 0) <= 32) last--
  return bytes[last] === 125 || bytes[last] === 93
}

function noJson(bytes: Buffer, { who, secrets }: Blame): Error {
  const shown = quoted(bytes.toString('utf8', 0, 120), secrets)
  return failedAttempt('malformed', `${who} sent an answer that is no JSON: ${shown}`)
}
