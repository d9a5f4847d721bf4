import { equal, ok } from 'node:assert/strict'
import { isMainThread, Worker, workerData } from 'node:worker_threads'
import { Channel } from 'andon/concurrency/threads'

interface Shared {
  channel: SharedArrayBuffer
  sent: SharedArrayBuffer
}

const count = 10_000

if (isMainThread) {
  const channel = new Channel<number>({ bytes: 1_024 })
  const sent = new Int32Array(new SharedArrayBuffer(4))
  const shared: Shared = { channel: channel.memory, sent: sent.buffer }
  const _worker = new Worker(new URL(import.meta.url), { workerData: shared })

  let received = 0
  let sum = 0
  let ahead = 0
  for await (const number of channel) {
    received++
    sum += number
    ahead = Math.max(ahead, Atomics.load(sent, 0) - received)
  }
  console.log(`received ${received}; the sender was never more than ${ahead} ahead`)
  equal(sum, (count * (count + 1)) / 2)
  ok(ahead < 1_024) // the ring has 1,024 bytes, and each message takes some of them
} else {
  const { channel, sent } = workerData as Shared
  const numbers = Channel.from<number>(channel)
  for (let number = 1; number <= count; number++) {
    await numbers.send(number)
    Atomics.add(new Int32Array(sent), 0, 1)
  }
  numbers.close()
}
