// Quantiles, means and slopes of samples, from the full sample: no buckets, no decay.

/** A sample in ascending order. Values that are no numbers are left out. */
export function sorted(sample: Iterable<number | undefined>): Float64Array {
  const kept: number[] = []
  for (const value of sample) if (value !== undefined && Number.isFinite(value)) kept.push(value)
  return Float64Array.from(kept).sort()
}

/**
 * The quantile `p` (0 to 1) of an ascending sample, linear between the two nearest ranks: type 7 of Hyndman and Fan,
 * "Sample quantiles in statistical packages" (1996), the default of NumPy and R. NaN of an empty sample.
 */
export function quantile(ascending: Float64Array, p: number): number {
  if (ascending.length === 0) return Number.NaN
  const position = p * (ascending.length - 1)
  const below = Math.floor(position)
  const low = ascending[below] ?? Number.NaN
  const high = ascending[Math.min(below + 1, ascending.length - 1)] ?? low
  return low + (high - low) * (position - below)
}

/** The same of a sample in any order, which is put in another one: by selection (Hoare's FIND, 1961), in linear time. */
export function quantileOf(sample: Float64Array, p: number): number {
  if (sample.length === 0) return Number.NaN
  const position = p * (sample.length - 1)
  const below = Math.floor(position)
  const low = select(sample, below)
  let high = Infinity
  for (let at = below + 1; at < sample.length; at += 1) high = Math.min(high, sample[at] ?? Infinity)
  return position === below ? low : low + (high - low) * (position - below)
}

/** Puts the value of rank `k` at its place, the smaller ones before it, and gives it. */
function select(sample: Float64Array, k: number): number {
  let [left, right] = [0, sample.length - 1]
  while (left < right) {
    const pivot = sample[k] ?? 0
    let [from, to] = [left, right]
    while (from <= to) {
      while ((sample[from] ?? 0) < pivot) from += 1
      while ((sample[to] ?? 0) > pivot) to -= 1
      if (from > to) break
      const held = sample[from] ?? 0
      sample[from] = sample[to] ?? 0
      sample[to] = held
      from += 1
      to -= 1
    }
    if (to < k) left = from
    if (from > k) right = to
  }
  return sample[k] ?? Number.NaN
}

/** NaN of an empty sample. */
export function mean(sample: ArrayLike<number>): number {
  let sum = 0
  for (let at = 0; at < sample.length; at += 1) sum += sample[at] ?? 0
  return sum / sample.length
}

/** Sample standard deviation (n − 1 below); 0 of a single value. */
export function deviation(sample: ArrayLike<number>): number {
  if (sample.length < 2) return 0
  const centre = mean(sample)
  let sum = 0
  for (let at = 0; at < sample.length; at += 1) sum += ((sample[at] ?? 0) - centre) ** 2
  return Math.sqrt(sum / (sample.length - 1))
}

/** What is told of a sample. Its unit is that of the values. */
export interface Distribution {
  count: number
  mean: number
  deviation: number
  min: number
  p50: number
  p90: number
  p95: number
  p99: number
  max: number
}

/** The distribution of a sample; undefined when it is empty. */
export function distribution(sample: Iterable<number | undefined>): Distribution | undefined {
  const ascending = sorted(sample)
  if (ascending.length === 0) return undefined
  const at = (p: number): number => rounded(quantile(ascending, p))
  return {
    count: ascending.length,
    mean: rounded(mean(ascending)),
    deviation: rounded(deviation(ascending)),
    min: at(0),
    p50: at(0.5),
    p90: at(0.9),
    p95: at(0.95),
    p99: at(0.99),
    max: at(1),
  }
}

/** Ordinary least squares of y on x: the slope, and its t value (slope / standard error). Zeros below three points. */
export function slope(points: readonly { x: number; y: number }[]): { slope: number; t: number } {
  const n = points.length
  if (n < 3) return { slope: 0, t: 0 }
  const mx = points.reduce((sum, { x }) => sum + x, 0) / n
  const my = points.reduce((sum, { y }) => sum + y, 0) / n
  let sxx = 0
  let sxy = 0
  for (const { x, y } of points) {
    sxx += (x - mx) ** 2
    sxy += (x - mx) * (y - my)
  }
  if (sxx === 0) return { slope: 0, t: 0 }
  const steep = sxy / sxx
  let rest = 0
  for (const { x, y } of points) rest += (y - my - steep * (x - mx)) ** 2
  const error = Math.sqrt(rest / (n - 2) / sxx)
  return { slope: steep, t: error === 0 ? (steep === 0 ? 0 : Math.sign(steep) * Infinity) : steep / error }
}

/** Six significant digits: more is noise, and makes files that nobody can compare. */
export function rounded(value: number): number {
  return Number.isFinite(value) ? Number(value.toPrecision(6)) : value
}
