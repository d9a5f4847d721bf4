// A worker of the floor, as a thread and as a process.

import { parentPort, workerData } from 'node:worker_threads'

type Call = [id: string, name: string, text: string]

const module = String(parentPort ? workerData : process.argv[2])
const functions = (await import(module)) as Record<string, (two: unknown) => number>

function answer(text: string): string {
  const calls = JSON.parse(text) as Call[]
  return JSON.stringify(calls.map(([id, name, given]) => [id, functions[name]?.(JSON.parse(given))]))
}

if (parentPort) {
  const port = parentPort
  port.on('message', (text: string) => port.postMessage(answer(text)))
  port.postMessage('ready')
} else {
  process.on('message', (text) => void process.send?.(answer(String(text))))
  process.send?.('ready')
}
