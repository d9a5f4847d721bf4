// What a wrong chat request gets, from a gateway with the real factory behind it.

import assert from 'node:assert/strict'
import { after, it } from 'node:test'
import { gatewayChannel } from '../../src/gateway/channel.ts'
import { openGateway } from '../../src/gateway/server.ts'
import { jsonIn, textOf } from '../door.ts'
import { chatRows } from './chat-rows.ts'
import { holds, openHouse } from './house.ts'
import { send } from './wire.ts'

const house = await openHouse()
const gateway = await openGateway(house.factory, { port: 0, lingerMs: 0 })
const faults: unknown[] = []
const stopListening = gatewayChannel.subscribe((news) => {
  if (news.event === 'fault') faults.push(news)
})
after(async () => {
  stopListening()
  await gateway.close()
  await house[Symbol.asyncDispose]()
})
await house.ordinary()

for (const row of chatRows) {
  it(`${row.given}: ${row.gets}`, { timeout: 20_000 }, async () => {
    const reply = await send(gateway.port, row.sent)
    assert.equal(reply.status, row.status, reply.body)
    const body = jsonIn(reply.body)
    if (row.code === undefined) {
      holds(textOf(body['choices']?.[0]?.['message']?.['content']), row.says)
      return
    }
    assert.equal(body['error']?.['code'], row.code)
    holds(textOf(body['error']?.['message']), row.says)
    assert.ok(reply.body.length < 4_000, `${reply.body.length} characters say too much`)
  })
}

it('none of this was a fault of Andon', () => assert.deepEqual(faults, []))

it('and after all of them an ordinary document and question get what they always get', () => house.ordinary())
