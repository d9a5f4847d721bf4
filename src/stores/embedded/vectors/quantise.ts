// Vectors as int8: a vector of any length and size becomes whole numbers from -127 to 127 and one scale, such that
// value * scale is about the component of the vector of length one. Cosines are then plain dot products.

export interface Quantised {
  values: Int8Array
  /** What one step is worth, with the vector's length divided out; 0 for the zero vector. */
  scale: number
}

/** Symmetric quantisation by the vector's own largest component. */
export function quantise(vector: Float32Array): Quantised {
  let largest = 0
  let squares = 0
  for (const value of vector) {
    const size = Math.abs(value)
    if (size > largest) largest = size
    squares += value * value
  }
  const values = new Int8Array(vector.length)
  if (largest === 0) return { values, scale: 0 }
  const step = 127 / largest
  for (let at = 0; at < vector.length; at++) values[at] = Math.round((vector[at] ?? 0) * step)
  return { values, scale: 1 / (step * Math.sqrt(squares)) }
}

/** Cosine of two vectors; 0 when one of them is the zero vector. */
export function cosine(a: Float32Array, b: Float32Array): number {
  let product = 0
  let squaresA = 0
  let squaresB = 0
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at++) {
    const x = a[at] as number
    const y = b[at] as number
    product += x * y
    squaresA += x * x
    squaresB += y * y
  }
  return squaresA === 0 || squaresB === 0 ? 0 : product / Math.sqrt(squaresA * squaresB)
}
