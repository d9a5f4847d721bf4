// The far side of what is measured between two threads: does what it is ordered, and says when it has.

import { parentPort, type MessagePort } from 'node:worker_threads'
import { Channel, Event, Lock, Semaphore } from '../../concurrency/shared/index.ts'
import { passBack } from './hand-over.ts'

/** What a thread may be ordered to do. */
export type ThreadOrder =
  | { kind: 'copy'; bytes: Uint8Array }
  | { kind: 'move'; bytes: Uint8Array<ArrayBuffer> }
  | { kind: 'pass-back'; memory: SharedArrayBuffer; size: number; times: number }
  | { kind: 'lock' | 'semaphore'; memory: SharedArrayBuffer; go: SharedArrayBuffer; times: number }
  | { kind: 'events'; there: SharedArrayBuffer; back: SharedArrayBuffer; times: number }
  | { kind: 'send'; channel: SharedArrayBuffer; go: SharedArrayBuffer; times: number }

async function follow(order: ThreadOrder, port: MessagePort): Promise<void> {
  switch (order.kind) {
    case 'copy':
      port.postMessage(order.bytes)
      return
    case 'move':
      port.postMessage(order.bytes, [order.bytes.buffer])
      return
    case 'pass-back':
      passBack(order.memory, order.size, order.times)
      return
    case 'lock':
    case 'semaphore': {
      const shared = order.kind === 'lock' ? Lock.from(order.memory) : Semaphore.from(order.memory)
      await Event.from(order.go).wait()
      for (let time = 0; time < order.times; time++) (await shared.acquire()).release()
      break
    }
    case 'events': {
      const [there, back] = [Event.from(order.there), Event.from(order.back)]
      for (let time = 0; time < order.times; time++) {
        await there.wait()
        there.clear()
        back.set()
      }
      return
    }
    case 'send': {
      const channel = Channel.from<number>(order.channel)
      await Event.from(order.go).wait()
      for (let time = 0; time < order.times; time++) await channel.send(time)
    }
  }
  port.postMessage('done')
}

if (parentPort) {
  const port = parentPort
  port.on('message', (order: ThreadOrder) => void follow(order, port))
  port.postMessage('ready')
}
