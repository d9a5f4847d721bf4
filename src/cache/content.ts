// What an entry of the level says, as bytes: a value by its codec, or a failure that is remembered.

import { AndonError, isCode, type WireError } from '../core/errors.ts'
import type { Codec } from './codecs.ts'
import type { Entry } from './entry.ts'

/** A value, or a failure in its place. */
export interface Content<Value> {
  readonly value?: Value | undefined
  readonly failure?: AndonError | undefined
}

/** The codec of remembered failures. */
const failureCodec = 0

/** As it lies in an entry; undefined for a value that its codec does not take. */
export function packed<Value>(
  codec: Codec<Value>,
  { value, failure }: Content<Value>,
): Pick<Entry, 'codec' | 'failed' | 'payload'> | undefined {
  if (failure) return { codec: failureCodec, failed: true, payload: Buffer.from(JSON.stringify(failure.toWire())) }
  try {
    return { codec: codec.id, failed: false, payload: codec.encode(value as Value) }
  } catch {
    return undefined
  }
}

/** What lies in an entry; undefined when it is none of this codec. */
export function unpacked<Value>(codec: Codec<Value>, entry: Entry<Buffer>): Content<Value> | undefined {
  if (entry.codec !== (entry.failed ? failureCodec : codec.id)) return undefined
  try {
    if (!entry.failed) return { value: codec.decode(entry.payload) }
    const wire = JSON.parse(entry.payload.toString()) as WireError
    return isCode(wire.code) ? { failure: AndonError.fromWire(wire) } : undefined
  } catch {
    return undefined
  }
}
