// Vectors as they come from a server, made into what the index takes: in order, of one dimension, of length 1.

import { endianness } from 'node:os'
import { AndonError } from '../core/errors.ts'
import { isRecord } from './failure.ts'

/** A vector from base64 (little-endian float32) or from an array of numbers; undefined when it is neither. */
export function readVector(value: unknown): Float32Array | undefined {
  if (typeof value === 'string') {
    const bytes = Buffer.from(value, 'base64')
    if (bytes.length === 0 || bytes.length % 4 !== 0) return undefined
    if (endianness() === 'BE') bytes.swap32()
    // A copy of its own: a Buffer may start at an odd place in a shared pool.
    return new Float32Array(new Uint8Array(bytes).buffer)
  }
  if (!Array.isArray(value) || value.length === 0 || typeof value[0] !== 'number') return undefined
  return Float32Array.from(value as number[])
}

/** The vectors of an OpenAI answer by their `index`, or in the order they stand when they have none. */
export function readEmbeddings(answer: unknown, count: number): Float32Array[] | undefined {
  const data: unknown = isRecord(answer) ? answer['data'] : undefined
  if (!Array.isArray(data) || data.length !== count) return undefined
  const vectors = new Map<number, Float32Array>()
  for (const [place, entry] of data.entries()) {
    if (!isRecord(entry)) return undefined
    const index = typeof entry['index'] === 'number' ? entry['index'] : place
    const vector = readVector(entry['embedding'])
    if (vector === undefined || vectors.has(index) || !Number.isInteger(index) || index < 0 || index >= count)
      return undefined
    vectors.set(index, vector)
  }
  return Array.from(vectors.entries())
    .sort(([a], [b]) => a - b)
    .map(([, vector]) => vector)
}

/** Keeps watch over one embedder: all its vectors have the dimension of the first, or the one that was configured. */
export class DimensionGuard {
  readonly #who: string
  readonly #setting: string
  #dimension: number | undefined

  constructor(who: string, setting: string, dimension: number | undefined) {
    this.#who = who
    this.#setting = setting
    this.#dimension = dimension
  }

  /** The same vectors with length 1. A vector of zeros stays: it is near to nothing. */
  checked(vectors: Float32Array[]): Float32Array[] {
    for (const vector of vectors) {
      this.#dimension ??= vector.length
      if (vector.length !== this.#dimension)
        throw new AndonError(
          'unavailable',
          `${this.#who} gave a vector of ${vector.length} numbers where ${this.#dimension} are expected: was the model exchanged? Give the new one its own name, or correct ${this.#setting}.`,
          { detail: { retry: false } },
        )
      normalise(vector, this.#who)
    }
    return vectors
  }
}

function normalise(vector: Float32Array, who: string): void {
  let sum = 0
  for (const value of vector) sum += value * value
  if (!Number.isFinite(sum))
    throw new AndonError('unavailable', `${who} gave a vector with something in it that is no number.`, {
      detail: { retry: false },
    })
  if (sum === 0 || Math.abs(sum - 1) < 1e-6) return
  const length = Math.sqrt(sum)
  for (let index = 0; index < vector.length; index++) vector[index] = (vector[index] ?? 0) / length
}
