// A thread that does one thing with what it was sent, and says when it has.

import { parentPort, workerData } from 'node:worker_threads'
import { Channel } from './channel.ts'
import { Event } from './event.ts'
import { Lock } from './lock.ts'
import { Semaphore } from './semaphore.ts'

/** What it is to do. */
export type Task =
  | {
      kind: 'count'
      lock: SharedArrayBuffer
      counter: SharedArrayBuffer
      go: SharedArrayBuffer
      rounds: number
      together: number
    }
  | { kind: 'permits'; semaphore: SharedArrayBuffer; gauge: SharedArrayBuffer; rounds: number; weight: number }
  | { kind: 'hold'; lock: SharedArrayBuffer; semaphore: SharedArrayBuffer; weight: number }
  | { kind: 'wait'; event: SharedArrayBuffer }
  | { kind: 'send'; channel: SharedArrayBuffer; from: number; count: number }
  | { kind: 'sum'; channel: SharedArrayBuffer }

const task = workerData as Task
const say = (word: unknown): void => parentPort?.postMessage(word)

if (task.kind === 'count') {
  const lock = Lock.from(task.lock)
  const counter = new Int32Array(task.counter)
  const round = async (): Promise<void> => {
    using _held = await lock.acquire()
    // Two words that anybody else inside would spoil: a plain one that loses updates, and who is inside.
    if (Atomics.exchange(counter, 1, 1) !== 0) Atomics.add(counter, 2, 1)
    const seen = counter[0] ?? 0
    if (seen % 64 === 0) await Promise.resolve()
    counter[0] = seen + 1
    Atomics.store(counter, 1, 0)
  }
  say('ready')
  await Event.from(task.go).wait()
  for (let left = task.rounds; left > 0; left -= task.together)
    await Promise.all(Array.from({ length: Math.min(left, task.together) }, round))
  say('done')
} else if (task.kind === 'permits') {
  const semaphore = Semaphore.from(task.semaphore)
  const gauge = new Int32Array(task.gauge)
  for (let left = task.rounds; left > 0; left--) {
    using _held = await semaphore.acquire({ weight: task.weight })
    const out = Atomics.add(gauge, 0, task.weight) + task.weight
    if (out > Atomics.load(gauge, 1)) Atomics.store(gauge, 1, out)
    if (left % 8 === 0) await new Promise(setImmediate)
    Atomics.sub(gauge, 0, task.weight)
  }
  say('done')
} else if (task.kind === 'hold') {
  await Lock.from(task.lock).acquire()
  await Semaphore.from(task.semaphore).acquire({ weight: task.weight })
  say('holding')
  setInterval(() => {}, 1_000)
} else if (task.kind === 'wait') {
  const event = Event.from(task.event)
  const waiting = event.wait()
  say('waiting')
  await waiting
  say('heard')
} else if (task.kind === 'send') {
  const channel = Channel.from<{ number: number; bytes: Uint8Array }>(task.channel)
  for (let at = 0; at < task.count; at++)
    await channel.send({ number: task.from + at, bytes: new Uint8Array(at % 50).fill(7) })
  say('done')
} else {
  let sum = 0
  for await (const value of Channel.from<number>(task.channel)) sum += value
  say(sum)
}
