// The beginning of an answer: whether it says that the passages do not hold what was asked.

import { noAnswerMark } from './prompt.ts'

/** Tells whether the answer begins with the mark for "the passages do not say", and takes the mark out. */
export class AnswerHead {
  none = false
  #held: string | undefined = ''
  /** The mark was taken out, and what follows it up to the first word goes too. */
  #trimming = false

  push(text: string): string {
    if (this.#held === undefined) return this.#trimmed(text)
    this.#held += text
    const start = this.#held.trimStart()
    if (start.length < noAnswerMark.length && noAnswerMark.startsWith(start.toLowerCase())) return ''
    return this.#release()
  }

  end(): string {
    return this.#held === undefined ? '' : this.#release()
  }

  #release(): string {
    const start = (this.#held ?? '').trimStart()
    this.#held = undefined
    if (!start.toLowerCase().startsWith(noAnswerMark)) return start
    this.none = true
    this.#trimming = true
    return this.#trimmed(start.slice(noAnswerMark.length))
  }

  #trimmed(text: string): string {
    if (!this.#trimming) return text
    const rest = text.replace(/^[\s:：,，.。–—-]+/, '')
    this.#trimming = rest === ''
    return rest
  }
}
