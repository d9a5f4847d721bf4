// The result of a tool as JSON text, or why it cannot be one: too large, or nothing that JSON can say.

/** A value as JSON text within a limit. */
export type Output = { text: string } | { tooLarge: number } | { invalid: string }

/** Writes a value as JSON. One that is far too large is refused before the memory for its text is taken. */
export function outputText(value: unknown, limitBytes: number): Output {
  if (typeof value === 'number' && Number.isFinite(value)) return { text: String(value) }
  if (value === undefined) return { text: 'null' }
  const least = leastBytes(value, limitBytes)
  if (least > limitBytes) return { tooLarge: least }
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch (reason) {
    const why = reason instanceof Error ? reason.message : String(reason)
    return { invalid: `its result cannot be written as JSON (${why})` }
  }
  if (text === undefined) return { invalid: `its result is a ${typeof value}, which JSON cannot say` }
  // A UTF-16 unit is at most three bytes.
  if (text.length * 3 <= limitBytes) return { text }
  const size = Buffer.byteLength(text)
  return size > limitBytes ? { tooLarge: size } : { text }
}

/** A lower bound of the bytes of a value's JSON; stops counting beyond the limit. */
function leastBytes(value: unknown, limit: number): number {
  if (typeof value === 'string') return value.length
  if (typeof value !== 'object' || value === null) return 1
  const seen = new Set<object>()
  const open: unknown[] = [value]
  let size = 0
  for (let next = open.pop(); next !== undefined && size <= limit; next = open.pop()) {
    if (typeof next === 'string') size += next.length
    else if (typeof next !== 'object' || next === null) size++
    else if (ArrayBuffer.isView(next)) size += next.byteLength
    else if (!seen.has(next) && !('toJSON' in next)) {
      seen.add(next)
      if (Array.isArray(next)) {
        size += next.length
        if (size > limit) break
        for (const item of next) open.push(item ?? null)
      } else for (const item of Object.values(next)) open.push(item ?? null)
    }
  }
  return size
}
