// A request that stops its whole thread until the answer is there, as a client of a synchronous language does: another
// thread speaks with the server, and this one sleeps on shared memory.

import { fileURLToPath } from 'node:url'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { Pool } from 'undici'

interface Shared {
  /** [0] turns 1 when the answer is there, [1] is its length in bytes. */
  state: SharedArrayBuffer
  bytes: SharedArrayBuffer
}

let asking: { worker: Worker; shared: Shared } | undefined

/** Posts to the model and gives back the body of its answer, of at most 1 MiB. */
export function askBlocking(model: string, body: string): string {
  asking ??= open(model)
  const { worker, shared } = asking
  const state = new Int32Array(shared.state)
  state[0] = 0
  worker.postMessage(body)
  Atomics.wait(state, 0, 0)
  return Buffer.from(shared.bytes, 0, state[1]).toString()
}

function open(model: string): { worker: Worker; shared: Shared } {
  const shared: Shared = { state: new SharedArrayBuffer(8), bytes: new SharedArrayBuffer(2 ** 20) }
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: { model, shared } })
  worker.unref()
  return { worker, shared }
}

if (!isMainThread && parentPort) {
  const { model, shared } = workerData as { model: string; shared: Shared }
  const pool = new Pool(new URL(model).origin, { connections: 1, pipelining: 1 })
  const state = new Int32Array(shared.state)
  parentPort.on('message', (body: string) => {
    void (async () => {
      const { body: answered } = await pool.request({
        method: 'POST',
        path: '/v1/chat/completions',
        headers: { 'content-type': 'application/json' },
        body,
      })
      const bytes = Buffer.from(await answered.arrayBuffer())
      bytes.copy(Buffer.from(shared.bytes))
      state[1] = bytes.length
      Atomics.store(state, 0, 1)
      Atomics.notify(state, 0)
    })()
  })
}
