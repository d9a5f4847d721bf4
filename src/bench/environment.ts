// What a run ran on, so that its numbers can be believed or doubted later. Without names of machines or people.

import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'

/** The client's side of the conditions. */
export interface Environment {
  node: string
  platform: string
  cpu: string
  /** What this process may use. */
  cores: number
  memoryGiB: number
  /** One minute's load average before the run: a busy machine is a poor measure. */
  loadBefore: number
}

export function readEnvironment(): Environment {
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    loadBefore: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  }
}
