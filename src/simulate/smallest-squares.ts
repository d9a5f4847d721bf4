// Least squares for a function without a formula: the method of Levenberg and Marquardt (1944, 1963), with slopes taken
// from small steps.

/** A step for a slope, and where the search ends. */
const small = 0.02
const mostRounds = 40

/** What was found. */
export interface SmallestSquares {
  parameters: number[]
  /** The standard error of each parameter; infinite where the values do not depend on it, or are too few to tell. */
  errors: number[]
}

/** The parameters, near those given, at which the squares of what the function returns have the smallest sum. */
export function smallestSquares(of: (parameters: number[]) => number[], begin: readonly number[]): SmallestSquares {
  let at = [...begin]
  let values = of(at)
  let damping = 0.01
  for (let round = 0; round < mostRounds && damping < 1e6; round++) {
    const slopes = slopesAt(of, at, values)
    const matrix = squares(slopes, damping)
    const step = solved(
      matrix,
      slopes.map((one) => -product(one, values)),
    )
    const next = at.map((value, index) => value + Math.max(-1, Math.min(1, step[index] ?? 0)))
    const there = of(next)
    if (product(there, there) >= product(values, values)) {
      damping *= 5
      continue
    }
    at = next
    values = there
    damping = Math.max(damping / 5, 1e-9)
    if (step.every((change) => Math.abs(change) < 1e-4)) break
  }
  const rest = product(values, values) / (values.length - at.length)
  const matrix = squares(slopesAt(of, at, values), 1e-12)
  const errors = at.map((_, index) => {
    const column = solved(
      matrix,
      at.map((_, row) => (row === index ? 1 : 0)),
    )
    const error = Math.sqrt(rest * (column[index] ?? Number.NaN))
    return Number.isFinite(error) ? error : Infinity
  })
  return { parameters: at, errors }
}

/** By how much the values change with each parameter. */
function slopesAt(
  of: (parameters: number[]) => number[],
  at: readonly number[],
  values: readonly number[],
): number[][] {
  return at.map((_, index) => {
    const beside = of(at.map((value, other) => (other === index ? value + small : value)))
    return beside.map((value, row) => (value - (values[row] ?? 0)) / small)
  })
}

function squares(slopes: readonly (readonly number[])[], damping: number): number[][] {
  return slopes.map((one, row) => slopes.map((other, column) => product(one, other) + (row === column ? damping : 0)))
}

function product(one: readonly number[], other: readonly number[]): number {
  return one.reduce((sum, value, row) => sum + value * (other[row] ?? 0), 0)
}

/** Solves a system of linear equations that has one solution, by elimination with the largest pivot first. */
function solved(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, index) => [...row, right[index] ?? 0])
  const size = rows.length
  for (let column = 0; column < size; column++) {
    const order = rows.slice(column).toSorted((one, other) => Math.abs(other[column] ?? 0) - Math.abs(one[column] ?? 0))
    rows.splice(column, order.length, ...order)
    const pivot = rows[column] ?? []
    for (const row of rows)
      if (row !== pivot) {
        const times = (row[column] ?? 0) / (pivot[column] ?? 1)
        for (let at = column; at <= size; at++) row[at] = (row[at] ?? 0) - times * (pivot[at] ?? 0)
      }
  }
  return rows.map((row, index) => (row[size] ?? 0) / (row[index] ?? 1))
}
