// One word that two threads set in turn, each asleep until it is its own turn, and bytes that lie beside it.

import { AndonError } from '../../core/errors.ts'

/** Where the bytes begin: the word has a cache line of its own. */
const bytesAt = 64
const mine = 0
const theirs = 1

/** Memory for a hand-over of so many bytes. */
export function handOverMemory(size: number): SharedArrayBuffer {
  return new SharedArrayBuffer(bytesAt + size)
}

/**
 * Hands control over and waits for it to come back, so many times; with a source, its bytes go there and come back into
 * it. Blocks this thread meanwhile. Throws when the other thread does not answer in time.
 */
export function handOver(memory: SharedArrayBuffer, times: number, patienceMs: number, source?: Uint8Array): void {
  const word = new Int32Array(memory, 0, 1)
  const shared = source && new Uint8Array(memory, bytesAt, source.length)
  for (let time = 0; time < times; time++) {
    if (source) shared?.set(source)
    Atomics.store(word, 0, theirs)
    Atomics.notify(word, 0)
    while (Atomics.load(word, 0) === theirs)
      if (Atomics.wait(word, 0, theirs, patienceMs) === 'timed-out')
        throw new AndonError('internal', `Another thread did not answer within ${patienceMs} ms`)
    if (shared) source?.set(shared)
  }
}

/** The other side of {@link handOver}: takes the bytes, if any, and gives the same back. */
export function passBack(memory: SharedArrayBuffer, size: number, times: number): void {
  const word = new Int32Array(memory, 0, 1)
  const shared = new Uint8Array(memory, bytesAt, size)
  const own = new Uint8Array(size)
  for (let time = 0; time < times; time++) {
    while (Atomics.load(word, 0) === mine) Atomics.wait(word, 0, mine)
    if (size > 0) {
      own.set(shared)
      shared.set(own)
    }
    Atomics.store(word, 0, mine)
    Atomics.notify(word, 0)
  }
}
