// Received buffers die young, but V8 looks only when enough of them have come together: some 90 MB, in one large upload.
// Who passes much through asks for a short look in between.

/** Bytes that pass before the next look: a look at this much takes about a millisecond. */
const everyBytes = 16 * 1024 * 1024

/** Counts what passes through, and has the dead buffers freed now and then. Does nothing without `--expose-gc`. */
export class Nursery {
  #passed = 0

  passed(bytes: number): void {
    this.#passed += bytes
    if (this.#passed < everyBytes) return
    this.#passed = 0
    globalThis.gc?.({ type: 'minor' })
  }
}
