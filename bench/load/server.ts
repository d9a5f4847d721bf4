// The serving process of the load benchmark: a factory behind its gateway, as `andon serve` runs it, and a line to the
// parent that can be asked for memory and event-loop delay, and told to add a file.

import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createFactory } from '../../src/factory.ts'
import { openGateway } from '../../src/gateway/server.ts'

/** What the parent asks. */
export type Order =
  | { id: number; kind: 'reading' }
  | { id: number; kind: 'add'; path: string; name: string; wait: boolean }
  | { id: number; kind: 'search'; text: string; k: number }
  | { id: number; kind: 'close' }

export interface Reading {
  rssMb: number
  loopP99Ms: number
  loopMaxMs: number
}

const dataDir = process.argv[2] ?? ''
const factory = await createFactory({ dataDir, handbook: true, loading: { parsers: 2, concurrency: 2 } })
const gateway = await openGateway(factory, { port: 0 })
const resolutionMs = 5
let delay = monitorEventLoopDelay({ resolution: resolutionMs })
delay.enable()

process.on('message', (order: Order) => {
  answer(order).then(
    (value) => process.send?.({ id: order.id, value }, () => order.kind === 'close' && process.disconnect()),
    (reason: unknown) => process.send?.({ id: order.id, error: String(reason) }),
  )
})
process.send?.({ id: 0, value: gateway.url })

async function answer(order: Order): Promise<Reading | number | object[] | undefined> {
  switch (order.kind) {
    case 'reading': {
      const reading: Reading = {
        rssMb: process.memoryUsage.rss() / 2 ** 20,
        loopP99Ms: Math.max(0, delay.percentile(99) / 1e6 - resolutionMs),
        loopMaxMs: Math.max(0, delay.max / 1e6 - resolutionMs),
      }
      delay.disable()
      delay = monitorEventLoopDelay({ resolution: resolutionMs })
      delay.enable()
      return reading
    }
    case 'add': {
      const { document, jobId } = await factory.add({ path: order.path, name: order.name, collection: 'filings' })
      if (order.wait && jobId)
        for await (const job of factory.watch([jobId])) if (job.state === 'dead') throw new Error(job.error?.message)
      return (await factory.document(document.id)).pages ?? 0
    }
    case 'search': {
      const found = await factory.search({ text: order.text, k: order.k, filter: { collections: ['filings'] } })
      return found.map(({ passage }) => ({
        document: passage.documentName,
        page: passage.page,
        pageEnd: passage.pageEnd,
      }))
    }
    case 'close':
      await gateway.close()
      await factory[Symbol.asyncDispose]()
      return undefined
  }
}
