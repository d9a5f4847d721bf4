// How many files this process may hold open, connections among them: told at the start where they are few for a server.

import { readFileSync } from 'node:fs'
import type { Output } from './output.ts'

/** Fewer are told. A request that is passed on takes two: the caller's connection and one to the server. */
const enough = 4_096

/** Says on Linux, in one line, when this process may hold few files open. Nothing elsewhere, or when nobody knows. */
export function tellFewOpenFiles(output: Output): void {
  if (process.platform !== 'linux') return
  let limits: string
  try {
    limits = readFileSync('/proc/self/limits', 'utf8')
  } catch {
    return
  }
  const line = fewOpenFilesLine(limits)
  if (line !== undefined) output.note(line)
}

/**
 * The line for what /proc/self/limits says, where it says that files are few. Node has raised the soft limit to the hard one
 * by then, so the hard one is what to raise.
 */
export function fewOpenFilesLine(limits: string): string | undefined {
  const soft = Number(/^Max open files +(\d+)/m.exec(limits)?.[1] ?? NaN)
  if (!(soft < enough)) return undefined
  return `Warning: this process may hold ${soft} files open, connections included: with many requests at once it would have to refuse some. Raise the hard limit (ulimit -Hn) to ${enough} or more: LimitNOFILE of systemd, --ulimit nofile of Docker, or limits.conf.`
}
