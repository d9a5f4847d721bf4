// Functions for the tests of pools.

import { once } from 'node:events'
import { threadId } from 'node:worker_threads'
import { currentCall } from './functions.ts'

export const notAFunction = 1

export function add(one: number, two: number): number {
  return one + two
}

export async function where(): Promise<{ pid: number; thread: number }> {
  return { pid: process.pid, thread: threadId }
}

export function sizeOf(bytes: Uint8Array): number {
  return bytes.byteLength
}

export function fail(sentence: string): never {
  throw new RangeError(sentence)
}

export function crash(): never {
  process.exit(7)
}

/** Ends when its caller leaves. */
export async function heed(): Promise<void> {
  const call = currentCall()
  if (call && !call.signal.aborted) await once(call.signal, 'abort')
}

/** Never ends. */
export function ignore(): Promise<never> {
  return new Promise(() => setInterval(() => {}, 1_000))
}
