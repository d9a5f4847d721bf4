// A factory for a process that lasts: that of the server on the data directory while one runs, else one of this process,
// which then serves the other commands as a server would.

import { setTimeout as delay } from 'node:timers/promises'
import { AndonError } from '../core/errors.ts'
import type { Factory } from '../core/factory.ts'
import type { Options } from '../options.ts'
import { connect, serveControl, type FarFactory } from './control.ts'
import { standingConnection } from './standing-connection.ts'

/** How often, and after how many milliseconds, it is tried again where another process opens the directory just now. */
const mostTries = 40
const betweenTriesMs = 250

/** Opens at the first request, and again when the server behind it has ended. Disposal closes what is open. */
export function lastingFactory(options: Options): Factory {
  return standingConnection(options.dataDir, () => openOwn(options))
}

async function openOwn(options: Options): Promise<FarFactory> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await open(options)
    } catch (reason) {
      // Somebody else has it: their server answers in a moment.
      if (AndonError.from(reason).code !== 'conflict' || tried === mostTries) throw reason
      await delay(betweenTriesMs)
      const other = await connect(options.dataDir)
      if (other) return other
    }
  }
}

async function open(options: Options): Promise<FarFactory> {
  const { createFactory } = await import('../factory.ts')
  await using stack = new AsyncDisposableStack()
  const factory = stack.use(await createFactory(options))
  stack.use(await serveControl(factory, options.dataDir, () => options))
  const owned = stack.move()
  const closed = Promise.withResolvers<void>()
  return {
    ...factory,
    closed: closed.promise,
    async [Symbol.asyncDispose]() {
      await owned.disposeAsync()
      closed.resolve()
    },
  }
}
