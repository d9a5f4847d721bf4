// What was said long ago reaches the model behind a whole factory, and goes with the house and with the conversation.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ModelServer, type ChatBody } from '../servers/model-server.ts'
import { asked, openLibrary, travel } from './library.ts'

const isNotes = ({ messages }: ChatBody): boolean => messages[0]?.content.startsWith('You keep the notes') === true

describe('A long conversation', { timeout: 60_000 }, () => {
  it('brings its summary into later prompts, ends with its house, and is erased with its records', async () => {
    let hangs = false
    let before = 0
    const hanging = Promise.withResolvers<void>()
    await using server = await ModelServer.start({
      chat(body) {
        if (!isNotes(body))
          return body.messages.some(({ content }) => content.includes('4711')) ? '4711 [1].' : 'No [1].'
        if (!hangs) return 'The cost centre of Ada is 4711.'
        hanging.resolve()
        return { text: '', fault: { kind: 'hang-after-headers' } }
      },
    })
    const models = { baseUrl: server.baseUrl, model: 'm' }
    {
      await using factory = await openLibrary([travel], { models, sessions: { historyTurns: 2 } })
      const ask = async (text: string) => (await asked(factory, { text, sessionId: 's' })).end
      const first = await ask('I am Ada and my cost centre is 4711. Who approves travel?')
      for (const text of ['Who approves small trips?', 'When are flights booked?', 'Which class do seniors take?'])
        await ask(text)
      while ((await factory.exportSession('s')).summary === undefined) await ask('Who approves travel?')
      assert.equal((await ask('What is my cost centre?')).text, '4711.')
      const { session, turns, summary } = await factory.exportSession('s')
      assert.equal(summary?.text, 'The cost centre of Ada is 4711.')
      assert.ok(summary.turns >= 2 && summary.turns < turns.length)
      assert.equal(session.turns, turns.length)

      await factory.removeSession('s')
      await factory.removeSession('s', { now: true })
      await assert.rejects(factory.exportSession('s'), { code: 'not-found' })
      await assert.rejects(factory.record(first.id), { code: 'not-found' })

      hangs = true
      for (const number of [1, 2, 3]) await ask(`When are flights of group ${number} booked?`)
      await hanging.promise
      // Of an answer that has come whole, the connection may be closed before the server knows that it has.
      before = server.cancelled
    }
    await server.until(({ cancelled }) => cancelled > before)
  })
})
