// Servers differ in which optional fields they take, and refuse a request over the ones they do not. This learns from
// the refusal, once per server, and leaves the field out from then on.

import { AndonError } from '../core/errors.ts'
import { statusBehind } from './failure.ts'

/** A field that may be left out, or take another name. */
export interface OptionalField {
  name: string
  /** How the refusal may call it. Default: its name. */
  called?: RegExp
  /** The name to try instead before leaving it out. */
  otherwise?: string
  /** A value that asks for less, to try instead before leaving the field out; `undefined` when there is none. */
  weaker?: (value: unknown) => unknown
  /** Statuses beside 400 and 422 with which it may be refused. */
  statuses?: readonly number[]
}

/** What is known of a server before it was ever asked. */
export interface Known {
  /** Fields that it refuses. */
  without?: readonly string[]
  /** Fields that have another name there. */
  renamed?: Readonly<Record<string, string>>
}

export class Dialect {
  readonly #fields: readonly OptionalField[]
  /** Field to the name it goes by; `undefined` means not at all. */
  readonly #learnt = new Map<string, string | undefined>()
  /** Field to how many times its value was made weaker. */
  readonly #weakened = new Map<string, number>()

  constructor(fields: readonly OptionalField[], { without = [], renamed = {} }: Known = {}) {
    this.#fields = fields
    for (const name of without) this.#learnt.set(name, undefined)
    for (const [name, said] of Object.entries(renamed)) this.#learnt.set(name, said)
  }

  /** Sends the body as this server takes it, again and again while its refusals teach something. */
  async ask<Answer>(
    speak: () => Record<string, unknown>,
    send: (spoken: Record<string, unknown>) => Promise<Answer>,
  ): Promise<Answer> {
    for (;;) {
      const spoken = speak()
      try {
        return await send(spoken)
      } catch (reason) {
        // Each turn weakens or unlearns one field, so this ends.
        if (!(reason instanceof AndonError) || !this.learn(reason, spoken)) throw reason
      }
    }
  }

  /** The body as this server takes it. */
  spoken(body: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const spoken: Record<string, unknown> = {}
    for (const [name, value] of Object.entries(body)) {
      if (value === undefined) continue
      const said = this.#learnt.has(name) ? this.#learnt.get(name) : name
      if (said === undefined) continue
      const left = this.#weak(name, value)
      if (left !== undefined) spoken[said] = left
    }
    return spoken
  }

  #weak(name: string, value: unknown): unknown {
    const weaker = this.#weaker(name)
    let left = value
    for (let times = this.#weakened.get(name) ?? 0; times > 0 && weaker; times--) left = weaker(left) ?? left
    return left
  }

  #weaker(name: string): OptionalField['weaker'] {
    return this.#fields.find((field) => field.name === name)?.weaker
  }

  /** Whether this server is known to refuse a field under any name. */
  refuses(name: string): boolean {
    return this.#learnt.has(name) && this.#learnt.get(name) === undefined
  }

  /** Whether a field is known to be taken only with a weaker value. */
  weakened(name: string): boolean {
    return this.#weakened.has(name)
  }

  /** True when the refusal of the spoken body `sent` named an optional field of it: ask again, it will be said otherwise. */
  learn(error: AndonError, sent: Readonly<Record<string, unknown>>): boolean {
    const status = statusBehind(error)
    if (status === undefined) return false
    for (const { name, called, otherwise, weaker, statuses = [] } of this.#fields) {
      if (status !== 400 && status !== 422 && !statuses.includes(status)) continue
      const said = [name, otherwise].find((known) => known !== undefined && known in sent)
      if (said === undefined) continue
      const pattern = said === name && called !== undefined ? called : new RegExp(`\\b${said}\\b`)
      if (!pattern.test(error.sentence)) continue
      if (weaker?.(sent[said]) !== undefined) {
        this.#weakened.set(name, (this.#weakened.get(name) ?? 0) + 1)
        return true
      }
      // Another request may have learnt it while this one was on its way.
      const current = this.#learnt.has(name) ? this.#learnt.get(name) : name
      if (current === said) this.#learnt.set(name, said === name ? otherwise : undefined)
      return true
    }
    return false
  }
}

/** How servers say that they do not know a field, or not with this value or this model. */
export function unknownField(name: string): RegExp {
  const refusal =
    "unsupported|not (?:yet )?(?:supported|permitted|allowed|enabled|implemented)|(?:does not|doesn't|cannot) (?:support|accept)|unknown|unexpected|unrecogni[sz]ed|extra|input should be"
  return new RegExp(`(?:${refusal})[^]*\\b${name}\\b|\\b${name}\\b[^]*(?:${refusal})`, 'i')
}
