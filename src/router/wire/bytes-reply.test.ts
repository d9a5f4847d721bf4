import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openTestRouter } from '../../../test/router/wire-router.ts'
import { endCall, openCall } from '../../core/call.ts'
import { AndonError } from '../../core/errors.ts'
import { newTrail } from '../order.ts'
import { AskedBody } from './asked-body.ts'
import { BytesReply } from './bytes-reply.ts'
import { FrameScanner } from './frame-scanner.ts'
import { watchSilence } from './silence-watch.ts'

const body = new AskedBody(Buffer.from('{"model":"m","stream":true}'))
const order = { ability: 'chat', whole: false, prefix: [], promptTokens: 1, outputTokens: 1 } as const
const controller = { aborted: false, paused: false, reason: null, abort() {}, pause() {}, resume() {} }

class Noted extends BytesReply {
  lates = 0

  override late(): void {
    this.lates++
    super.late()
  }
}

describe('A reply of bytes', () => {
  it('whose call is over when it begins has broken off, and nobody watches it', async () => {
    await using router = openTestRouter([{ name: 'a', url: 'http://127.0.0.1:1' }])
    using call = openCall({ tenant: 'default' })
    let reply: Noted | undefined
    const placing = router.wire.place(
      order,
      call,
      async (lease, own) => {
        const upstream = router.wire.upstream(lease.endpoint)
        assert.ok(upstream)
        endCall(own, new AndonError('deadline', 'The time is up.'))
        const from = { status: 200, contentType: 'text/event-stream', ended: false, usage: undefined }
        const scanner = new FrameScanner()
        reply ??= new Noted({ lease, call: own, upstream, body, controller, scanner, ...from }, [], 0)
        return reply
      },
      newTrail(),
    )
    // Its call was over, so nothing came of the attempt.
    await assert.rejects(placing, { code: 'deadline' })
    assert.ok(reply)
    assert.equal(reply.failure?.code, 'deadline')
    reply.limitMs = 0
    const { promise: looked, resolve } = Promise.withResolvers<void>()
    const unwatch = watchSilence({ heard: false, since: 0, limitMs: 0, late: resolve })
    await looked
    unwatch()
    assert.equal(reply.lates, 0)
  })
})
