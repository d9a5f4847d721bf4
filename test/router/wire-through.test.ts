// Bytes through the real router: the pass-through of the gateway, over ConcurrentRouter and servers that fail.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { openCall } from '../../src/core/call.ts'
import type { UsageRecord } from '../../src/router/index.ts'
import { AskedBody } from '../../src/router/wire/asked-body.ts'
import { PassThrough } from '../../src/router/wire/pass.ts'
import type { Manner } from './model-server.ts'
import { pair } from './pair.ts'

/** Posts a chat through a door over the router; back with what came, and how it ended. */
async function through(manner: Manner) {
  await using all = await pair(manner)
  const pass = new PassThrough(all.router.wire)
  const records: UsageRecord[] = []
  all.router.subscribe((event) => void (event.type === 'record' && records.push(event.record)))
  const passed = Promise.withResolvers<unknown>()
  const door = createServer((request, response) => {
    request.resume()
    const bytes = Buffer.from(JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'Hi' }] }))
    const order = { ability: 'chat', model: 'm', promptTokens: 1, outputTokens: 0 } as const
    const call = openCall({ tenant: 't', budgetMs: 5_000 })
    const head = (_answering: unknown, contentType: string) => ['content-type', contentType]
    pass
      .run(order, { path: '/chat/completions', body: new AskedBody(bytes) }, call, response, head)
      .then(passed.resolve, passed.reject)
  }).listen(0, '127.0.0.1')
  await once(door, 'listening')
  const { port } = door.address() as AddressInfo
  let text = ''
  let clean = true
  const answer = await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body: '{}' })
  try {
    for await (const chunk of answer.body ?? []) text += Buffer.from(chunk as Uint8Array).toString('utf8')
  } catch {
    clean = false
  }
  await passed.promise
  door.close()
  assert.equal(all.router.state().inFlight, 0)
  return { text, clean, records }
}

for (const manner of ['well', '500', 'silence', 'error-frame', 'cut-before', 'empty'] as const)
  test(`${manner}: the bytes of a whole stream come, and one record`, async () => {
    const { text, clean, records } = await through(manner)
    assert.match(text, /Hello[^]* world[^]*\[DONE\]/)
    assert.ok(clean)
    assert.deepEqual(
      records.map(({ endpoint, outcome, outputTokens }) => [endpoint, outcome, outputTokens]),
      [[manner === 'well' ? 'bad' : 'good', 'ok', 2]],
    )
  })

test('cut-after: an error frame and no clean end come after what was said', async () => {
  const { text, clean, records } = await through('cut-after')
  assert.match(text, /Hello[^]*The endpoint [^]*upstream_interrupted/)
  assert.doesNotMatch(text, /127\.0\.0\.1/)
  assert.doesNotMatch(text, /\[DONE\]/)
  assert.ok(!clean)
  assert.equal(records[0]?.outcome, 'unavailable')
})
