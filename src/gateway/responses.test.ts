// OpenAI's responses at the door, over a real socket. How its client reads them is in test/protocols.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { eventsOf, jsonIn, jsonOf, openDoor, textOf, type Door } from '../../test/door.ts'
import { AndonError } from '../core/errors.ts'

const path = '/v1/responses'
const input = 'What is a lock?'

describe('POST /v1/responses', () => {
  it('takes the last message as the question and those before it as history', async () => {
    await using door = await openDoor()
    const messages = [
      { role: 'developer', content: 'Be rude.' },
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'What is a lock?' }] },
      { role: 'assistant', content: [{ type: 'output_text', text: 'It lets one in.', annotations: [] }] },
      { role: 'user', content: 'And two?' },
    ]
    await door.post(path, { model: 'andon/handbook', input: messages, temperature: 1, tools: [{ type: 'function' }] })
    assert.deepEqual(door.factory.asked[0]?.question, {
      text: 'And two?',
      history: [
        { role: 'user', text: 'What is a lock?', at: 0 },
        { role: 'assistant', text: 'It lets one in.', at: 0 },
      ],
      filter: { collections: ['handbook'] },
    })
  })

  it('keeps a conversation, unless told not to', async () => {
    await using door = await openDoor()
    await door.post(path, { input })
    await door.post(path, { input, store: false })
    await door.post(path, { input, metadata: { session_id: 'mine' } })
    const [kept, not, named] = door.factory.asked.map(({ question }) => question.sessionId)
    assert.match(kept ?? '', /^resp_/)
    assert.equal(not, undefined)
    assert.equal(named, 'mine')
  })

  it('leans on a conversation without going on with it, when store is false', async () => {
    await using door = await openDoor()
    const turns = ['one', 'two'].flatMap((answerId) => [
      { role: 'user' as const, text: 'What?', at: 0, answerId },
      { role: 'assistant' as const, text: 'That.', at: 0, answerId },
    ])
    know(door, 'one', 'mine')
    door.factory.session = async (id) => ({ session: { id, title: 'What?', turns: 4, updatedAt: 0 }, turns })
    const response = await door.post(path, { input, previous_response_id: 'resp_one', store: false })
    assert.equal((await jsonOf(response))['previous_response_id'], 'resp_one')
    assert.deepEqual(door.factory.asked[0]?.question, { text: input, history: turns.slice(0, 2) })
  })

  it('ends with response.failed when something goes wrong on the way', async () => {
    await using door = await openDoor()
    door.factory.failLater = new AndonError('overloaded', 'The store is full.')
    const last = eventsOf(await (await door.post(path, { input, stream: true })).text()).at(-1)
    assert.equal(last?.event, 'response.failed')
    const response = jsonIn(last.data)['response']
    assert.equal(response?.['status'], 'failed')
    assert.deepEqual(response['error'], { code: 'rate_limit_exceeded', message: 'The store is full.' })
    assert.equal(response['output']?.[0]?.['content']?.[0]?.['text'], 'A lock lets one in at a time. ')
  })

  it('cancels the answer when the caller leaves', async () => {
    await using door = await openDoor()
    door.factory.hold = Promise.withResolvers<void>().promise
    const stopped = door.factory.nextStop()
    const caller = new AbortController()
    const response = await door.post(path, { input, stream: true }, { signal: caller.signal })
    await response.body?.getReader().read()
    caller.abort()
    assert.equal(AndonError.from(await stopped).code, 'cancelled')
  })
})

describe('What a wrong request for a response gets', () => {
  const table: { it: string; body: object; status?: number; code?: string; says: RegExp }[] = [
    { it: 'nothing asked', body: {}, says: /input must be text, or a list of messages/ },
    { it: 'an empty question', body: { input: ' ' }, says: /input is empty/ },
    {
      it: 'a picture',
      body: { input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'x' }] }] },
      says: /input must be text, or a list of messages/,
    },
    {
      it: 'the assistant last',
      body: { input: [{ role: 'assistant', content: 'Yes.' }] },
      says: /has the role assistant/,
    },
    { it: 'a conversation', body: { input, conversation: 'conv_1' }, says: /conversation is not taken: go on with/ },
    { it: 'a prompt', body: { input, prompt: { id: 'p' } }, says: /prompt is not taken/ },
    { it: 'an unknown field', body: { input, temprature: 1 }, says: /temprature: no such field/ },
    { it: 'another model', body: { input, model: 'gpt-5' }, status: 404, code: 'model_not_found', says: /no model/ },
    {
      it: 'more than the new message behind a previous response',
      body: {
        input: [
          { role: 'user', content: 'a' },
          { role: 'user', content: 'b' },
        ],
        previous_response_id: 'resp_one',
      },
      says: /the input is the new message only/,
    },
    {
      it: 'two conversations',
      body: { input, previous_response_id: 'resp_one', metadata: { session_id: 'x' } },
      says: /both name a conversation/,
    },
    {
      it: 'a previous response that is not known',
      body: { input, previous_response_id: 'resp_two' },
      status: 404,
      code: 'previous_response_not_found',
      says: /no response resp_two/,
    },
    {
      it: 'a previous response that is none',
      body: { input, previous_response_id: 'chatcmpl-1' },
      status: 404,
      code: 'previous_response_not_found',
      says: /no response chatcmpl-1/,
    },
  ]
  for (const { it: what, body, status = 400, code = 'invalid', says } of table) {
    it(`${what}: ${status}`, async () => {
      await using door = await openDoor()
      know(door, 'one', 'mine')
      const response = await door.post(path, body)
      const { error } = await jsonOf(response)
      assert.match(textOf(error?.['message']), says)
      assert.equal(response.status, status)
      assert.equal(error?.['code'], code)
      assert.equal(door.factory.asked.length, 0)
    })
  }
})

/** Lets the factory know one answer of a session. */
function know(door: Door, known: string, sessionId: string): void {
  door.factory.record = async (id) => {
    if (id !== known) throw new AndonError('not-found', `There is no answer ${id}.`)
    return { id, question: input, sessionId, state: 'done', startedAt: 0, events: [], spans: [] }
  }
}
