// Which URL a module is imported by, so that one that was edited is read again: Node keeps a module for good by its URL.

import { statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** How each module was when it was first asked for in this process. */
const first = new Map<string, string>()

/**
 * The URL of a module as it is now: its own, and with a query once its file is another than at first. Workers are told
 * this URL, so that they run the same code. What the module imports itself is not read again, and what was read stays in
 * memory.
 */
export function asItIsNow(module: string): string {
  const stamp = stampOf(module)
  if (stamp === undefined) return module
  const before = first.get(module)
  if (before === undefined) first.set(module, stamp)
  if (before === undefined || before === stamp) return module
  const url = new URL(module)
  url.searchParams.set('version', stamp)
  return url.href
}

/** What differs when the file was written again; undefined for what is no file. */
function stampOf(module: string): string | undefined {
  if (!module.startsWith('file:')) return undefined
  try {
    const { mtimeMs, size } = statSync(fileURLToPath(module))
    return `${mtimeMs}-${size}`
  } catch {
    // Importing it says what is wrong.
    return undefined
  }
}
