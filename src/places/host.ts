// What a worker thread or a child process runs: it makes stations from recipes and serves them to its parent.

import { parentPort } from 'node:worker_threads'
import { AndonError } from '../core/errors.ts'
import { overSocket } from './far-end.ts'
import { Port } from './port.ts'
import { processWire } from './process.ts'
import { makeStation } from './recipe.ts'
import { serve } from './serve.ts'
import { threadWire } from './thread.ts'

const port = new Port(
  parentPort
    ? threadWire(parentPort)
    : process.argv[3] === overSocket
      ? (await import('./inherited-socket.ts')).inheritedSocketWire()
      : processWire(process),
)

if (!parentPort) {
  if (process.argv[2]) process.title = process.argv[2]
  // Node prints the error and ends the process; the parent should hear the reason too.
  process.on('uncaughtExceptionMonitor', (error) => {
    port.send({ kind: 'bye', error: AndonError.from(error).toWire() })
    port.flush()
  })
}

serve(port, {
  open: makeStation,
  // Timers or sockets that a station forgot must not keep this end alive.
  onEnd: () => process.exit(0),
})
