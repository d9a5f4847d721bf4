// What is known of the calls of a worker without asking it: its own notes, or where it is not believed, that whatever it
// was given has begun.

import { accessSync, constants } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Hand } from './executor-hand.ts'
import type { WorkerSetting } from './executor-start.ts'
import { RecordReader, sharedRecord } from './host-record.ts'
import type { Noted } from './host-record.ts'

let last = 0

/** A process takes a note before each call: in a folder of memory that is cheaper, where the system has one. */
export function swiftFolder(): string {
  try {
    accessSync('/dev/shm', constants.W_OK)
    return '/dev/shm'
  } catch {
    return tmpdir()
  }
}

export class WorkerRecord implements Disposable {
  /** Where the worker takes its notes: a file of a process, or memory that a thread shares. */
  readonly kept: string | SharedArrayBuffer
  readonly #reader: RecordReader
  readonly #believed: boolean
  readonly #hand: Hand

  constructor({ place, kind, folder }: WorkerSetting, hand: Hand) {
    this.#believed = kind !== 'untrusted'
    this.#hand = hand
    this.kept = place === 'process' && this.#believed ? join(folder, `${++last}.record`) : sharedRecord()
    this.#reader = new RecordReader(this.kept)
  }

  read(): Noted {
    if (this.#believed) return this.#reader.read()
    const [only = 0] = this.#hand.jobs.keys()
    return { started: Infinity, holding: only, blamed: 0, children: 0 }
  }

  [Symbol.dispose](): void {
    this.#reader[Symbol.dispose]()
  }
}
