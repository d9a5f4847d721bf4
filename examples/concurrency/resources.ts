import { deepEqual, equal, rejects } from 'node:assert/strict'
import { Semaphore } from 'andon/concurrency'

const log: string[] = []

function open(name: string): AsyncDisposable {
  log.push(`open ${name}`)
  return { [Symbol.asyncDispose]: async () => void log.push(`close ${name}`) }
}

const connections = new Semaphore(2, { name: 'connections' })

async function work(): Promise<void> {
  using _permit = await connections.acquire({ timeoutMs: 10_000 })
  await using _file = open('file')
  await using _socket = open('socket')
  throw new Error('stop the line')
}

await rejects(work(), /stop the line/)
console.log(log.join(', '))
deepEqual(log, ['open file', 'open socket', 'close socket', 'close file'])

await Promise.allSettled(Array.from({ length: 100 }, work))
console.log(`after 101 failures: ${connections.available} of ${connections.permits} permits are free`)
equal(connections.available, 2)
