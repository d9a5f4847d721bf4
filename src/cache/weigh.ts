// About how many bytes a value takes in memory: enough to keep the first level within its size.

/** Bytes per object, property and number: rounded up from V8's. */
const perObject = 32
const perField = 16

/** Walks plain data, lists, maps and buffers. What is met twice counts once. */
export function weigh(value: unknown): number {
  if (typeof value === 'string') return perField + value.length * 2
  if (typeof value !== 'object' || value === null) return perField
  const seen = new Set<object>()
  const open: unknown[] = [value]
  let total = 0
  while (open.length > 0) {
    const next = open.pop()
    if (typeof next === 'string') total += perField + next.length * 2
    else if (typeof next !== 'object' || next === null) total += perField
    else if (!seen.has(next)) {
      seen.add(next)
      total += perObject
      if (ArrayBuffer.isView(next)) total += next.byteLength
      else if (next instanceof ArrayBuffer) total += next.byteLength
      else if (next instanceof Map) for (const [key, held] of next) open.push(key, held)
      else if (next instanceof Set || Array.isArray(next)) for (const held of next) open.push(held)
      else
        for (const [key, held] of Object.entries(next)) {
          total += perField + key.length
          open.push(held)
        }
    }
  }
  return total
}
