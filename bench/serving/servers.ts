// Server processes of one kind, and what they cost.

import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'

export type Mode = 'blocking' | 'async'

export interface Servers extends AsyncDisposable {
  readonly ports: number[]
  /** Processor seconds so far, over all processes. */
  cpuSeconds(): number
  /** Memory in MiB, over all processes; what they share counts once. */
  memoryMiB(): number
}

/** Starts so many processes of the same server. */
export async function startServers(mode: Mode, count: number, model: string): Promise<Servers> {
  const children = Array.from({ length: count }, () => fork(new URL('./worker.ts', import.meta.url), [mode, model]))
  const ports = await Promise.all(children.map(portOf))
  return {
    ports,
    cpuSeconds: () => sum(children.map(({ pid }) => cpuSecondsOf(pid ?? 0))),
    memoryMiB: () => sum(children.map(({ pid }) => memoryMiBOf(pid ?? 0))),
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

/** Proportional set size in MiB: pages that several processes share are divided among them. See proc_pid_smaps(5). */
export function memoryMiBOf(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1')
  return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1]) / 1024
}

/** A process and all that it started, from /proc/PID/task/TID/children. */
export function treeOf(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1').trim().split(' ').filter(Boolean).map(Number),
  )
  return [pid, ...children.flatMap(treeOf)]
}

export function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
