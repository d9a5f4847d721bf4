// Servers differ in which optional fields they take, and refuse a request over the ones they do not. This learns from
// the refusal, once per server, and leaves the field out from then on.

import type { AndonError } from '../core/errors.ts'
import { statusBehind } from './failure.ts'

/** A field that may be left out, or take another name. */
export interface OptionalField {
  name: string
  /** How the refusal may call it. Default: its name. */
  called?: RegExp
  /** The name to try instead before leaving it out. */
  otherwise?: string
  /** Statuses beside 400 and 422 with which it may be refused. */
  statuses?: readonly number[]
}

export class Dialect {
  readonly #fields: readonly OptionalField[]
  /** Field to the name it goes by; `undefined` means not at all. */
  readonly #learnt = new Map<string, string | undefined>()

  constructor(fields: readonly OptionalField[]) {
    this.#fields = fields
  }

  /** The body as this server takes it. */
  spoken(body: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const spoken: Record<string, unknown> = {}
    for (const [name, value] of Object.entries(body)) {
      if (value === undefined) continue
      const said = this.#learnt.has(name) ? this.#learnt.get(name) : name
      if (said !== undefined) spoken[said] = value
    }
    return spoken
  }

  /** Whether this server is known to refuse a field under any name. */
  refuses(name: string): boolean {
    return this.#learnt.has(name) && this.#learnt.get(name) === undefined
  }

  /** True when the refusal of the spoken body `sent` named an optional field of it: ask again, it will be said otherwise. */
  learn(error: AndonError, sent: Readonly<Record<string, unknown>>): boolean {
    const status = statusBehind(error)
    if (status === undefined) return false
    for (const { name, called, otherwise, statuses = [] } of this.#fields) {
      if (status !== 400 && status !== 422 && !statuses.includes(status)) continue
      const said = [name, otherwise].find((known) => known !== undefined && known in sent)
      if (said === undefined) continue
      const pattern = said === name && called !== undefined ? called : new RegExp(`\\b${said}\\b`)
      if (!pattern.test(error.sentence)) continue
      // Another request may have learnt it while this one was on its way.
      const current = this.#learnt.has(name) ? this.#learnt.get(name) : name
      if (current === said) this.#learnt.set(name, said === name ? otherwise : undefined)
      return true
    }
    return false
  }
}
