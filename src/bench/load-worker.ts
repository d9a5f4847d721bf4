// A thread that makes a share of a phase, and tells its records in batches.

import { parentPort, workerData } from 'node:worker_threads'
import { AndonError, type WireError } from '../core/errors.ts'
import { generateLoad, type Share } from './generate-load.ts'
import type { PhaseEnd, PhasePlan } from './phase.ts'
import type { RequestRecord } from './record.ts'

/** What a worker is given. */
export interface WorkerTask {
  plan: PhasePlan
  share: Share
}

/** What it says. */
export type WorkerWord =
  | { type: 'ready' }
  | { type: 'records'; records: RequestRecord[] }
  | { type: 'end'; end: PhaseEnd }
  | { type: 'failed'; error: WireError }

/** What it is told. */
export type WorkerOrder = { type: 'begin'; atMs: number } | { type: 'stop'; reason: string }

if (parentPort) await work(parentPort)

async function work(port: NonNullable<typeof parentPort>): Promise<void> {
  const { plan, share } = workerData as WorkerTask
  const controller = new AbortController()
  const begin = Promise.withResolvers<number>()
  const say = (word: WorkerWord): void => port.postMessage(word)
  port.on('message', (order: WorkerOrder) => {
    if (order.type === 'begin') begin.resolve(order.atMs)
    else controller.abort(order.reason)
  })
  let batch: RequestRecord[] = []
  const flush = (): void => {
    if (batch.length > 0) say({ type: 'records', records: batch })
    batch = []
  }
  const timer = setInterval(flush, 100)
  try {
    const end = await generateLoad(plan, share, {
      ready: () => {
        say({ type: 'ready' })
        return begin.promise
      },
      record: (record) => void batch.push(record),
      signal: controller.signal,
    })
    flush()
    say({ type: 'end', end })
  } catch (reason) {
    flush()
    say({ type: 'failed', error: AndonError.from(reason).toWire() })
  } finally {
    clearInterval(timer)
    port.close()
  }
}
