// The floor of the native cells: the same workers, and one message to each of them per batch, of JSON text there and back,
// in which the arguments are JSON text again. No schema, no deadline, no order to keep.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { Mode } from './registry.ts'
import { wrong } from './work.ts'
import type { BenchCall, RunBatch } from './work.ts'

interface End {
  ask(text: string): Promise<string>
  close(): Promise<unknown>
}

/** Workers that do what they are told. `calculator` is the URL of what they load. */
export async function openFloor(
  mode: Mode,
  calculator: string,
  workers: number,
): Promise<AsyncDisposable & { run: RunBatch }> {
  const ends = await Promise.all(
    Array.from({ length: workers }, () => (mode === 'thread' ? thread(calculator) : child(calculator))),
  )
  const each = (calls: readonly BenchCall[], at: number): readonly BenchCall[] => {
    const share = Math.ceil(calls.length / ends.length)
    return calls.slice(at * share, (at + 1) * share)
  }
  return {
    async run(calls) {
      const replies = await Promise.all(
        ends.map((end, at) =>
          end.ask(JSON.stringify(each(calls, at).map((call) => [call.id, call.name, call.arguments]))),
        ),
      )
      const values = replies.flatMap((text) => (JSON.parse(text) as [string, number][]).map(([, value]) => value))
      return wrong(calls, values)
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(ends.map((end) => end.close()))
    },
  }
}

const program = new URL('floor-worker.ts', import.meta.url)

async function thread(calculator: string): Promise<End> {
  const worker = new Worker(program, { workerData: calculator })
  await once(worker, 'message')
  return {
    ask(text) {
      const { promise, resolve } = Promise.withResolvers<string>()
      worker.once('message', resolve)
      worker.postMessage(text)
      return promise
    },
    close: () => worker.terminate(),
  }
}

async function child(calculator: string): Promise<End> {
  const process = fork(fileURLToPath(program), [calculator])
  await once(process, 'message')
  return {
    ask(text) {
      const { promise, resolve } = Promise.withResolvers<string>()
      process.once('message', (reply) => resolve(typeof reply === 'string' ? reply : JSON.stringify(reply)))
      process.send(text)
      return promise
    },
    close() {
      process.disconnect()
      return once(process, 'exit')
    },
  }
}
