// Piscina, tinypool and workerpool with the same batches, one call per task as their users call them. Sends its rows to
// the process that started it. From the command line: workers, batches.

import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import { Tinypool } from 'tinypool'
import workerpool from 'workerpool'
import { pace, wrong } from '../work.ts'
import type { FunctionName, RunBatch } from '../work.ts'

const workers = Number(process.argv[2])
const count = Number(process.argv[3])
const filename = fileURLToPath(new URL('worker.ts', import.meta.url))

interface Given {
  name: FunctionName
  text: string
}

interface Peer {
  call(given: Given): PromiseLike<unknown>
  close(): PromiseLike<unknown>
}

const peers: [name: string, mode: string, open: () => Peer][] = [
  ['piscina', 'thread', () => openPiscina(1)],
  ['piscina, 50 at once', 'thread', () => openPiscina(50)],
  ['tinypool', 'thread', () => openTinypool('worker_threads')],
  ['tinypool', 'process', () => openTinypool('child_process')],
  ['workerpool', 'thread', () => openWorkerpool('thread')],
  ['workerpool', 'process', () => openWorkerpool('process')],
]

function openPiscina(concurrentTasksPerWorker: number): Peer {
  const pool = new Piscina({ filename, minThreads: workers, maxThreads: workers, concurrentTasksPerWorker })
  return { call: (given) => pool.run(given), close: () => pool.destroy() }
}

function openTinypool(runtime: 'worker_threads' | 'child_process'): Peer {
  const pool = new Tinypool({ filename, runtime, minThreads: workers, maxThreads: workers })
  return { call: (given) => pool.run(given), close: () => pool.destroy() }
}

function openWorkerpool(workerType: 'thread' | 'process'): Peer {
  process.env['ANDON_BENCH_WORKERPOOL'] = '1'
  const pool = workerpool.pool(filename, { workerType, minWorkers: workers, maxWorkers: workers })
  return {
    call: (given) => pool.exec('calculate', [given]),
    async close() {
      await pool.terminate()
      delete process.env['ANDON_BENCH_WORKERPOOL']
    },
  }
}

const rows: unknown[] = []
for (const [name, mode, open] of peers) {
  const peer = open()
  const run: RunBatch = async (calls) => {
    const values = await Promise.all(calls.map(({ name, arguments: text }) => peer.call({ name, text })))
    return wrong(calls, values)
  }
  const { perSecond, errors } = await pace(run, count)
  rows.push({ peer: name, mode, perSecond, errors })
  await peer.close()
}
process.send?.(rows)
process.disconnect()
