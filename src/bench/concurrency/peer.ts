// A thread or a process that answers: the near side of what is measured between two.

import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { AndonError } from '../../core/errors.ts'
import type { ProcessOrder } from './process-peer.ts'
import type { ThreadOrder } from './thread-peer.ts'

/** How long an answer is waited for before something is wrong, in milliseconds. */
export const patienceMs = 10_000

/** One at the far end that is given orders and answers each with one message. */
export interface Peer<Order> {
  /** Sends without waiting. */
  post: (order: Order, transfer?: readonly ArrayBuffer[]) => void
  /** Sends, and waits for the answer: one at a time. Rejects when the other side has ended. */
  ask: (order: Order, transfer?: readonly ArrayBuffer[]) => Promise<unknown>
  /** Waits for the next answer. */
  answer: () => Promise<unknown>
}

export interface ThreadPeer extends Peer<ThreadOrder> {
  readonly worker: Worker
}

export interface ProcessPeer extends Peer<ProcessOrder> {
  readonly child: ChildProcess
}

/** Starts a thread, and waits until it listens. */
export async function openThread(stack: AsyncDisposableStack): Promise<ThreadPeer> {
  const worker = new Worker(beside('thread-peer'), { execArgv: [] })
  stack.defer(async () => void (await worker.terminate()))
  const peer = { worker, ...peerOf<ThreadOrder>(worker, (order, transfer) => worker.postMessage(order, transfer)) }
  await peer.answer()
  return peer
}

/** Starts a process with pipes and a channel of this kind, and waits until it listens. */
export async function openProcess(
  stack: AsyncDisposableStack,
  serialization: 'json' | 'advanced' = 'advanced',
): Promise<ProcessPeer> {
  const child = fork(beside('process-peer'), { serialization, execArgv: [], stdio: ['pipe', 'pipe', 'inherit', 'ipc'] })
  const ended = once(child, 'exit')
  stack.defer(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const peer = { child, ...peerOf<ProcessOrder>(child, (order) => void child.send(order)) }
  await peer.answer()
  return peer
}

function peerOf<Order>(
  end: Worker | ChildProcess,
  send: (order: Order, transfer: readonly ArrayBuffer[]) => void,
): Peer<Order> {
  let next = Promise.withResolvers<unknown>()
  const fail = (): void => {
    next.promise.catch(() => {})
    next.reject(new AndonError('internal', 'The other side of a measurement has ended: what it printed says why'))
  }
  end.on('message', (message: unknown) => next.resolve(message))
  end.on('error', fail)
  end.on('exit', fail)
  const answer = async (): Promise<unknown> => {
    const message = await next.promise
    next = Promise.withResolvers()
    return message
  }
  return {
    answer,
    post: (order, transfer = []) => send(order, transfer),
    ask(order, transfer = []) {
      send(order, transfer)
      return answer()
    },
  }
}

function beside(name: string): URL {
  return new URL(`./${name}${extname(import.meta.filename)}`, import.meta.url)
}
