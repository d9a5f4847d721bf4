// Vectors without a model: the same text always gets the same one, and texts that share words are near each other.

import { hash } from 'node:crypto'

/** A vector of length 1: each word (and each Chinese character) adds to a few dimensions chosen by its hash. */
export function hashedVector(text: string, dimension: number): Float32Array {
  const vector = new Float32Array(dimension)
  const words = text.toLowerCase().match(/\p{Script=Han}|[\p{L}\p{N}]+/gu) ?? ['']
  for (const word of words) {
    const bytes = hash('sha256', word, 'buffer')
    for (let index = 0; index < 4; index++) {
      const at = bytes.readUInt32LE(index * 4) % dimension
      vector[at] = (vector[at] ?? 0) + ((bytes[16 + index] ?? 0) % 2 === 0 ? 1 : -1)
    }
  }
  const length = Math.hypot(...vector) || 1
  return vector.map((value) => value / length)
}
