// An answer that came in one piece: whether it is an answer at all, and what it used. A completion that is plainly good
// is walked, and not parsed: its words go on as they are.

import { readChunk } from '../../models/chat-wire.ts'
import { eventFailure, parsed, problemIn, quoted, type Blame } from '../../models/failure.ts'
import { failedAttempt } from '../failures.ts'
import type { FirstContent } from './first-content.ts'
import { answerFailed, usageIn } from './frame-scanner.ts'
import { FieldNames, fieldsAt, fieldsOf, skipSpace, valueAt } from './json-fields.ts'
import { tallyOf, type Tally } from './reply.ts'

/** A whole answer up to this size is parsed. Bytes. */
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
const ofChoice = new FieldNames(['message', 'finish_reason'])
const ofMessage = new FieldNames(['content'])

/** The usage of a completion that has words and names nothing that could be a problem; undefined when it has to be parsed. */
function goodCompletion(bytes: Buffer): { usage: unknown } | undefined {
  try {
    const { choices, usage, ...suspect } = fieldsOf(bytes, ofAnswer)
    if (choices === undefined || bytes[choices.start] !== 91) return undefined
    for (const _name in suspect) return undefined
    const choice = fieldsAt(bytes, skipSpace(bytes, choices.start + 1), ofChoice)
    const finish = valueAt(bytes, choice.finish_reason)
    if ((finish !== 'stop' && finish !== 'length') || choice.message === undefined) return undefined
    const { content } = fieldsAt(bytes, choice.message.start, ofMessage)
    const hasWords = content !== undefined && bytes[content.start] === 34 && content.end - content.start > 2
    return hasWords ? { usage: valueAt(bytes, usage) } : undefined
  } catch {
    return undefined
  }
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
