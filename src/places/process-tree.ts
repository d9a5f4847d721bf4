// A process and those that it started, as /proc tells: what they hold together, and how long they have computed.

import { readFileSync } from 'node:fs'

/** Size of a memory page, in bytes, of every Linux that Node is built for by default. */
const pageSize = 4096

/** Milliseconds of a clock tick of /proc. */
const tickMs = 10

/** Processes that are looked at: whoever starts more is seen to have started many. */
const most = 1_000

/** The process and all below it, itself first. */
export function processTree(pid: number): number[] {
  const tree = [pid]
  for (let at = 0; at < tree.length && tree.length < most; at++) {
    const children = read(`/proc/${tree[at]}/task/${tree[at]}/children`)?.trim()
    if (children) tree.push(...children.split(' ').map(Number))
  }
  return tree
}

/** Bytes in memory of one process. Undefined where there is no such file. */
export function residentBytes(pid: number): number | undefined {
  const pages = Number(read(`/proc/${pid}/statm`)?.split(' ')[1])
  return Number.isFinite(pages) ? pages * pageSize : undefined
}

/** Bytes in memory of a process and all below it; what they share counts for each. */
export function residentTree(pid: number): number {
  let sum = 0
  for (const each of processTree(pid)) sum += residentBytes(each) ?? 0
  return sum
}

/** Milliseconds of processor time of a process, its threads, and its children that were waited for. */
export function processorMs(pid: number): number | undefined {
  const stat = read(`/proc/${pid}/stat`)
  // The name, in parentheses, may hold anything.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = fields?.slice(11, 15).reduce((sum, each) => sum + Number(each), 0)
  return ticks === undefined || !Number.isFinite(ticks) ? undefined : ticks * tickMs
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return undefined
  }
}
