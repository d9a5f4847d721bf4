// The official MCP client against /mcp: the tools and documents of Andon, with a session and without one.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { ProtocolError, SdkHttpError } from '@modelcontextprotocol/client'
import { openGateway } from '../../src/gateway/server.ts'
import { openHouse, question, sentence, standing, type House } from './house.ts'
import { connectMcp, eras, fieldOf, textOf, type Era } from './mcp.ts'

const all = ['ask', 'search', 'read', 'list_documents', 'add_document']

for (const era of Object.keys(eras) as Era[]) {
  describe(`The official MCP client, revision ${era}`, () => {
    let house: House
    before(async () => void (house = await openHouse()))
    after(() => house[Symbol.asyncDispose]())
    const connect = (key: string | undefined = house.key) => connectMcp(house.url, key, era)

    it('lists the tools that its key may use, each with its schemas', async () => {
      const names = async (key?: string): Promise<string[]> => {
        await using mcp = await connect(key)
        assert.equal(mcp.client.getServerVersion()?.name, 'andon')
        const { tools } = await mcp.client.listTools()
        for (const { name, inputSchema, outputSchema } of tools.filter((each) => all.includes(each.name))) {
          assert.equal(inputSchema.type, 'object', name)
          assert.equal(outputSchema?.type, 'object', name)
        }
        return tools.map(({ name }) => name).filter((name) => all.includes(name))
      }
      assert.deepEqual(await names(), all.slice(0, 4))
      assert.deepEqual(await names((await house.factory.createKey({ name: 'all', scopes: ['admin'] })).secret), all)
      assert.deepEqual(await names((await house.factory.createKey({ name: 'load', scopes: ['load'] })).secret), [
        'add_document',
      ])
    })

    it('asks: the answer has numbered citations of exact places, and tells how far it is', async () => {
      await using mcp = await connect()
      const heard: { progress: number; message?: string | undefined }[] = []
      const result = await mcp.client.callTool(
        { name: 'ask', arguments: { question } },
        { onprogress: ({ progress, message }) => void heard.push({ progress, message }) },
      )
      assert.match(textOf(result), new RegExp(`${sentence}\\.? \\[1\\]`))
      assert.match(textOf(result), /\n\[1\] .*travel/i)
      assert.equal(fieldOf(result, 'confidence'), 'answered')
      const citations = fieldOf(result, 'citations')
      assert.ok(Array.isArray(citations))
      const [cited]: { marker: number; documentId: string; start: number; end: number; quote: string; uri: string }[] =
        citations
      assert.ok(cited)
      assert.equal(cited.marker, 1)
      const { documentId, start, end } = cited
      assert.equal(await house.factory.text(documentId, { start, end }), cited.quote)
      // The cited place is a resource.
      const { contents } = await mcp.client.readResource({ uri: cited.uri })
      assert.ok(contents[0] && 'text' in contents[0])
      assert.equal(contents[0].text, cited.quote)
      assert.ok(heard.length > 2)
      assert.deepEqual(
        heard.map(({ progress }) => progress),
        heard.map((_, index) => index + 1),
      )
      assert.ok(heard.some(({ message }) => message?.includes(sentence)))
    })

    it('searches, reads around what was found, and lists', async () => {
      await using mcp = await connect()
      const found = await mcp.client.callTool({ name: 'search', arguments: { query: question, k: 2 } })
      const passages = fieldOf(found, 'passages')
      assert.ok(Array.isArray(passages))
      const [best]: { documentId: string; start: number; end: number; text: string }[] = passages
      assert.ok(best)
      const { documentId: document, start, end } = best
      const read = await mcp.client.callTool({ name: 'read', arguments: { document, start, end, around: 30 } })
      const highlight = fieldOf(read, 'highlight')
      assert.ok(typeof highlight === 'object' && highlight !== null && 'start' in highlight && 'end' in highlight)
      const text = String(fieldOf(read, 'text'))
      assert.equal(text.slice(Number(highlight.start), Number(highlight.end)), best.text)
      const listed = await mcp.client.callTool({ name: 'list_documents', arguments: { collection: 'policies' } })
      assert.match(JSON.stringify(fieldOf(listed, 'documents')), new RegExp(document))
      const nothing = await mcp.client.callTool({ name: 'list_documents', arguments: { collection: 'none' } })
      assert.deepEqual(fieldOf(nothing, 'documents'), [])
    })

    it('lists documents as resources, with a template for spans', async () => {
      await using mcp = await connect()
      const { resources } = await mcp.client.listResources()
      const [travel] = resources.filter(({ name }) => name.includes('travel'))
      assert.ok(travel)
      const { contents } = await mcp.client.readResource({ uri: travel.uri })
      assert.match(JSON.stringify(contents), /finance director/)
      const { resourceTemplates } = await mcp.client.listResourceTemplates()
      assert.deepEqual(
        resourceTemplates.map(({ uriTemplate }) => uriTemplate),
        ['andon://documents/{id}{?start,end}'],
      )
      for (const uri of ['andon://documents/nobody', 'andon://documents/', 'file:///etc/passwd', 'andon://documents/%'])
        await assert.rejects(mcp.client.readResource({ uri }), /not found/i, uri)
    })

    it('adds a document, where its key may', async () => {
      const arguments_ = { name: `note-${era}.md`, text: 'The cellar is cold.', metadata: { floor: -1 } }
      await using asker = await connect()
      await assert.rejects(asker.client.callTool({ name: 'add_document', arguments: arguments_ }), (reason) => {
        assert.ok(reason instanceof ProtocolError)
        assert.match(reason.message, /needs the scope load/)
        return true
      })
      await using loader = await connect((await house.factory.createKey({ name: 'l', scopes: ['load'] })).secret)
      const added = await loader.client.callTool({ name: 'add_document', arguments: arguments_ })
      assert.equal(fieldOf(added, 'outcome'), 'added')
      const jobId = fieldOf(added, 'jobId')
      for await (const job of house.factory.watch([String(jobId)])) assert.equal(job.error, undefined)
      const found = await asker.client.callTool({ name: 'search', arguments: { query: 'How cold is the cellar?' } })
      assert.match(textOf(found), /cellar is cold/)
      const link = await loader.client.callTool({ name: 'add_document', arguments: { link: 'http://127.0.0.1:9/' } })
      assert.equal(link.isError, true)
      assert.match(textOf(link), /links\.hosts/)
    })

    it('runs the registered tools, by their own schemas', async () => {
      await using mcp = await connect()
      const { tools } = await mcp.client.listTools()
      const calculator = tools.find(({ name }) => name === 'calculator')
      assert.ok(calculator)
      assert.equal(calculator.annotations?.readOnlyHint, true)
      const call = (given: Record<string, unknown>) => mcp.client.callTool({ name: 'calculator', arguments: given })
      assert.match(textOf(await call({ expression: '12 * 7' })), /84/)
      const wrong = await call({ expression: 12, shoe: 1 })
      assert.equal(wrong.isError, true)
      assert.match(textOf(wrong), /expression|shoe/)
    })

    it('waits for a person where a tool asks first, and is told of a no', async () => {
      await using mcp = await connect()
      const { factory } = house
      await factory.setTool('calculator', { permission: 'ask' })
      try {
        for (const [word, says] of [
          ['once', /84/],
          ['decline', /not permitted/],
        ] as const) {
          const called = mcp.client.callTool({ name: 'calculator', arguments: { expression: '12 * 7' } })
          let [waiting] = await factory.approvals()
          while (waiting === undefined) {
            await nextTurn()
            ;[waiting] = await factory.approvals()
          }
          assert.equal(waiting.tool, 'calculator')
          await factory.approve(waiting.id, word)
          const result = await called
          assert.equal(result.isError ?? false, word === 'decline')
          assert.match(textOf(result), says)
        }
      } finally {
        await factory.setTool('calculator', { permission: 'allow' })
      }
    })

    it('hears that the list of tools has changed', async () => {
      await using gateway = await openGateway(house.factory, { port: 0, lingerMs: 0, drainMs: 100, heartbeatMs: 50 })
      await using mcp = await connectMcp(gateway.url, house.key, era)
      const changed = Promise.withResolvers<void>()
      mcp.client.setNotificationHandler('notifications/tools/list_changed', () => changed.resolve())
      if (era === '2026-07-28') await mcp.client.listen({ toolsListChanged: true })
      const offered = async (): Promise<boolean> =>
        (await mcp.client.listTools()).tools.some(({ name }) => name === 'date_time')
      assert.equal(await offered(), true)
      try {
        // To and fro until it is heard: the stream of news may not be open yet.
        let enabled = true
        const switching = setInterval(() => {
          enabled = !enabled
          void house.factory.setTool('date_time', { enabled })
        }, 70)
        await changed.promise
        clearInterval(switching)
        await house.factory.setTool('date_time', { enabled: false })
        assert.equal(await offered(), false)
      } finally {
        await house.factory.setTool('date_time', { enabled: true })
      }
    })

    it('hears as a result what is wrong with the arguments, and as an error that there is no such tool', async () => {
      await using mcp = await connect()
      for (const [given, says] of [
        [{ name: 'ask', arguments: { question: ' ' } }, /question is empty/],
        [{ name: 'ask', arguments: { question: 'Who?', shoe: 1 } }, /shoe: no such field/],
        [{ name: 'read', arguments: { document: 'nobody' } }, /no document/i],
        [{ name: 'read', arguments: { document: 'x', start: 5, end: 2 } }, /must not be before start/],
        [{ name: 'search' }, /query is missing/],
      ] as const) {
        const result = await mcp.client.callTool(given)
        assert.equal(result.isError, true)
        assert.match(textOf(result), says)
      }
      await assert.rejects(mcp.client.callTool({ name: 'nothing' }), /There is no tool "nothing"/)
    })

    it('cancels: the request to the model is stopped', async () => {
      await using mcp = await connect()
      const cancelled = house.models.cancelled
      const leaving = new AbortController()
      const before = house.models.requests.length
      const asked = mcp.client.callTool(
        { name: 'ask', arguments: { question: standing } },
        { signal: leaving.signal, onprogress: () => {} },
      )
      void house.models.until(({ requests }) => requests.length > before).then(() => leaving.abort())
      await assert.rejects(asked)
      await house.models.until((models) => models.cancelled > cancelled)
      // The session goes on.
      assert.match(textOf(await mcp.client.callTool({ name: 'ask', arguments: { question } })), /finance director/)
    })

    it('is refused without a key where one is needed, and with one that is wrong', async () => {
      await using gateway = await openGateway(house.factory, { port: 0, lingerMs: 0, auth: { required: true } })
      for (const key of [undefined, `andon_${'x'.repeat(43)}`])
        await assert.rejects(connectMcp(gateway.url, key, era), (reason: Error) => {
          assert.match(`${reason.message} ${String(reason.cause)}`, /401|unauthorized|key/i)
          return true
        })
      await using mcp = await connectMcp(gateway.url, house.key, era)
      assert.ok((await mcp.client.listTools()).tools.length > 0)
    })

    it('of another tenant finds nothing', async () => {
      const { secret } = await house.factory.createKey({ name: 'b', scopes: ['admin'] }, { tenant: 'b' })
      await using ours = await connect()
      const [document] = (await ours.client.listResources()).resources
      assert.ok(document)
      await using theirs = await connect(secret)
      assert.deepEqual((await theirs.client.listResources()).resources, [])
      await assert.rejects(theirs.client.readResource({ uri: document.uri }), /not found/i)
      assert.deepEqual(fieldOf(await theirs.client.callTool({ name: 'ask', arguments: { question } }), 'citations'), [])
      const read = { name: 'read', arguments: { document: decodeURIComponent(document.uri.split('/').at(-1) ?? '') } }
      assert.equal((await theirs.client.callTool(read)).isError, true)
      assert.equal((await ours.client.callTool(read)).isError, undefined)
    })

    it('hears at once that all places are taken, and when to come back', async () => {
      await using gateway = await openGateway(house.factory, {
        port: 0,
        lingerMs: 0,
        drainMs: 100,
        limits: { questionsAtOnce: 1, questionsWaiting: 0 },
      })
      await using mcp = await connectMcp(gateway.url, house.key, era)
      const leaving = new AbortController()
      const before = house.models.requests.length
      const first = mcp.client.callTool({ name: 'ask', arguments: { question: standing } }, { signal: leaving.signal })
      await house.models.until(({ requests }) => requests.length > before)
      await assert.rejects(mcp.client.callTool({ name: 'ask', arguments: { question } }), (reason) => {
        assert.ok(reason instanceof ProtocolError)
        assert.ok(typeof reason.data === 'object' && reason.data !== null)
        assert.equal(Reflect.get(reason.data, 'code'), 'overloaded')
        assert.ok(Number(Reflect.get(reason.data, 'retryAfterMs')) > 0)
        return true
      })
      leaving.abort()
      await assert.rejects(first)
    })
  })
}

