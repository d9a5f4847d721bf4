// A program that waits for a lock that nobody will give back; with an argument, for so many milliseconds at most.

import { Lock } from './lock.ts'

const lock = new Lock({ name: 'kept' })
await lock.acquire()
const timeoutMs = process.argv[2]
const waiting = lock.acquire(timeoutMs === undefined ? {} : { timeoutMs: Number(timeoutMs) })
waiting.then(
  () => console.log('held'),
  (reason: unknown) => console.log(String(reason)),
)
process.once('exit', () => console.log('exit'))
