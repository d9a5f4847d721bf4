// The AI SDK's chats at the door, over a real socket. How its transport reads them is in test/protocols.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { eventsOf, jsonIn, jsonOf, openDoor, textOf } from '../../test/door.ts'
import { AndonError } from '../core/errors.ts'
import type { Turn } from '../core/question.ts'

const path = '/v1/ui/messages'
const user = (text: string, id = 'u'): object => ({ id, role: 'user', parts: [{ type: 'text', text }] })
const assistant = (id: string): object => ({ id, role: 'assistant', parts: [{ type: 'source-document' }] })
const asking = { id: 'chat', messages: [user('What is a lock?')], trigger: 'submit-message' }

describe('POST /v1/ui/messages', () => {
  it('streams the message of the answer', async () => {
    await using door = await openDoor()
    const response = await door.post(path, asking)
    assert.equal(response.headers.get('x-vercel-ai-ui-message-stream'), 'v1')
    assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/)
    const events = eventsOf(await response.text())
    assert.equal(events.at(-1)?.data, '[DONE]')
    const chunks = events.slice(0, -1).map(({ data }) => jsonIn(data))
    assert.deepEqual(
      chunks.map((chunk) => textOf(chunk['type'])),
      [
        'start',
        'start-step',
        'data-passages',
        'text-start',
        'text-delta',
        'source-document',
        'text-delta',
        'text-end',
        'finish-step',
        'finish',
      ],
    )
    assert.equal(chunks[0]?.['messageId'], 'answer-1')
    assert.equal(chunks.at(-1)?.['messageMetadata']?.['confidence'], 'answered')
  })

  it('asks with the last message, in the session of the chat', async () => {
    await using door = await openDoor()
    const messages = [user('What?'), assistant('a'), user('And two?')]
    await door.post(path, { ...asking, messages, mode: 'extractive', filter: { collections: ['handbook'] } })
    assert.deepEqual(door.factory.asked[0]?.question, {
      text: 'And two?',
      sessionId: 'ui_chat',
      mode: 'extractive',
      filter: { collections: ['handbook'] },
    })
  })

  it('says in the stream what goes wrong after it began', async () => {
    await using door = await openDoor()
    door.factory.failLater = new AndonError('unavailable', 'The store is gone.')
    const events = eventsOf(await (await door.post(path, asking)).text())
    assert.deepEqual(jsonIn(events.at(-2)?.data ?? ''), { type: 'error', errorText: 'The store is gone.' })
    assert.equal(events.at(-1)?.data, '[DONE]')
  })

  const turn = (role: Turn['role'], answerId: string, versionOf?: string): Turn => {
    return { role, text: 'What is a lock?', at: 0, answerId, ...(versionOf === undefined ? {} : { versionOf }) }
  }
  const said = ['a', 'b'].flatMap((id) => [turn('user', id), turn('assistant', id)])
  const versions = [...said, turn('user', 'c', 'b'), turn('assistant', 'c', 'b')]
  const anew: { it: string; turns: Turn[]; body: object; retryOf: string | undefined }[] = [
    {
      it: 'the last answer',
      turns: said,
      body: { trigger: 'regenerate-message', messages: [user('1'), assistant('a'), user('2')] },
      retryOf: 'b',
    },
    {
      it: 'an answer that was made anew before',
      turns: versions,
      body: { trigger: 'regenerate-message', messageId: 'c', messages: [user('1'), assistant('a'), user('2')] },
      retryOf: 'b',
    },
    { it: 'an answer to a message that was changed', turns: said, body: { messageId: 'u' }, retryOf: 'a' },
    { it: 'an answer that was stopped', turns: [], body: { trigger: 'regenerate-message' }, retryOf: undefined },
  ]
  for (const { it: what, turns, body, retryOf } of anew) {
    it(`makes ${what} anew`, async () => {
      await using door = await openDoor()
      door.factory.session = async (id) => {
        if (turns.length === 0) throw new AndonError('not-found', 'There is no session.')
        return { session: { id, title: 'What?', turns: turns.length, updatedAt: 0 }, turns }
      }
      await door.post(path, { ...asking, ...body })
      assert.equal(door.factory.asked[0]?.question.retryOf, retryOf)
    })
  }
})

describe('A chat that nobody waits for', () => {
  it('has nothing to return to, and nothing to stop', async () => {
    await using door = await openDoor()
    const response = await door.get(`${path}/chat/stream`)
    assert.equal(response.status, 204)
    assert.equal(await response.text(), '')
    assert.deepEqual(await jsonOf(await door.post(`${path}/chat/stop`, {})), { stopped: false })
  })
})

describe('What a wrong message gets', () => {
  const table: { it: string; body: object; says: RegExp }[] = [
    { it: 'no chat', body: { messages: [user('What?')] }, says: /id is missing/ },
    { it: 'no messages', body: { ...asking, messages: [] }, says: /messages needs at least 1 entry/ },
    { it: 'the assistant last', body: { ...asking, messages: [assistant('a')] }, says: /has the role assistant/ },
    { it: 'an empty message', body: { ...asking, messages: [user('')] }, says: /The last message is empty/ },
    { it: 'an unknown field', body: { ...asking, resumeable: true }, says: /resumeable: no such field/ },
  ]
  for (const { it: what, body, says } of table) {
    it(`${what}: 400`, async () => {
      await using door = await openDoor()
      const response = await door.post(path, body)
      assert.equal(response.status, 400)
      assert.match(textOf((await jsonOf(response))['detail']), says)
    })
  }
})