describe('A session of MCP', () => {
  let house: House
  before(async () => void (house = await openHouse()))
  after(() => house[Symbol.asyncDispose]())

  it('belongs to who began it: of anybody else it is not found', async () => {
    await using ours = await connectMcp(house.url, house.key)
    const id = ours.transport.sessionId
    assert.ok(id)
    const other = await house.factory.createKey({ name: 'other', scopes: ['admin'] }, { tenant: 'other' })
    const same = await house.factory.createKey({ name: 'same tenant', scopes: ['ask'] })
    for (const key of [other.secret, same.secret])
      for (const method of ['POST', 'GET', 'DELETE']) {
        const reply = await fetch(`${house.url}/mcp`, {
          method,
          headers: {
            authorization: `Bearer ${key}`,
            'mcp-session-id': id,
            accept: 'application/json, text/event-stream',
            ...(method === 'POST' ? { 'content-type': 'application/json' } : {}),
          },
          ...(method === 'POST' ? { body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }) } : {}),
        })
        assert.equal(reply.status, 404)
        assert.match(await reply.text(), /Session not found/)
      }
    assert.ok((await ours.client.listTools()).tools.length > 0)
  })

  it('ends when its client says so', async () => {
    await using mcp = await connectMcp(house.url, house.key)
    const id = mcp.transport.sessionId ?? ''
    await mcp.transport.terminateSession()
    const after = await fetch(`${house.url}/mcp`, {
      headers: { authorization: `Bearer ${house.key}`, 'mcp-session-id': id, accept: 'text/event-stream' },
    })
    assert.equal(after.status, 404)
    await after.body?.cancel()
  })

  it('is not needed: a message without one is answered for itself', async () => {
    const send = async (body: unknown, headers = {}): Promise<{ status: number; text: string }> => {
      const reply = await fetch(`${house.url}/mcp`, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: {
          authorization: `Bearer ${house.key}`,
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          ...headers,
        },
      })
      assert.equal(reply.headers.get('mcp-session-id'), null)
      return { status: reply.status, text: await reply.text() }
    }
    const listed = await send({ jsonrpc: '2.0', id: 7, method: 'tools/list' })
    assert.match(listed.text, /"id":7/)
    assert.match(listed.text, /list_documents/)
    const wrong = await send({ jsonrpc: '2.0', id: 8, method: 'tools/list' }, { 'mcp-protocol-version': '1999-01-01' })
    assert.equal(wrong.status, 400)
    assert.match(wrong.text, /protocol version/i)
    assert.equal((await send({ jsonrpc: '2.0', method: 'notifications/initialized' })).status, 202)
    for (const nonsense of [null, 7, 'x', [], {}, { jsonrpc: '1.0' }, { jsonrpc: '2.0', id: 1, method: 'no/such' }]) {
      const reply = await send(nonsense)
      assert.ok(reply.status < 500, JSON.stringify(nonsense))
    }
  })

  it('is closed to pages of other sites', async () => {
    const reply = await fetch(`${house.url}/mcp`, {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json', origin: 'https://evil.example' },
    })
    assert.equal(reply.status, 403)
  })

  it('reads on from the last event when its line was lost', async () => {
    await using mcp = await connectMcp(house.url, house.key)
    const headers = {
      authorization: `Bearer ${house.key}`,
      'mcp-session-id': mcp.transport.sessionId ?? '',
      'mcp-protocol-version': '2025-11-25',
      accept: 'application/json, text/event-stream',
    }
    const leaving = new AbortController()
    const lost = await fetch(`${house.url}/mcp`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 'a',
        method: 'tools/call',
        params: { name: 'ask', arguments: { question } },
      }),
      signal: leaving.signal,
    })
    assert.ok(lost.body)
    const reader = lost.body.pipeThrough(new TextDecoderStream()).getReader()
    const { value = '' } = await reader.read()
    const id = /^id: (\S+)$/m.exec(value)?.[1]
    assert.ok(id, value)
    leaving.abort()
    const never = await fetch(`${house.url}/mcp`, { headers: { ...headers, 'last-event-id': '987654321' } })
    assert.equal(never.status, 400)
    assert.match(await never.text(), /not kept/)
    const again = await fetch(`${house.url}/mcp`, { headers: { ...headers, 'last-event-id': id } })
    assert.equal(again.status, 200)
    assert.ok(again.body)
    let text = ''
    for await (const piece of again.body.pipeThrough(new TextDecoderStream())) {
      text += piece
      if (text.includes('"id":"a"')) break
    }
    assert.match(text, /finance director/)
  })

  it('ends with the door, whose streams end at once', async () => {
    const gateway = await openGateway(house.factory, { port: 0, lingerMs: 0 })
    await using mcp = await connectMcp(gateway.url, house.key)
    assert.ok(mcp.transport.sessionId)
    await gateway.close()
    await assert.rejects(mcp.client.listTools(), (reason) => !(reason instanceof SdkHttpError) || reason.status !== 200)
  })
})
