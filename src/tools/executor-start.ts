// How a worker is started: the host that is opened in it, and what holds it in.

import { extname } from 'node:path'
import type { Plain } from '../core/plain.ts'
import type { Limits } from '../core/station.ts'
import { processTree } from '../places/process-tree.ts'
import { PoolWorker } from '../places/worker.ts'
import type { WorkerEnd } from '../places/worker.ts'
import type { Connectors } from './connector.ts'
import { confinement } from './executor-confinement.ts'
import type { Confinement } from './executor-confinement.ts'
import { limitData } from './executor-memory.ts'
import { dyingWithUs, wallCommand } from './executor-wall.ts'

export interface WorkerSetting {
  /** Of people and channels. */
  name: string
  /** What its tools are: code, code behind a wall, or behind connections, which are kept open. */
  kind: 'code' | 'untrusted' | 'openapi' | 'mcp'
  place: 'thread' | 'process'
  memoryMb: number
  connectors: Connectors
  /** For the records of processes. */
  folder: string
  /** What processes may do; undefined: all that their user may. */
  confine: Confinement | undefined
  /** What its tools see of the environment. */
  environment: Readonly<Record<string, string>>
  /** Of code behind a wall: what it may read there. */
  folders: readonly string[]
}

/** The name of the host on the wire. */
export const hostKey = 'tools'

/** What a process that is not believed may say at once. */
const mostMessageBytes = 64 * 2 ** 20

const hostModule = new URL(`./host${extname(import.meta.filename)}`, import.meta.url).href

/** Starts a worker and opens its host, which takes its notes in `record`. It can be asked when it is `ready`. */
export function startWorker(
  setting: WorkerSetting,
  record: string | SharedArrayBuffer,
  onEnded: (why: WorkerEnd) => void,
): PoolWorker {
  const { name, kind, place, memoryMb, connectors, environment } = setting
  const inFile = typeof record === 'string'
  const recipe = {
    module: hostModule,
    export: 'openHost',
    options: { connectors: connectors as Plain, ...(inFile ? { record } : {}) },
    ...(place === 'thread' && !inFile ? { shared: record } : {}),
  }
  const limits: Limits = { place, size: 1, concurrency: 1, memoryMb, ...(place === 'process' ? bounds(setting) : {}) }
  if (kind !== 'untrusted') limits.environment = environment
  return new PoolWorker(name, limits, {
    onHello: (far) =>
      far.open(hostKey, recipe, {
        made: () => limitBuffers(setting, far.pid),
        refused: (error) => far.kill({ reason: 'crash', sentence: error.sentence }),
      }),
    onFree: () => {},
    onSettled: () => {},
    onEnded: (_far, why) => onEnded(why),
  })
}

/** What holds a process in. */
function bounds({ kind, confine, folder, folders }: WorkerSetting): Partial<Limits> {
  if (kind === 'untrusted') {
    return {
      // What is there to be read is what the wall shows.
      flags: ['--permission', '--allow-fs-read=*'],
      environment: {},
      command: wallCommand(folders),
      messageBytes: mostMessageBytes,
    }
  }
  const group = { group: true, command: dyingWithUs() }
  // Connectors are Andon's own, and start servers.
  return confine && kind === 'code' ? { ...group, flags: confinement(confine, folder) } : group
}

/** Buffers are no part of the heap: the system is asked to refuse them. Threads share theirs. */
function limitBuffers({ kind, place, memoryMb }: WorkerSetting, pid: number | undefined): void {
  // Servers that a connector starts would inherit it.
  if (place !== 'process' || pid === undefined) return
  if (kind === 'code') limitData(pid, memoryMb)
  // Behind the wall, the last in the line is Node.
  if (kind === 'untrusted') limitData(processTree(pid).at(-1) ?? pid, memoryMb)
}
