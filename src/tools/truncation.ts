// Cuts a long result to what a model should read, and keeps the whole of it.

import type { Artifacts } from './artifacts.ts'
import type { ToolLimits, ToolResult } from './tool.ts'

/** The result with its value cut, when that is longer than its tool's `truncate` says; else the result as it is. */
export async function truncate(
  result: ToolResult,
  rule: NonNullable<ToolLimits['truncate']>,
  artifacts: Artifacts,
): Promise<ToolResult> {
  const { value } = result
  if (!result.ok || value === undefined) return result
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  // A UTF-16 unit is at most three bytes.
  if (text.length * 3 <= rule.bytes) return result
  const bytes = Buffer.byteLength(text)
  if (bytes <= rule.bytes) return result
  // A full disk costs the artifact, not the result.
  const artifact = await artifacts.keep(text).catch(() => undefined)
  return {
    ...result,
    value: cut(text, bytes, rule, artifact),
    truncated: { bytes, ...(artifact === undefined ? {} : { artifact }) },
  }
}

/** Beginning and, unless told otherwise, end of a text, with a line between them that says what is missing. */
function cut(
  text: string,
  bytes: number,
  { bytes: most, keep = 'both' }: NonNullable<ToolLimits['truncate']>,
  artifact: string | undefined,
): string {
  const whole = Buffer.from(text)
  const head = whole.subarray(0, startOfCharacter(whole, keep === 'both' ? Math.ceil(most / 2) : most))
  const tail = keep === 'both' ? whole.subarray(startOfCharacter(whole, bytes - Math.floor(most / 2))) : Buffer.alloc(0)
  const left = bytes - head.length - tail.length
  const where = artifact === undefined ? 'the whole could not be kept' : `the whole is in ${artifact}`
  return `${head.toString()}\n[${left} of ${bytes} bytes left out here; ${where}]\n${tail.toString()}`
}

/** The nearest place at or before `at` where a character of UTF-8 begins. */
function startOfCharacter(bytes: Buffer, at: number): number {
  let start = Math.max(0, at)
  while (start > 0 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start--
  return start
}
