// Andon as it is served: the handbook, the simulated engine as model and embedder, and the door.
//
//   node andon-server.ts ENGINE_URL EMBEDDER_URL

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createFactory } from '../../src/factory.ts'
import { openGateway } from '../../src/gateway/server.ts'

const [engine = '', embedder = ''] = process.argv.slice(2)
const dataDir = mkdtempSync(join(tmpdir(), 'andon-bench-'))
process.once('exit', () => rmSync(dataDir, { recursive: true, force: true }))
process.once('SIGTERM', () => process.exit())

const factory = await createFactory({
  dataDir,
  handbook: true,
  models: { baseUrl: `${engine}/v1`, model: 'simulated' },
  embedder: { kind: 'openai', url: `${embedder}/v1`, model: 'simulated' },
  answers: { suggestMs: 0 },
  // What is measured is asking.
  cache: { answers: false, embeddings: false },
})
// Loaded, with its vectors: nothing else is done while it is measured.
for (;;) {
  const { totals } = await factory.health()
  const documents = await factory.list({ limit: 100 })
  if (totals.waiting + totals.running === 0 && documents.every(({ vectorsMissing }) => vectorsMissing === 0)) break
  await delay(100)
}
const gateway = await openGateway(factory, {
  port: 0,
  limits: { tenantAtOnce: 64, tenantPerMinute: 1_000_000 },
})
process.send?.({ url: gateway.url })
