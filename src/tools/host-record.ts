// What a worker notes about its calls where a death cannot reach it: in shared memory, or in a file of sixteen bytes.
// From it the other side knows exactly which call began, which one held the thread, and which one ended the worker.

import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs'

/** Numbers of calls; 0 means none. */
export interface Noted {
  /** The last call that began: all with a higher number did not. */
  started: number
  /** The call that holds the thread, in its part before the first `await`. */
  holding: number
  /** The call that asked for the end of the worker: by an exit, an abort or an uncaught error. */
  blamed: number
  /** Processes that the tools of a thread have started. */
  children: number
}

const bytes = 16

/** The worker's side of the record. */
export class RecordWriter implements Disposable {
  readonly #words: Int32Array
  readonly #file: number | undefined

  /** `path` of the file of a process, or the memory that a thread shares. */
  constructor(kept: string | SharedArrayBuffer) {
    this.#words = new Int32Array(typeof kept === 'string' ? new ArrayBuffer(bytes) : kept)
    this.#file = typeof kept === 'string' ? openSync(kept, 'r+') : undefined
  }

  /** A call begins. What is noted can be read before this returns. */
  begin(call: number): void {
    this.#words[0] = call
    this.#words[1] = call
    this.#note()
  }

  /** A call that began before holds the thread now. */
  hold(call: number): void {
    this.#words[1] = call
    this.#note()
  }

  /** No call holds the thread any more. */
  rest(): void {
    if (this.#words[1] === 0) return
    this.#words[1] = 0
    this.#note()
  }

  blame(call: number): void {
    this.#words[2] = call
    this.#note()
  }

  /** So many processes of tools are alive. */
  children(count: number): void {
    this.#words[3] = count
  }

  [Symbol.dispose](): void {
    if (this.#file !== undefined) closeSync(this.#file)
  }

  #note(): void {
    if (this.#file !== undefined) writeSync(this.#file, this.#words, 0, bytes, 0)
  }
}

/** The other side of the record. Disposing removes its file. */
export class RecordReader implements Disposable {
  readonly #words: Int32Array
  readonly #file: number | undefined
  readonly #path: string | undefined

  constructor(kept: string | SharedArrayBuffer) {
    this.#path = typeof kept === 'string' ? kept : undefined
    this.#words = new Int32Array(typeof kept === 'string' ? new ArrayBuffer(bytes) : kept)
    this.#file = typeof kept === 'string' ? openSync(kept, 'w+', 0o600) : undefined
  }

  read(): Noted {
    if (this.#file !== undefined) readSync(this.#file, this.#words, 0, bytes, 0)
    const [started = 0, holding = 0, blamed = 0, children = 0] = this.#words
    return { started, holding, blamed, children }
  }

  [Symbol.dispose](): void {
    if (this.#file !== undefined) closeSync(this.#file)
    if (this.#path !== undefined) rmSync(this.#path, { force: true })
  }
}

/** Memory for the record of a thread. */
export function sharedRecord(): SharedArrayBuffer {
  return new SharedArrayBuffer(bytes)
}
