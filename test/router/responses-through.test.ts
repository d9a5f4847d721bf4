// Responses of plain models: OpenAI's own client asks for them at the gateway, and servers that know chats only answer.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import OpenAI from 'openai'
import type { Response, ResponseStreamEvent } from 'openai/resources/responses/responses'
import { responseSchema } from '../../src/gateway/responses-schema.ts'
import type { UsageRecord } from '../../src/router/index.ts'
import type { ChatEvent, ChatModel, ChatRequest } from '../../src/models/model.ts'
import { openDoor } from '../door.ts'
import { openTestGateway } from './gateway.ts'
import type { Manner } from './model-server.ts'
import { pair } from './pair.ts'
import { openTestRouter } from './wire-router.ts'

function clientOf(url: string): OpenAI {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey: 'any', maxRetries: 0 })
}

/** A gateway before two servers of OpenAI's API, of which the first behaves as told. */
async function open(manner: Manner) {
  const stack = new AsyncDisposableStack()
  const servers = stack.use(await pair(manner))
  const { gateway } = stack.use(await openTestGateway(servers.router))
  const records: UsageRecord[] = []
  servers.router.subscribe((event) => void (event.type === 'record' && records.push(event.record)))
  return { ...servers, records, client: clientOf(gateway.url), [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

/** A gateway before a model that says these events, and what it was asked. */
async function openModel(events: ChatEvent[]) {
  const stack = new AsyncDisposableStack()
  const asked: ChatRequest[] = []
  const model: ChatModel = {
    name: 'm',
    async *chat(request) {
      asked.push(request)
      yield* events
    },
  }
  const endpoint = { name: 'a', url: 'http://127.0.0.1:1', protocol: 'anthropic' as const }
  const router = stack.use(openTestRouter([endpoint], { a: model }))
  const { gateway } = stack.use(await openTestGateway(router))
  return { asked, router, client: clientOf(gateway.url), [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

async function eventsOf(stream: AsyncIterable<ResponseStreamEvent>): Promise<ResponseStreamEvent[]> {
  const events = await Array.fromAsync(stream)
  assert.deepEqual(
    events.map((event) => event.sequence_number),
    [...events.keys()],
  )
  return events
}

function endOf(events: readonly ResponseStreamEvent[]): Response {
  const last = events.at(-1)
  assert.ok(last && 'response' in last)
  return last.response
}

const call = { id: 'c1', name: 'look', arguments: '{"at":"x"}' }

describe('A response of a plain model', () => {
  for (const manner of ['well', '500', 'silence', 'error-frame', 'cut-before', 'malformed'] as const)
    it(`comes whole and as a stream, when the first endpoint answers: ${manner}`, async () => {
      await using all = await open(manner)
      const whole = await all.client.responses.create({ model: 'm', input: 'Hello?' })
      assert.equal(whole.output_text, 'Hello world')
      assert.equal(whole.status, 'completed')
      assert.deepEqual([whole.usage?.input_tokens, whole.usage?.output_tokens], [7, 2])
      assert.match(whole.id, /^resp_/)
      const stream = all.client.responses.stream({ model: 'm', input: 'Hello?' })
      const types = new Set((await eventsOf(stream)).map(({ type }) => type))
      assert.deepEqual(
        [...types],
        [
          'response.created',
          'response.in_progress',
          'response.output_item.added',
          'response.content_part.added',
          'response.output_text.delta',
          'response.output_text.done',
          'response.content_part.done',
          'response.output_item.done',
          'response.completed',
        ],
      )
      assert.equal((await stream.finalResponse()).output_text, 'Hello world')
      assert.deepEqual(
        all.records.map(({ ability, model, outcome, outputTokens }) => [ability, model, outcome, outputTokens]),
        [
          ['chat', 'm', 'ok', 2],
          ['chat', 'm', 'ok', 2],
        ],
      )
      assert.equal(all.router.state().inFlight, 0)
    })

  for (const manner of ['cut-after', 'error-after', 'stalls'] as const)
    it(`that breaks off ends with response.failed, and not as a whole one does: ${manner}`, async () => {
      await using all = await open(manner)
      const seen: ResponseStreamEvent[] = []
      await assert.rejects(async () => {
        for await (const event of await all.client.responses.create({ model: 'm', input: 'Hello?', stream: true }))
          seen.push(event)
      })
      const response = endOf(seen)
      responseSchema.parse(response)
      assert.equal(response.status, 'failed')
      assert.equal(response.error?.code, 'upstream_interrupted')
      const [message] = response.output
      assert.equal(message?.type === 'message' && message.status, 'incomplete')
      assert.ok(message?.type === 'message' && message.content[0]?.type === 'output_text')
      assert.equal(message.content[0].text, 'Hello world')
    })

  it('reaches the model with everything that a chat has a word for', async () => {
    await using all = await openModel([
      { type: 'text-delta', text: 'Hi' },
      { type: 'finish', reason: 'stop' },
    ])
    const schema = { type: 'object', properties: { at: { type: 'string' } } }
    const response = await all.client.responses.create({
      model: 'm',
      instructions: 'Be short.',
      max_output_tokens: 9,
      temperature: 0,
      top_p: 0.9,
      parallel_tool_calls: false,
      reasoning: { effort: 'low' },
      text: { format: { type: 'json_schema', name: 'place', schema, strict: true } },
      tools: [{ type: 'function', name: 'look', description: 'Looks', parameters: schema, strict: true }],
      tool_choice: { type: 'function', name: 'look' },
      input: [
        { role: 'user', content: [{ type: 'input_text', text: 'Where?' }] },
        { type: 'reasoning', id: 'rs_1', summary: [] },
        { role: 'assistant', content: 'I look.' },
        { type: 'function_call', call_id: 'c1', name: 'look', arguments: '{"at":"x"}' },
        { type: 'function_call_output', call_id: 'c1', output: 'Here.' },
      ],
    })
    const [{ firstTokenMs: _first, idleMs: _idle, model: _model, ...request } = { messages: [] }] = all.asked
    responseSchema.parse(response)
    assert.deepEqual([response.max_output_tokens, response.top_p], [9, 0.9])
    assert.deepEqual(request, {
      messages: [
        { role: 'system', content: 'Be short.' },
        { role: 'user', content: 'Where?' },
        { role: 'assistant', content: 'I look.', toolCalls: [call] },
        { role: 'tool', content: 'Here.', callId: 'c1' },
      ],
      maxTokens: 9,
      temperature: 0,
      topP: 0.9,
      parallelCalls: false,
      reasoning: 'low',
      schema: { name: 'place', schema, strict: true },
      tools: [{ name: 'look', description: 'Looks', parameters: schema }],
      toolChoice: { name: 'look' },
    })
    assert.equal(all.router.orders[0]?.outputTokens, 9)
  })

  it('tells thoughts, words and calls as items of their own', async () => {
    await using all = await openModel([
      { type: 'reasoning-delta', text: 'Hm' },
      { type: 'reasoning-delta', text: '…' },
      { type: 'text-delta', text: 'I look.' },
      { type: 'tool-call', call },
      { type: 'tool-call', call: { ...call, id: 'c2' } },
      {
        type: 'usage',
        usage: { promptTokens: 5, completionTokens: 8, cachedTokens: 3, reasoningTokens: 2, estimated: false },
      },
      { type: 'finish', reason: 'tools' },
    ])
    const asked = { model: 'm', input: 'Where?' }
    const whole = await all.client.responses.create(asked)
    const streamed = endOf(await eventsOf(await all.client.responses.create({ ...asked, stream: true })))
    // It puts the response together from its events, and throws when one does not fit the others.
    const followed = await all.client.responses.stream(asked).finalResponse()
    for (const response of [whole, streamed, followed]) {
      responseSchema.parse(response)
      const { output, usage } = response
      assert.deepEqual(
        output.map((item) => [item.type, 'id' in item && item.id?.replace(/_[0-9a-f-]{20,}/, '')]),
        [
          ['reasoning', 'rs'],
          ['message', 'msg'],
          ['function_call', 'fc_c1'],
          ['function_call', 'fc_c2'],
        ],
      )
      const [thought, , asking] = output
      assert.equal(thought?.type === 'reasoning' && thought.content?.[0]?.text, 'Hm…')
      assert.equal(asking?.type === 'function_call' && asking.arguments, call.arguments)
      assert.deepEqual(
        [usage?.input_tokens_details, usage?.output_tokens_details, usage?.total_tokens],
        [{ cached_tokens: 3, cache_write_tokens: 0 }, { reasoning_tokens: 2 }, 13],
      )
    }
  })

  it('that its limit of tokens cut is incomplete, and says so', async () => {
    await using all = await openModel([
      { type: 'text-delta', text: 'I was about to' },
      { type: 'finish', reason: 'length' },
    ])
    const asked = { model: 'm', input: 'Where?', max_output_tokens: 4 }
    const events = await eventsOf(await all.client.responses.create({ ...asked, stream: true }))
    assert.equal(events.at(-1)?.type, 'response.incomplete')
    for (const response of [endOf(events), await all.client.responses.create(asked)]) {
      responseSchema.parse(response)
      assert.equal(response.status, 'incomplete')
      assert.equal(response.incomplete_details?.reason, 'max_output_tokens')
      assert.deepEqual(
        response.output.map((item) => [item.type, 'status' in item && item.status]),
        [['message', 'incomplete']],
      )
    }
  })

  it('holds only what was said, whole and as a stream, when its limit cut it before a word', async () => {
    for (const [said, types] of [
      [[{ type: 'text-delta', text: '' }], []],
      [[{ type: 'reasoning-delta', text: 'Hm' }], ['reasoning']],
    ] satisfies [ChatEvent[], string[]][]) {
      await using all = await openModel([...said, { type: 'finish', reason: 'length' }])
      const asked = { model: 'm', input: 'Where?' }
      const whole = await all.client.responses.create(asked)
      const streamed = await all.client.responses.stream(asked).finalResponse()
      for (const { output, status } of [whole, streamed]) {
        assert.equal(status, 'incomplete')
        assert.deepEqual(
          output.map(({ type }) => type),
          types,
        )
      }
    }
  })

  it('stands beside answers from documents, which are asked for by their own name', async () => {
    await using servers = await pair('well')
    await using door = await openDoor({ router: servers.router })
    const ask = async (model: string): Promise<string> =>
      await (await door.post('/v1/responses', { model, input: 'What does a lock do?' })).text()
    assert.match(await ask('andon'), /lets one in at a time/)
    assert.match(await ask('m'), /Hello world/)
    assert.match(await ask('other'), /no model \\"other\\"/)
  })

  it('is asked for of a server that knows chats only, without a path of its own', async () => {
    await using all = await open('well')
    await all.client.responses.create({ model: 'm', input: 'Hello?' })
    assert.deepEqual(all.bad.bodies[0]?.['messages'], [{ role: 'user', content: 'Hello?' }])
  })
})

describe('What is wrong in a request for a response of a plain model', () => {
  const table: { it: string; fields: object; param: string; says: RegExp }[] = [
    { it: 'nothing asked', fields: { input: [] }, param: 'input', says: /at least one message/ },
    { it: 'an unknown role', fields: { input: [{ role: 'king', content: 'x' }] }, param: 'input', says: /king/ },
    {
      it: 'an item that nobody kept',
      fields: { input: [{ type: 'item_reference', id: 'x' }] },
      param: 'input',
      says: /item_reference/,
    },
    {
      it: 'a picture',
      fields: { input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'data:,' }] }] },
      param: 'input',
      says: /"input_image"[^]*text only/,
    },
    { it: 'a number', fields: { input: [{ role: 'user', content: 3 }] }, param: 'input', says: /neither a text nor/ },
    {
      it: 'a text without one',
      fields: { input: [{ role: 'user', content: [{ type: 'input_text' }] }] },
      param: 'input',
      says: /"input_text", and no text/,
    },
    {
      it: 'a call without a name',
      fields: { input: [{ type: 'function_call', call_id: 'c1', arguments: '{}' }] },
      param: 'input',
      says: /call_id and a name/,
    },
    {
      it: 'what came of no call',
      fields: { input: [{ type: 'function_call_output', output: 'Here.' }] },
      param: 'input',
      says: /call_id of the call/,
    },
    {
      it: 'a choice among tools',
      fields: { tool_choice: { type: 'allowed_tools', mode: 'required', tools: [] } },
      param: 'tool_choice',
      says: /"allowed_tools"[^]*by its name/,
    },
    { it: 'a tool of OpenAI', fields: { tools: [{ type: 'web_search' }] }, param: 'tools', says: /"web_search"/ },
    {
      it: 'an earlier response',
      fields: { previous_response_id: 'resp_x' },
      param: 'previous_response_id',
      says: /send what was said before as input/,
    },
    { it: 'a conversation', fields: { conversation: 'conv_x' }, param: 'conversation', says: /as input/ },
    { it: 'a kept prompt', fields: { prompt: { id: 'p' } }, param: 'prompt', says: /as input/ },
    { it: 'nobody waiting', fields: { background: true }, param: 'background', says: /must be false/ },
    {
      it: 'a shape without one',
      fields: { text: { format: { type: 'json_schema', name: 'x' } } },
      param: 'text',
      says: /text\.format\.schema/,
    },
    { it: 'probabilities', fields: { top_logprobs: 3 }, param: 'top_logprobs', says: /no probabilities/ },
  ]
  for (const { it: name, fields, param, says } of table)
    it(`${name} is refused by name, once`, async () => {
      await using all = await open('well')
      const asking = all.client.responses.create({ model: 'm', input: 'Hello?', ...fields })
      await assert.rejects(asking, (error) => {
        assert.ok(error instanceof OpenAI.BadRequestError)
        assert.equal(error.param, param)
        assert.match(error.message, says)
        return true
      })
      assert.equal(all.bad.asked + all.good.asked, 0)
    })

  it('a model that nobody serves is named', async () => {
    await using all = await open('well')
    await assert.rejects(all.client.responses.create({ model: 'other', input: 'Hello?' }), /"other"[^]*There is m\./)
  })
})
