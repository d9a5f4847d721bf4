// What /mcp shares with every other route, and what no client should send it.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { jsonIn, openDoor, textOf, type Door, type Json } from '../../../test/door.ts'
import { openHouseDoor } from '../../../test/house-door.ts'
import { ModelServer } from '../../../test/servers/model-server.ts'
import { AndonError } from '../../core/errors.ts'
import { gatewayChannel } from '../channel.ts'
import type { GatewayOptions } from '../server.ts'

const both = 'application/json, text/event-stream'

async function send(door: Door, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return door.post('/mcp', body, { headers: { accept: both, ...headers } })
}

/** The message in a reply, whether it came as a stream or not. */
async function messageIn(reply: Response): Promise<Json> {
  const text = await reply.text()
  const data = [...text.matchAll(/^data: (\{.*)$/gm)].at(-1)?.[1]
  return jsonIn(data ?? text)
}

const call = (name: string, given: unknown, meta: object = {}): object => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name, arguments: given, _meta: meta },
})

describe('/mcp', () => {
  it('asks the factory as it was asked, for the tenant of the caller and within its time', async () => {
    await using door = await openDoor({ tenant: 'acme' })
    const given = { question: 'lock?', collections: ['handbook'], sessionId: 's1', mode: 'extractive' }
    const message = await messageIn(await send(door, call('ask', given, { 'andon/budgetMs': 1500.7 })))
    assert.match(JSON.stringify(message['result']?.['content']), /A lock lets one in at a time\. \[1\]/)
    const [asked] = door.factory.asked
    assert.deepEqual(asked?.question, {
      text: 'lock?',
      filter: { collections: ['handbook'] },
      sessionId: 's1',
      mode: 'extractive',
      budgetMs: 1500,
    })
    assert.equal(asked?.caller.tenant, 'acme')
  })

  it('says in the language of the question, once, which sentences the passages do not confirm', async () => {
    const [one, other] = ['Dinosaurs hold their meetings on Mars.', 'Every owl drinks seven cups of coffee at night.']
    await using model = await ModelServer.start({ chat: () => `${one} ${other}` })
    await using door = await openHouseDoor({ models: { baseUrl: model.baseUrl, model: 'test' } })
    await door.load('travel.md', 'Travel over 2,500 euros needs approval by the finance director.')
    const asked = call('ask', { question: 'travel approval 谁批准？' })
    const message = await messageIn(await door.send('POST', '/mcp', asked, { accept: both }))
    const text = textOf(message['result']?.['content']?.[0]?.['text'])
    assert.ok(text.includes(`(段落不能证实这 2 句：\n  ${one}\n  ${other})`), text)
    assert.deepEqual(message['result']?.['structuredContent']?.['unsupported'], [one, other])
  })

  it('stops the answer when a client without a session leaves', async () => {
    await using door = await openDoor()
    door.factory.hold = new Promise(() => {})
    const leaving = new AbortController()
    const reply = fetch(`${door.gateway.url}/mcp`, {
      method: 'POST',
      body: JSON.stringify(call('ask', { question: 'lock?' }, { progressToken: 1 })),
      headers: { 'content-type': 'application/json', accept: both },
      signal: leaving.signal,
    })
    const stopped = door.factory.nextStop()
    const { body } = await reply
    await body?.getReader().read()
    leaving.abort()
    assert.match(String(await stopped), /cancelled/)
  })

  it('stops what is under way when the door has waited long enough', async () => {
    const door = await openDoor({ drainMs: 50 })
    door.factory.hold = new Promise(() => {})
    const begun = await send(door, {
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } },
    })
    await begun.text()
    const session = { 'mcp-session-id': begun.headers.get('mcp-session-id') ?? '' }
    const news = await fetch(`${door.gateway.url}/mcp`, { headers: { accept: 'text/event-stream', ...session } })
    assert.equal(news.status, 200)
    const stopped = door.factory.nextStop()
    const asked = await send(door, call('ask', { question: 'lock?' }, { progressToken: 1 }), session)
    const closed = door.gateway.close()
    assert.equal(await news.text(), ': here\n\n')
    await stopped
    await asked.text().catch(() => '')
    await closed
  })

  it('counts each message of a list, and refuses like every route', async () => {
    await using door = await openDoor({ limits: { tenantPerMinute: 3 } })
    const ping = { jsonrpc: '2.0', id: 1, method: 'ping' }
    const many = await send(door, [ping, ping, ping, ping])
    assert.equal(many.status, 429)
    assert.ok(many.headers.has('retry-after'))
    await using closed = await openDoor({ auth: { required: true } })
    const refused = await send(closed, ping)
    assert.equal(refused.status, 401)
    assert.match(refused.headers.get('www-authenticate') ?? '', /^Bearer/)
  })

  it('tells when the door is full, as an error of the protocol', async () => {
    const limits: GatewayOptions['limits'] = { questionsAtOnce: 1, questionsWaiting: 0 }
    await using door = await openDoor({ limits, drainMs: 50 })
    door.factory.hold = new Promise(() => {})
    const first = await send(door, call('ask', { question: 'lock?' }, { progressToken: 1 }))
    await first.body?.getReader().read()
    const { error } = await messageIn(await send(door, call('search', { query: 'lock?' })))
    assert.equal(error?.['data']?.['code'], 'overloaded')
    assert.ok(Number(error?.['data']?.['retryAfterMs']) > 0)
  })

  it('tells faults of Andon to its log alone', async () => {
    await using door = await openDoor()
    const heard: string[] = []
    const stop = gatewayChannel.subscribe((each) => {
      if (each.event === 'fault') heard.push(each.error.message)
    })
    door.factory.failLater = new AndonError('internal', 'The secret cellar.')
    const message = await messageIn(await send(door, call('ask', { question: 'lock?' })))
    stop()
    assert.equal(message['error']?.['data']?.['code'], 'internal')
    assert.doesNotMatch(JSON.stringify(message), /cellar/)
    assert.deepEqual(heard, ['[internal] The secret cellar.'])
  })

  it('answers what no client should send, and finds no fault in itself', async () => {
    await using door = await openDoor()
    let faults = 0
    const stop = gatewayChannel.subscribe((each) => {
      if (each.event === 'fault') faults += 1
    })
    const json = fc.jsonValue({ maxDepth: 3 })
    const some = (...items: unknown[]): fc.Arbitrary<unknown> => fc.oneof(fc.constantFrom(...items), json)
    const params = fc.record(
      {
        name: some('ask', 'search', 'read', 'list_documents', 'add_document', 'calculator'),
        arguments: fc.oneof(
          json,
          fc.record(
            {
              question: some('lock?', ''),
              query: some('lock?'),
              document: json,
              start: some(0, -1, 1e300),
              end: some(5),
              text: some('x'),
              name: some('n.md'),
              link: some('http://127.0.0.1/', 'file:///etc/passwd'),
              collection: json,
              after: json,
              limit: some(1),
            },
            { requiredKeys: [] },
          ),
        ),
        uri: some('andon://documents/x', 'andon://documents/x?start=1', 'andon://documents/%00?start=1&end=2'),
        cursor: json,
        _meta: some({ progressToken: 1 }, { 'andon/budgetMs': -1 }),
      },
      { requiredKeys: [] },
    )
    const method = some('tools/call', 'tools/list', 'resources/read', 'resources/list', 'ping', 'initialize', 'x')
    const message = fc.record({ jsonrpc: some('2.0'), id: some(1, 'a'), method, params }, { requiredKeys: ['method'] })
    const bodies = fc.sample(fc.oneof(message, fc.array(message, { maxLength: 4 }), json), { numRuns: 300, seed: 7 })
    for (const body of bodies) {
      const reply = await send(door, JSON.stringify(body))
      const text = await reply.text()
      assert.ok(reply.status < 500, `${reply.status}: ${text} to ${JSON.stringify(body)}`)
    }
    stop()
    assert.equal(faults, 0)
  })
})
