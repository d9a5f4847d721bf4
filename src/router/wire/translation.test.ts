import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { describe, it } from 'node:test'
import { openTestGateway } from '../../../test/router/gateway.ts'
import { openTestRouter } from '../../../test/router/wire-router.ts'
import { onOver } from '../../core/call.ts'
import type { ChatModel } from '../../models/model.ts'

const large = 'y'.repeat(64 * 1024 * 1024)

describe('A model that is spoken to for its endpoint', () => {
  it('lets go of what it holds when its reader reads no more, and leaves', { timeout: 30_000 }, async () => {
    const left = Promise.withResolvers<boolean>()
    const model: ChatModel = {
      name: 'm',
      async *chat() {
        try {
          for (;;) yield { type: 'text-delta', text: large }
        } finally {
          left.resolve(true)
        }
      },
    }
    await using router = openTestRouter([{ name: 'a', url: 'http://127.0.0.1:1', protocol: 'anthropic' }], { a: model })
    await using door = await openTestGateway(router)
    const headers = { 'content-type': 'application/json' }
    const asked = request(`${door.gateway.url}/v1/chat/completions`, { method: 'POST', headers })
    asked.on('error', () => {})
    asked.end('{"model":"m","stream":true,"messages":[{"role":"user","content":"Hi"}]}')
    const [response] = (await once(asked, 'response')) as [import('node:http').IncomingMessage]
    await once(response, 'readable')
    asked.destroy()
    assert.ok(await left.promise)
  })

  for (const stream of [true, false])
    it(`has not said all when it stops because its time is over, ${stream ? 'streamed' : 'whole'}`, async () => {
      const model: ChatModel = {
        name: 'm',
        async *chat(_request, call) {
          yield { type: 'text-delta', text: 'Some' }
          await new Promise<void>((resolve) => void onOver(call, () => resolve()))
        },
      }
      const endpoint = { name: 'a', url: 'http://127.0.0.1:1', protocol: 'anthropic' as const }
      await using router = openTestRouter([endpoint], { a: model })
      for (const lastResort of [undefined, model]) {
        const wire = { ...router.wire, lastResort }
        await using door = await openTestGateway({ ...router, wire })
        const response = await door.chat({ stream }, { headers: { 'x-request-deadline-ms': '50' } })
        if (stream) assert.doesNotMatch(await response.text().catch(() => ''), /DONE/)
        else assert.equal(response.status, 504)
        assert.equal(router.records.at(-1)?.error?.code, 'deadline')
      }
    })
})
