// The process under test: a factory behind its door, as `andon serve` runs it, with a line to the parent that tells what
// the door announces about its requests.

import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createFactory } from '../../src/factory.ts'
import { gatewayChannel } from '../../src/gateway/channel.ts'
import { openGateway } from '../../src/gateway/server.ts'
import type { OptionsInput } from '../../src/options.ts'
import { serveParent, sharedNow } from './process.ts'
import { read } from './reading.ts'

export interface Opened {
  model: string
  limits: NonNullable<OptionsInput['limits']>
}

/** What the door said of requests that ended, since it was asked last. */
export interface Ended {
  /** Milliseconds from the request to the end of its refusal. */
  refusedMs: number[]
  /** Shared milliseconds at which it was noticed that a reader left. */
  leftAt: number[]
}

let ended: Ended = { refusedMs: [], leftAt: [] }
let close = async (): Promise<void> => {}

gatewayChannel.subscribe((message) => {
  if (message.event !== 'request-ended') return
  if (message.status === 429) ended.refusedMs.push(message.ms)
  if (message.left) ended.leftAt.push(sharedNow())
})

const handlers = {
  async open({ model, limits }: Opened): Promise<string> {
    const dataDir = await mkdtemp(join(tmpdir(), 'andon-bench-door-'))
    // Also when the parent is stopped in the middle.
    process.once('exit', () => rmSync(dataDir, { recursive: true, force: true }))
    const factory = await createFactory({
      dataDir,
      handbook: true,
      models: { baseUrl: model, model: 'bench', budgetMs: 600_000, firstTokenMs: 120_000 },
      answers: { budgetMs: 600_000 },
      // Every answer is to be a stream of its own.
      cache: { answers: false },
    })
    // The handbook is loaded behind the opening; what is measured is the door alone.
    for (;;) {
      const { waiting, running } = (await factory.health()).totals
      if (waiting + running === 0) break
      await delay(100)
    }
    const gateway = await openGateway(factory, { port: 0, limits, drainMs: 100 })
    close = async () => {
      await gateway.close()
      await factory[Symbol.asyncDispose]()
      await rm(dataDir, { recursive: true, force: true })
    }
    return gateway.url
  },
  reading: (collect: boolean) => read(collect),
  ended(): Ended {
    const since = ended
    ended = { refusedMs: [], leftAt: [] }
    return since
  },
  close: () => close(),
}

export type ServerProcess = typeof handlers

serveParent(handlers)
