// Server processes of one kind, and what they cost.

import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'

export type Mode = 'blocking' | 'async'

export interface Servers extends AsyncDisposable {
  readonly ports: number[]
  /** Processor seconds so far, over all processes. */
  cpuSeconds(): number
  /** Resident memory in MiB, over all processes. */
  residentMiB(): number
}

/** Starts so many processes of the same server. */
export async function startServers(mode: Mode, count: number, model: string): Promise<Servers> {
  const children = Array.from({ length: count }, () => fork(new URL('./worker.ts', import.meta.url), [mode, model]))
  const ports = await Promise.all(children.map(portOf))
  return {
    ports,
    cpuSeconds: () => sum(children.map(({ pid }) => cpuSecondsOf(pid ?? 0))),
    residentMiB: () => sum(children.map(({ pid }) => residentMiBOf(pid ?? 0))),
    async [Symbol.asyncDispose]() {
      const ended = children.map((child) => once(child, 'exit'))
      for (const child of children) child.kill('SIGKILL')
      await Promise.all(ended)
    },
  }
}

async function portOf(child: ChildProcess): Promise<number> {
  const [message] = (await once(child, 'message')) as [{ port: number }]
  return message.port
}

/** utime and stime of proc_pid_stat(5), in ticks of a hundredth of a second. */
export function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** Resident set of proc_pid_statm(5), in pages of 4 KiB. */
export function residentMiBOf(pid: number): number {
  return (Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]) * 4096) / 2 ** 20
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
