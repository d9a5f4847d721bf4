// A process that shares a lock and a semaphore of the host: it holds both until it is killed, or counts in a file.

import { readFile, writeFile } from 'node:fs/promises'
import { Lock, openArbiter, Semaphore } from './index.ts'

/** What it is to do. */
export interface Task {
  folder: string
  hold?: number
  count?: { file: string; rounds: number }
}

const task = JSON.parse(process.argv[2] ?? '') as Task
await using arbiter = await openArbiter({ folder: task.folder, group: 'shared' })
using lock = new Lock('ledger', { arbiter })
using semaphore = new Semaphore('gpu', 4, { arbiter })

if (task.hold !== undefined) {
  await lock.acquire()
  await semaphore.acquire({ weight: task.hold })
  process.send?.('holding')
  await new Promise(() => setInterval(() => {}, 1_000))
}
if (task.count) {
  const { file, rounds } = task.count
  process.send?.('ready')
  for (let left = rounds; left > 0; left--) {
    using _held = await lock.acquire()
    // Between the two, another process inside would be lost.
    const seen = Number(await readFile(file, 'utf8'))
    await writeFile(file, String(seen + 1))
  }
  process.disconnect()
}
