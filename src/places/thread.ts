// Stations in a worker thread: an event loop and a heap of its own in the same process.

import { Worker } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'
import { hostModule } from './far-end.ts'
import type { Ending, FarEnd, FarEndOptions } from './far-end.ts'
import { isMessage } from './port.ts'
import type { Wire } from './port.ts'

/**
 * Starts a thread. What its stations print goes to standard error, because standard output belongs to the program.
 * Its heap limit is a request: V8 asks the thread to stop there, and one that takes tens of MiB more in one step brings
 * the whole program down. What may outgrow its memory belongs in a process.
 */
export function startThread(options: FarEndOptions): FarEnd {
  const worker = new Worker(hostModule, {
    name: options.name,
    execArgv: [],
    stdout: true,
    ...(options.environment === undefined ? {} : { env: options.environment }),
    ...(options.memoryMb === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: options.memoryMb } }),
  })
  worker.stdout.on('data', (chunk: Uint8Array) => void process.stderr.write(chunk))
  return {
    wire: threadWire(worker),
    ended: endOf(worker),
    kill: () => void worker.terminate(),
    // Threads share their process's memory: only the heap limit holds.
    resident: () => undefined,
  }
}

/** A wire over a worker (near side) or its parent port (far side). */
export function threadWire(end: Worker | MessagePort): Wire {
  let open = true
  end.once('exit', () => (open = false))
  end.once('close', () => (open = false))
  return {
    post(frames, transfer) {
      if (open) end.postMessage(frames, transfer as ArrayBuffer[])
    },
    onMessage(listener) {
      end.on('message', (message: unknown) => {
        if (isMessage(message)) listener(message)
      })
    },
    onClose(listener) {
      const closed = (): void => listener('The thread has ended')
      if (end instanceof Worker) end.once('exit', closed)
      else end.once('close', closed)
    },
    close() {
      open = false
      if (!(end instanceof Worker)) end.close()
    },
  }
}

function endOf(worker: Worker): Promise<Ending> {
  return new Promise((resolve) => {
    let error: NodeJS.ErrnoException | undefined
    worker.once('error', (reason: unknown) => {
      error = reason instanceof Error ? reason : new Error(String(reason))
    })
    worker.once('exit', (exitCode) => {
      const reason = error?.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'memory' : error ? 'crash' : 'exit'
      resolve({ reason, exitCode, ...(error ? { message: error.message } : {}) })
    })
  })
}
