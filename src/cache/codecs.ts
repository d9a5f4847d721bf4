// How a value becomes bytes and comes back: JSON, vectors of float32 as they lie in memory, or bytes as they are.

import { AndonError } from '../core/errors.ts'

export interface Codec<Value> {
  /** Stands in every entry: an entry of another codec is a miss. Below 32 are Andon's own. */
  readonly id: number
  /** Whether compressing is worth trying. */
  readonly compressible: boolean
  encode(value: Value): Uint8Array
  /** May throw: what cannot be decoded is a miss. The bytes are the caller's and must not be kept without a copy. */
  decode(bytes: Buffer): Value
}

/** What JSON can say: a date comes back as text, and `undefined` in a list as `null`. */
export function json<Value>(): Codec<Value> {
  return {
    id: 1,
    compressible: true,
    encode: (value) => Buffer.from(JSON.stringify(value === undefined ? null : value)),
    decode: (bytes) => JSON.parse(bytes.toString()) as Value,
  }
}

/** Vectors of float32, four bytes a number, little-endian. Refuses other lengths when `dimensions` is given. */
export function float32(dimensions?: number): Codec<Float32Array> {
  return {
    id: 2,
    compressible: false,
    encode(vector) {
      if (dimensions !== undefined && vector.length !== dimensions)
        throw new AndonError(
          'invalid',
          `A vector of ${vector.length} numbers was to be kept: the codec says ${dimensions}`,
        )
      return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength)
    },
    decode(bytes) {
      const count = bytes.length / 4
      if (!Number.isInteger(count) || (dimensions !== undefined && count !== dimensions))
        throw new AndonError('invalid', `${bytes.length} bytes are no vector of ${dimensions ?? 'float32'}`)
      // A copy, because the bytes may begin at any address.
      const vector = new Float32Array(count)
      new Uint8Array(vector.buffer).set(bytes)
      return vector
    },
  }
}

/** Bytes as they are. */
export function bytes(): Codec<Uint8Array> {
  return { id: 3, compressible: true, encode: (value) => value, decode: (held) => Uint8Array.from(held) }
}
