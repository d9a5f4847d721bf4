// Runs one phase: in this thread, or in several that each make a share of it.

import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { AndonError } from '../core/errors.ts'
import { epochMs, generateLoad } from './generate-load.ts'
import type { WorkerOrder, WorkerTask, WorkerWord } from './load-worker.ts'
import type { PhaseEnd, PhaseOutcome, PhasePlan } from './phase.ts'
import type { RequestRecord } from './record.ts'

export interface RunPhaseOptions {
  /** Threads that make the load; 1 is this thread. */
  workers: number
  /** Ends the phase at once; what was under way is `incomplete`. */
  signal: AbortSignal
  /** Each record as it comes. */
  record?: (record: RequestRecord) => void
}

/** So many milliseconds lie between the last worker's readiness and the start. */
const leadMs = 20

/** The outcome of a phase. Records are in the order of their index. */
export async function runPhase(plan: PhasePlan, options: RunPhaseOptions): Promise<PhaseOutcome> {
  const records: RequestRecord[] = []
  const keep = (record: RequestRecord): void => {
    records.push(record)
    options.record?.(record)
  }
  const controller = new AbortController()
  const interrupt = (): void => controller.abort('interrupted')
  options.signal.addEventListener('abort', interrupt, { once: true })
  if (options.signal.aborted) interrupt()
  try {
    const ends =
      options.workers <= 1
        ? [
            await generateLoad(
              plan,
              { at: 0, of: 1 },
              { ready: () => Promise.resolve(epochMs() + 1), record: keep, signal: controller.signal },
            ),
          ]
        : await inWorkers(plan, options.workers, keep, controller)
    records.sort((one, other) => one.index - other.index)
    return { ...together(ends), records }
  } finally {
    options.signal.removeEventListener('abort', interrupt)
  }
}

async function inWorkers(
  plan: PhasePlan,
  count: number,
  keep: (record: RequestRecord) => void,
  controller: AbortController,
): Promise<PhaseEnd[]> {
  const file = new URL(`./load-worker${extname(import.meta.filename)}`, import.meta.url)
  const workers = Array.from(
    { length: count },
    (_, at) => new Worker(file, { workerData: { plan, share: { at, of: count } } satisfies WorkerTask }),
  )
  const tell = (order: WorkerOrder): void => {
    for (const worker of workers) worker.postMessage(order)
  }
  controller.signal.addEventListener('abort', () => tell({ type: 'stop', reason: String(controller.signal.reason) }), {
    once: true,
  })
  if (controller.signal.aborted) tell({ type: 'stop', reason: String(controller.signal.reason) })
  let ready = 0
  const ended = workers.map(
    (worker) =>
      new Promise<PhaseEnd>((resolve, reject) => {
        worker.on('message', (word: WorkerWord) => {
          switch (word.type) {
            case 'ready':
              if (++ready === count) tell({ type: 'begin', atMs: epochMs() + leadMs })
              return
            case 'records':
              word.records.forEach(keep)
              return
            case 'end':
              // One share that fell behind is enough: the others are of the same kind.
              if (word.end.saturated) controller.abort('saturated')
              resolve(word.end)
              return
            case 'failed':
              reject(AndonError.fromWire(word.error))
          }
        })
        worker.on('error', (reason) => reject(AndonError.from(reason)))
        worker.on('exit', () => reject(new AndonError('internal', 'A thread of the load generator ended early.')))
      }),
  )
  try {
    return await Promise.all(ended)
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
}

/** The worst of every share, and the sums of what adds up. */
function together(ends: readonly PhaseEnd[]): PhaseEnd {
  const clients = ends.map(({ client }) => client)
  return {
    client: {
      loopLagMs: Math.max(...clients.map(({ loopLagMs }) => loopLagMs)),
      utilisation: Math.max(...clients.map(({ utilisation }) => utilisation)),
      connections: clients.reduce((sum, { connections }) => sum + connections, 0),
      peakInFlight: clients.reduce((sum, { peakInFlight }) => sum + peakInFlight, 0),
    },
    saturated: ends.some(({ saturated }) => saturated),
    interrupted: ends.some(({ interrupted }) => interrupted),
  }
}
