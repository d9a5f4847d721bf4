// What the start, the end and the mere being of a coroutine, a thread and a process cost.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { AndonError } from '../../core/errors.ts'
import { timed, type Measure } from './measure.ts'

/** From the order to start until the first message is here: of empty programs, so that no module is loaded. */
export function startMeasures(): Measure[] {
  const times = 5_000
  return [
    {
      group: 'start',
      subject: 'coroutine',
      unit: 'us',
      times,
      passes: 5,
      open: () => () =>
        timed(times, async () => {
          for (let time = 0; time < times; time++) await firstWord().next()
        }),
    },
    {
      group: 'start',
      subject: 'thread',
      unit: 'us',
      passes: 3,
      open: () => async () => {
        const began = performance.now()
        const worker = emptyThread("require('node:worker_threads').parentPort.postMessage(1)")
        await once(worker, 'message')
        const spent = performance.now() - began
        await worker.terminate()
        return spent * 1_000
      },
    },
    {
      group: 'start',
      subject: 'process',
      unit: 'us',
      passes: 3,
      open: () => async () => {
        const began = performance.now()
        const child = emptyProcess(['-e', 'process.send(1)'])
        await once(child, 'message')
        const spent = performance.now() - began
        await once(child, 'exit')
        return spent * 1_000
      },
    },
  ]
}

/** From the order to stop until its end is known, of one that is in an endless loop. */
export function stopMeasures(): Measure[] {
  return [
    {
      group: 'stop',
      subject: 'thread',
      unit: 'us',
      passes: 3,
      open: () => async () => {
        const worker = emptyThread("require('node:worker_threads').parentPort.postMessage(1); for (;;);")
        await once(worker, 'message')
        return timed(1, async () => void (await worker.terminate()))
      },
    },
    {
      group: 'stop',
      subject: 'process',
      unit: 'us',
      passes: 3,
      open: () => async () => {
        const child = emptyProcess(['-e', 'process.send(1, () => { for (;;); })'])
        await once(child, 'message')
        return timed(1, async () => {
          child.kill('SIGKILL')
          await once(child, 'exit')
        })
      },
    },
  ]
}

const waitingCoroutines = 20_000
const waitingThreads = 4

/** In a process of its own, which says how much its resident memory has grown for one of them. */
const inFreshProcess = {
  coroutine: `
    const gate = new Promise(() => {})
    const wait = async (number) => { await gate; return number }
    const all = new Array(${waitingCoroutines})
    const settle = async () => { for (let time = 0; time < 3; time++) { gc(); await new Promise(setImmediate) } }
    settle().then(async () => {
      const before = process.memoryUsage().heapUsed
      for (let at = 0; at < all.length; at++) all[at] = wait(at)
      await settle()
      process.send((process.memoryUsage().heapUsed - before) / all.length)
    })`,
  thread: `
    const { Worker } = require('node:worker_threads')
    const { once } = require('node:events')
    const code = "require('node:worker_threads').parentPort.postMessage(1); setInterval(() => {}, 1e6)"
    const start = async () => {
      const worker = new Worker(code, { eval: true })
      await once(worker, 'message')
      return worker
    }
    void (async () => {
      await start() // what all threads share is not counted for the first
      const before = process.memoryUsage().rss
      for (let at = 0; at < ${waitingThreads}; at++) await start()
      process.send((process.memoryUsage().rss - before) / ${waitingThreads})
    })()`,
  process: `process.send(process.memoryUsage().rss)`,
  'process-own': `
    const rollup = require('node:fs').readFileSync('/proc/self/smaps_rollup', 'utf8')
    const kilobytes = [...rollup.matchAll(/^Private_(?:Clean|Dirty): *(\\d+) kB$/gm)].map(([, number]) => Number(number))
    process.send(kilobytes.reduce((sum, number) => sum + number, 0) * 1024)`,
} as const

/** Bytes of one that does nothing but wait. What a process has for itself alone is known on Linux only. */
export function memoryMeasures(): Measure[] {
  const times = { coroutine: waitingCoroutines, thread: waitingThreads, process: 1, 'process-own': 1 }
  const subjects = ['coroutine', 'thread', 'process', ...(process.platform === 'linux' ? ['process-own' as const] : [])]
  return (subjects as (keyof typeof inFreshProcess)[]).map((subject) => ({
    group: 'memory',
    subject,
    unit: 'bytes',
    times: times[subject],
    open: () => async () => {
      const child = emptyProcess(['--expose-gc', '-e', inFreshProcess[subject]])
      const [bytes]: unknown[] = await once(child, 'message')
      child.kill('SIGKILL')
      await once(child, 'exit')
      if (typeof bytes === 'number') return bytes
      throw new AndonError('internal', `The memory of one ${subject} is not known: a process said ${String(bytes)}`)
    },
  }))
}

async function* firstWord(): AsyncGenerator<number> {
  yield 1
}

function emptyThread(code: string): Worker {
  return new Worker(code, { eval: true, execArgv: [] })
}

function emptyProcess(args: readonly string[]): ReturnType<typeof spawn> {
  return spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
}
