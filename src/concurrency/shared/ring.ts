// A ring of bytes in shared memory with messages in it: each is its length in four bytes, then itself. One thread at a
// time writes and one at a time reads; the two do not wait for each other.
//
//        head (bytes read)        tail (bytes written)
//          ▼                        ▼
//   ░░░░░░░[len|message][len|message]░░░░░░░░░        both only grow, and count on through 2³²

import type { Words } from './memory.ts'

const lengthBytes = 4

/** A ring. Its capacity is a power of two. */
export class Ring {
  readonly capacity: number
  readonly #words: Words
  readonly #headAt: number
  readonly #tailAt: number
  readonly #bytes: Uint8Array<SharedArrayBuffer>

  constructor(words: Words, at: { head: number; tail: number; bytes: number }) {
    this.#words = words
    this.#headAt = at.head
    this.#tailAt = at.tail
    this.#bytes = new Uint8Array(words.buffer, at.bytes)
    this.capacity = this.#bytes.length
  }

  /** Bytes of the largest message that it can ever take. */
  get largest(): number {
    return this.capacity - lengthBytes
  }

  /** Bytes that are written and not read. */
  get used(): number {
    return (Atomics.load(this.#words, this.#tailAt) - Atomics.load(this.#words, this.#headAt)) >>> 0
  }

  /** Writes a message; false when it has no room now. */
  write(message: Uint8Array): boolean {
    if (this.capacity - this.used < lengthBytes + message.length) return false
    const tail = Atomics.load(this.#words, this.#tailAt)
    const length = new Uint8Array(lengthBytes)
    new DataView(length.buffer).setUint32(0, message.length)
    this.#put(tail, length)
    this.#put(tail + lengthBytes, message)
    // Last: a writer that dies before this has written nothing.
    Atomics.store(this.#words, this.#tailAt, (tail + lengthBytes + message.length) | 0)
    return true
  }

  /** Reads a message; undefined when there is none. */
  read(): Uint8Array<ArrayBuffer> | undefined {
    if (this.used === 0) return undefined
    const head = Atomics.load(this.#words, this.#headAt)
    const length = new DataView(this.#get(head, lengthBytes).buffer).getUint32(0)
    const message = this.#get(head + lengthBytes, length)
    Atomics.store(this.#words, this.#headAt, (head + lengthBytes + length) | 0)
    return message
  }

  #put(position: number, bytes: Uint8Array): void {
    const at = (position >>> 0) % this.capacity
    const first = Math.min(bytes.length, this.capacity - at)
    this.#bytes.set(bytes.subarray(0, first), at)
    if (first < bytes.length) this.#bytes.set(bytes.subarray(first), 0)
  }

  #get(position: number, length: number): Uint8Array<ArrayBuffer> {
    const at = (position >>> 0) % this.capacity
    const bytes = new Uint8Array(length)
    const first = Math.min(length, this.capacity - at)
    bytes.set(this.#bytes.subarray(at, at + first))
    if (first < length) bytes.set(this.#bytes.subarray(0, length - first), first)
    return bytes
  }
}
