// Answers under way that this browser asked for: known here until they end, so that a page that is loaded again finds
// those that no conversation holds yet.

import { localStore, read, write } from '../../kept.ts'

export interface Running {
  session: string
  answer: string
  question: string
  /** The answer that it is another version of. */
  retryOf?: string
}

const key = 'andon.running'
const askingKey = 'andon.asking'

/** The question that was sent and has no answer yet, in this tab. */
export function asking(): string | undefined {
  return read(tab(), askingKey)
}

/** Notes it; undefined when the answer began, or it was taken back. */
export function noteAsking(question: string | undefined): void {
  write(tab(), askingKey, question)
}

/** Those of a conversation, oldest first. */
export function runningIn(session: string): Running[] {
  return all().filter((each) => each.session === session)
}

/** Notes that an answer is under way. */
export function begun(running: Running): void {
  keep([...all().filter(({ answer }) => answer !== running.answer), running].slice(-20))
}

/** Notes that it is over. */
export function over(answer: string): void {
  keep(all().filter((each) => each.answer !== answer))
}

function all(): Running[] {
  try {
    const value: unknown = JSON.parse(read(localStore(), key) ?? '[]')
    return Array.isArray(value) ? value.filter(isRunning) : []
  } catch {
    return []
  }
}

function keep(list: Running[]): void {
  write(localStore(), key, list.length === 0 ? undefined : JSON.stringify(list))
}

function isRunning(value: unknown): value is Running {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['session', 'answer', 'question'].every((name) => typeof Reflect.get(value, name) === 'string')
  )
}

/** What this tab keeps across loads; undefined where it keeps nothing. */
export function tab(): Storage | undefined {
  try {
    return globalThis.sessionStorage
  } catch {
    return undefined
  }
}
