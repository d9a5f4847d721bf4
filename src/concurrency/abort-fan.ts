// One listener per signal, however many wait with it: adding and removing a listener costs more the more there are, so
// ten thousand waiters with the signal of one request would take seconds to leave.

import { AndonError } from '../core/errors.ts'

/** One that waits, and leaves when its signal aborts. */
export interface Leaver {
  /** Leaves with this reason. Returns what must look again afterwards, because the line has moved. */
  leave(reason: AndonError): { lookAgain(): void } | undefined
}

const fans = new WeakMap<AbortSignal, AbortFan>()

/** All who wait with one signal. */
export class AbortFan {
  readonly #signal: AbortSignal
  readonly #leavers = new Set<Leaver>()
  readonly #heard = (): void => this.#leave()

  private constructor(signal: AbortSignal) {
    this.#signal = signal
    signal.addEventListener('abort', this.#heard, { once: true })
    fans.set(signal, this)
  }

  /** Adds one that waits to those of its signal, which has not aborted. */
  static join(signal: AbortSignal, leaver: Leaver): AbortFan {
    const fan = fans.get(signal) ?? new AbortFan(signal)
    fan.#leavers.add(leaver)
    return fan
  }

  /** The last that leaves takes the listener along: Node keeps a composed signal alive as long as it has one. */
  part(leaver: Leaver): void {
    if (!this.#leavers.delete(leaver) || this.#leavers.size > 0) return
    this.#signal.removeEventListener('abort', this.#heard)
    fans.delete(this.#signal)
  }

  /** All leave first, and only then are lines looked at again: nothing is given to one whose signal has aborted. */
  #leave(): void {
    fans.delete(this.#signal)
    const leavers = [...this.#leavers]
    this.#leavers.clear()
    const reason = abortReason(this.#signal)
    const moved = new Set<{ lookAgain(): void }>()
    for (const leaver of leavers) {
      const line = leaver.leave(reason)
      if (line) moved.add(line)
    }
    for (const line of moved) line.lookAgain()
  }
}

/** Why a signal aborted: an AndonError, `cancelled` or `deadline` unless its reason says otherwise. */
export function abortReason(signal: AbortSignal): AndonError {
  return AndonError.from(signal.reason, 'cancelled')
}
