// A limit for what a heap limit does not count: buffers and native memory of a process.

import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

/** Part of util-linux, which every distribution has. */
const prlimit = '/usr/bin/prlimit'

/** Lets the data of a process grow so far, and no further; without the right to, nothing happens. */
export function limitData(pid: number, memoryMb: number): void {
  if (!existsSync(prlimit)) return
  try {
    const kib = Number(/VmData:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1])
    const bytes = kib * 1_024 + Math.round(memoryMb * 1.5 + 64) * 2 ** 20
    if (Number.isFinite(bytes)) execFile(prlimit, ['--pid', String(pid), `--data=${bytes}`], () => {})
  } catch {
    // No such file: the resident size is watched all the same.
  }
}
