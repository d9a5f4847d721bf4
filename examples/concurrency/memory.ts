import { deepEqual, equal } from 'node:assert/strict'
import { once } from 'node:events'
import { isMainThread, Worker, workerData } from 'node:worker_threads'
import { Event } from 'andon/concurrency/threads'

interface Shared {
  counter: SharedArrayBuffer
  go: SharedArrayBuffer
}

if (isMainThread) {
  const go = new Event()
  const counter = new SharedArrayBuffer(4)
  const shared: Shared = { counter, go: go.memory }
  const threads = [1, 2].map(() => new Worker(new URL(import.meta.url), { workerData: shared }))
  const ends = threads.map((thread) => once(thread, 'exit'))
  go.set()
  deepEqual(await Promise.all(ends), [[0], [0]])
  const [count] = new Int32Array(counter)
  console.log(`two threads counted in one memory: ${count}`)
  equal(count, 200_000)

  const copied = new ArrayBuffer(1_000_000)
  const moved = new ArrayBuffer(1_000_000)
  structuredClone({ copied, moved }, { transfer: [moved] })
  console.log(`copied: ${copied.byteLength} bytes are still here; moved: ${moved.byteLength}`)
  deepEqual([copied.byteLength, moved.byteLength], [1_000_000, 0])
} else {
  const { counter, go } = workerData as Shared
  const numbers = new Int32Array(counter)
  await Event.from(go).wait()
  for (let turn = 0; turn < 100_000; turn++) Atomics.add(numbers, 0, 1)
}
