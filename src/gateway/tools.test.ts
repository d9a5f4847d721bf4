// Tools over HTTP, with a real factory behind the door.

import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { z } from 'zod'
import { openHouseDoor, problemFrom, replyOf, type HouseDoor } from '../../test/house-door.ts'
import { toolApproval, toolOutcome, toolRun, toolView } from './replies.ts'

const list = z.strictObject({ tools: z.array(toolView) })
const runs = z.strictObject({ runs: z.array(toolRun) })
const approvals = z.strictObject({ approvals: z.array(toolApproval) })

const inline = { tools: { mode: 'inline' } } as const
const sum = { arguments: { expression: '112.3 - 100' } }

async function waiting(house: HouseDoor): Promise<z.output<typeof toolApproval>> {
  for (;;) {
    const [approval] = (await replyOf(approvals, house.send('GET', '/v1/approvals'))).approvals
    if (approval) return approval
  }
}

describe('Tools', () => {
  it('are listed, described, called and told of', async () => {
    await using house = await openHouseDoor(inline)
    const { tools } = await replyOf(list, house.send('GET', '/v1/tools'))
    assert.ok(tools.some(({ name, state }) => name === 'calculator' && state === 'ready'))
    const { tools: found } = await replyOf(list, house.send('GET', '/v1/tools?search=calendar'))
    assert.deepEqual(
      found.map(({ name }) => name),
      tools.flatMap(({ name, description }) => (description.includes('calendar') ? name : [])),
    )
    const view = await replyOf(toolView, house.send('GET', '/v1/tools/calculator'))
    assert.equal(view.origin, 'built-in')
    const outcome = await replyOf(toolOutcome, house.send('POST', '/v1/tools/calculator/call', sum))
    assert.equal((outcome.value as { value: string }).value, '12.3')
    const { runs: ran } = await replyOf(runs, house.send('GET', '/v1/tools/runs?tool=calculator&limit=1'))
    assert.deepEqual([ran[0]?.id, ran[0]?.outcome], [outcome.runId, 'done'])
    assert.equal((await replyOf(toolView, house.send('GET', '/v1/tools/calculator'))).stats.runs, 1)
  })

  it('are called once for one key', async () => {
    await using house = await openHouseDoor(inline)
    const key = { 'idempotency-key': 'one' }
    const first = await replyOf(toolOutcome, house.send('POST', '/v1/tools/calculator/call', sum, key))
    const again = await replyOf(toolOutcome, house.send('POST', '/v1/tools/calculator/call', sum, key))
    assert.equal(again.runId, first.runId)
  })

  it('are switched, and wait for a person', async () => {
    await using house = await openHouseDoor(inline)
    const asking = await replyOf(toolView, house.send('PATCH', '/v1/tools/calculator', { permission: 'ask' }))
    assert.equal(asking.permission, 'ask')
    const calling = replyOf(toolOutcome, house.send('POST', '/v1/tools/calculator/call', sum))
    const approval = await waiting(house)
    assert.deepEqual([approval.tool, approval.arguments], ['calculator', sum.arguments])
    const word = `/v1/approvals/${approval.id}`
    await problemFrom(house.send('POST', word, { word: 'perhaps' }), 400)
    assert.equal((await house.send('POST', word, { word: 'once' })).status, 204)
    assert.equal((await calling).ok, true)
    await problemFrom(house.send('POST', word, { word: 'once' }), 404)
    const off = await replyOf(toolView, house.send('PATCH', '/v1/tools/calculator', { enabled: false }))
    assert.deepEqual([off.state, off.enabled], ['off', false])
    const refused = await replyOf(toolOutcome, house.send('POST', '/v1/tools/calculator/call', sum))
    assert.equal(refused.error?.kind, 'disabled')
  })

  it('are allowed for good by administrators alone', async () => {
    await using house = await openHouseDoor(inline)
    const { secret } = await house.factory.createKey({ name: 'asks', scopes: ['ask'] })
    const asker = { authorization: `Bearer ${secret}` }
    await house.factory.setTool('calculator', { permission: 'ask' })
    const calling = house.send('POST', '/v1/tools/calculator/call', sum, asker)
    const { id } = await waiting(house)
    await problemFrom(house.send('POST', `/v1/approvals/${id}`, { word: 'always' }, asker), 403)
    assert.equal((await house.send('POST', `/v1/approvals/${id}`, { word: 'always' })).status, 204)
    assert.equal((await replyOf(toolOutcome, calling)).ok, true)
    assert.equal((await house.factory.tool('calculator')).permission, 'allow')
  })

  it('say what is wrong with a request', async () => {
    await using house = await openHouseDoor(inline)
    await problemFrom(house.send('GET', '/v1/tools/nothing'), 404)
    await problemFrom(house.send('POST', '/v1/tools/nothing/call', {}), 404)
    await problemFrom(house.send('PATCH', '/v1/tools/nothing', { enabled: false }), 404)
    await problemFrom(house.send('PATCH', '/v1/tools/calculator', {}), 400)
    await problemFrom(house.send('PATCH', '/v1/tools/calculator', { mode: 'inline' }), 400)
    await problemFrom(house.send('POST', '/v1/tools/calculator/call', { arguments: [1] }), 400)
    await problemFrom(house.send('POST', '/v1/tools/calculator/call', { approved: true }), 400)
    await problemFrom(house.send('GET', '/v1/tools/runs?limit=none'), 400)
    await problemFrom(house.send('POST', '/v1/approvals/none', { word: 'once' }), 404)
  })

  it('of a source that cannot be reached say so', async () => {
    await using house = await openHouseDoor(inline)
    const path = join(house.dataDir, 'later.mjs')
    await house.factory.addToolSource({ kind: 'module', name: 'later', module: path })
    const view = await replyOf(toolView, house.send('GET', '/v1/tools/later'))
    assert.equal(view.state, 'unreachable')
    assert.match(view.reason ?? '', /later\.mjs/)
    const { secret } = await house.factory.createKey({ name: 'asks', scopes: ['ask'] })
    const asker = { authorization: `Bearer ${secret}` }
    for (const path of ['/v1/tools/later', '/v1/tools?search=later', '/v1/status'])
      assert.doesNotMatch(await (await house.send('GET', path, undefined, asker)).text(), /later\.mjs/)
    await writeFile(path, 'export const now = () => 1')
    // It is tried again by itself.
    for (;;) {
      const { tools } = await replyOf(list, house.send('GET', '/v1/tools?search=later'))
      if (tools.some(({ name }) => name === 'later-now')) break
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  })
})
