// How sure a rate is that was counted on few pairs.

/** The interval of Wilson (1927) for `hits` of `of` at 95 %, as shares from 0 to 1; [0, 1] when nothing was counted. */
export function wilson(hits: number, of: number): [number, number] {
  if (of === 0) return [0, 1]
  const z = 1.959963985
  const rate = hits / of
  const width = 1 + (z * z) / of
  const middle = (rate + (z * z) / (2 * of)) / width
  const half = (z * Math.sqrt((rate * (1 - rate)) / of + (z * z) / (4 * of * of))) / width
  return [hits === 0 ? 0 : Math.max(0, middle - half), hits === of ? 1 : Math.min(1, middle + half)]
}
