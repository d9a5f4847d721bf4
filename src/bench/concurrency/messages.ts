// What it costs to hand over control, and bytes: within a thread, between threads, between processes.

import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mkdtempDisposable } from 'node:fs/promises'
import type { Readable, Writable } from 'node:stream'
import { AndonError } from '../../core/errors.ts'
import { handOver, handOverMemory } from './hand-over.ts'
import { timed, type Measure } from './measure.ts'
import { patienceMs, type ProcessPeer, type ThreadPeer } from './peer.ts'

/** Who is at the other end: opened once for all measures. */
export interface Peers {
  thread: (stack: AsyncDisposableStack) => Promise<ThreadPeer>
  /** Its channel carries structured clones. */
  process: (stack: AsyncDisposableStack) => Promise<ProcessPeer>
  /** Its channel carries JSON. */
  jsonProcess: (stack: AsyncDisposableStack) => Promise<ProcessPeer>
}

const quick = 5_000
const slow = 60
const passes = 5

/** Control goes there and comes back; nothing is carried. */
export function switchMeasures(peers: Peers): Measure[] {
  const inThread: Record<string, (times: number) => Promise<void>> = {
    await: async (times) => {
      const resolved = Promise.resolve()
      for (let time = 0; time < times; time++) await resolved
    },
    async: async (times) => {
      const call = async (time: number): Promise<number> => time
      for (let time = 0; time < times; time++) await call(time)
    },
    generator: async (times) => {
      const numbers = (async function* () {
        for (let time = 0; ; time++) yield time
      })()
      for (let time = 0; time < times; time++) await numbers.next()
    },
    loop: async (times) => {
      for (let time = 0; time < times; time++) await new Promise(setImmediate)
    },
  }
  return [
    ...Object.entries(inThread).map(([subject, work]): Measure => {
      const times = subject === 'loop' ? quick / 5 : quick
      return {
        group: 'switch',
        subject,
        unit: 'us',
        times,
        passes,
        open: () => () => timed(times, () => work(times)),
      }
    }),
    {
      group: 'switch',
      subject: 'thread',
      unit: 'us',
      times: slow,
      passes,
      async open(stack) {
        const { post } = await peers.thread(stack)
        const memory = handOverMemory(0)
        return () => {
          post({ kind: 'pass-back', memory, size: 0, times: slow })
          return timed(slow, () => handOver(memory, slow, patienceMs))
        }
      },
    },
    {
      group: 'switch',
      subject: 'pipe',
      unit: 'us',
      times: slow,
      passes,
      async open(stack) {
        const { child } = await peers.process(stack)
        const { stdin, stdout } = child
        if (!stdin || !stdout) throw new AndonError('internal', 'A process was started without its pipes')
        const byte = new Uint8Array(1)
        return () => timed(slow, () => bounce(stdin, stdout, byte, slow))
      },
    },
  ]
}

const sizes = { '1B': 1, '64KB': 65_536 }

/** Bytes go there and come back, one after the other. */
export function messageMeasures(peers: Peers): Measure[] {
  return Object.entries(sizes).flatMap(([variant, size]): Measure[] => {
    const measure = (subject: string, open: Measure['open']): Measure => ({
      group: 'message',
      subject,
      variant,
      unit: 'us',
      times: slow,
      passes,
      open,
    })
    const bytes = new Uint8Array(size).fill(7)
    const text = 'x'.repeat(size)
    return [
      measure('clone', async (stack) => {
        const { ask } = await peers.thread(stack)
        return () => repeated(() => ask({ kind: 'copy', bytes }))
      }),
      measure('transfer', async (stack) => {
        const { ask } = await peers.thread(stack)
        let moving = new Uint8Array(size)
        return () =>
          repeated(async () => {
            const back = await ask({ kind: 'move', bytes: moving }, [moving.buffer])
            if (back instanceof Uint8Array && back.buffer instanceof ArrayBuffer) moving = new Uint8Array(back.buffer)
          })
      }),
      measure('shared', async (stack) => {
        const { post } = await peers.thread(stack)
        const memory = handOverMemory(size)
        return () => {
          post({ kind: 'pass-back', memory, size, times: slow })
          return timed(slow, () => handOver(memory, slow, patienceMs, bytes))
        }
      }),
      measure('channel-json', async (stack) => {
        const { ask } = await peers.jsonProcess(stack)
        return () => repeated(() => ask({ kind: 'text', text }))
      }),
      measure('channel-clone', async (stack) => {
        const { ask } = await peers.process(stack)
        return () => repeated(() => ask({ kind: 'bytes', bytes }))
      }),
      measure('socket', async (stack) => {
        const socket = await openSocket(stack, await peers.process(stack))
        return () => timed(slow, () => bounce(socket, socket, bytes, slow))
      }),
    ]
  })
}

function repeated(work: () => Promise<unknown>): Promise<number> {
  return timed(slow, async () => {
    for (let time = 0; time < slow; time++) await work()
  })
}

/** Writes the bytes and waits until as many have come back, so many times. Rejects when the other end closes. */
async function bounce(to: Writable, from: Readable, bytes: Uint8Array, times: number): Promise<void> {
  const done = Promise.withResolvers<void>()
  let back = 0
  let left = times
  const read = (chunk: Uint8Array): void => {
    back += chunk.length
    if (back < bytes.length) return
    back = 0
    left--
    if (left === 0) done.resolve()
    else to.write(bytes)
  }
  const closed = (): void => done.reject(new AndonError('internal', 'The far end of a pipe or socket has closed'))
  from.on('data', read).once('close', closed)
  to.write(bytes)
  try {
    await done.promise
  } finally {
    from.off('data', read).off('close', closed)
  }
}

/** A socket of the file system (a named pipe on Windows), at whose other end the process throws back what it gets. */
async function openSocket(stack: AsyncDisposableStack, { post }: ProcessPeer): Promise<Socket> {
  const folder = stack.use(await mkdtempDisposable(join(tmpdir(), 'andon-bench-')))
  const address =
    process.platform === 'win32' ? `\\\\.\\pipe\\${folder.path.replaceAll(/\W+/g, '-')}` : join(folder.path, 'socket')
  const server = createServer().listen(address)
  stack.defer(() => void server.close())
  await once(server, 'listening')
  const connected: Promise<Socket[]> = once(server, 'connection')
  post({ kind: 'connect', address })
  const [socket] = await connected
  if (!socket) throw new AndonError('internal', 'A connection came without its socket')
  stack.defer(() => void socket.destroy())
  return socket
}
