// The far side of what is measured between two processes: throws back what it gets by channel, pipe and socket, and
// takes what its host shares.

import { connect } from 'node:net'
import { Lock, openArbiter, Semaphore, type Arbiter } from '../../concurrency/host/index.ts'

/** What a process may be ordered to do. */
export type ProcessOrder =
  | { kind: 'bytes'; bytes: Uint8Array }
  | { kind: 'text'; text: string }
  | { kind: 'connect'; address: string }
  | { kind: 'take'; what: 'lock' | 'semaphore'; folder: string; times: number }
  | { kind: 'leave' }

let joined: Promise<Taken> | undefined

interface Taken {
  arbiter: Arbiter
  lock: Lock
  semaphore: Semaphore
}

async function join(folder: string): Promise<Taken> {
  const arbiter = await openArbiter({ folder, group: 'bench' })
  return { arbiter, lock: new Lock('bench', { arbiter }), semaphore: new Semaphore('bench', 1, { arbiter }) }
}

async function follow(order: ProcessOrder): Promise<unknown> {
  switch (order.kind) {
    case 'bytes':
    case 'text':
      return order
    case 'connect': {
      const socket = connect(order.address)
      socket.on('error', () => {}).pipe(socket)
      return 'connecting'
    }
    case 'take': {
      const taken = await (joined ??= join(order.folder))
      const began = performance.now()
      for (let time = 0; time < order.times; time++) (await taken[order.what].acquire()).release()
      return performance.now() - began
    }
    case 'leave':
      await (await joined)?.arbiter[Symbol.asyncDispose]()
      return 'left'
  }
}

process.on('message', (order: ProcessOrder) => void follow(order).then((answer) => process.send?.(answer)))
process.on('disconnect', () => process.exit())
process.stdin.pipe(process.stdout)
process.send?.('ready')
