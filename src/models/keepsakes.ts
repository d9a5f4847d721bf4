// What a provider wants back with a call that its model asked for: signed thoughts, which our messages have no place
// for. They are kept by the call's id for as long as a conversation with tools may take, and no longer.

/** Calls of this many are remembered; the oldest is forgotten first. */
const most = 256

export class Keepsakes<Kept> {
  readonly #kept = new Map<string, Kept>()

  keep(callId: string, kept: Kept): void {
    this.#kept.delete(callId)
    this.#kept.set(callId, kept)
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > most && oldest !== undefined) this.#kept.delete(oldest)
  }

  /** Undefined when it was never kept, or long ago, or by another process. */
  of(callId: string | undefined): Kept | undefined {
    return callId === undefined ? undefined : this.#kept.get(callId)
  }
}
