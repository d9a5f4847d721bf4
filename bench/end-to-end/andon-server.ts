// Andon as it is served: the handbook, the simulated engine as model and embedder, and the door.
//
//   node andon-server.ts ENGINE_URL

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createFactory } from '../../src/factory.ts'
import { openGateway } from '../../src/gateway/server.ts'

const [engine = ''] = process.argv.slice(2)
const dataDir = mkdtempSync(join(tmpdir(), 'andon-bench-'))
process.once('exit', () => rmSync(dataDir, { recursive: true, force: true }))
process.once('SIGTERM', () => process.exit())

const factory = await createFactory({
  dataDir,
  handbook: true,
  models: { baseUrl: `${engine}/v1`, model: 'simulated' },
  embedder: { kind: 'openai', url: `${engine}/v1`, model: 'simulated' },
  answers: { suggestMs: 0 },
})
// With its vectors, too: nothing is loaded while it is measured.
for (;;) {
  const { totals, parts } = await factory.health()
  const embedder = parts.find(({ name }) => name === 'embedder')
  if (totals.waiting + totals.running === 0 && embedder?.ok !== false && !/wait|left/i.test(embedder?.message ?? ''))
    break
  await delay(100)
}
const gateway = await openGateway(factory, {
  port: 0,
  limits: { tenantAtOnce: 64, tenantPerMinute: 1_000_000 },
})
process.send?.({ url: gateway.url })
