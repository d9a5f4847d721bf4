import { equal } from 'node:assert/strict'
import { once } from 'node:events'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { forgetWhenEnded, Lock } from 'andon/concurrency/threads'

if (isMainThread) {
  const lock = new Lock({ name: 'ledger' })
  const worker = new Worker(new URL(import.meta.url), { workerData: lock.memory })
  forgetWhenEnded(worker, lock)
  await once(worker, 'message')
  equal(lock.tryAcquire(), undefined)
  console.log('a thread holds the lock, and computes without an end')

  await worker.terminate()
  using held = await lock.acquire({ timeoutMs: 10_000 })
  console.log(`it was terminated; the lock is held here, abandoned: ${held.abandoned}`)
  equal(held.abandoned, true)
} else {
  await Lock.from(workerData as SharedArrayBuffer).acquire()
  parentPort?.postMessage('holding')
  for (;;);
}
