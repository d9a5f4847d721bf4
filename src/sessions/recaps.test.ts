// Recaps over the real stores and a model behind a socket: what was said in turn 2 is known at turn 60, and a recap that
// fails, hangs or comes too late costs nothing.

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { ModelServer, type ChatBody, type ModelServerOptions } from '../../test/servers/model-server.ts'
import { noRedis, startRedis } from '../../test/servers/redis.ts'
import { openCall } from '../core/call.ts'
import type { Turn } from '../core/question.ts'
import { OpenAiChat } from '../models/openai.ts'
import { createPlaces } from '../places/places.ts'
import { generate } from '../stations/generate/generate.ts'
import { rewrite } from '../stations/generate/rewrite.ts'
import { openEmbeddedStores } from '../stores/embedded/open.ts'
import { openRedisSessions } from '../stores/redis/sessions.ts'
import type { Library, SessionStore } from '../stores/store.ts'
import { readConversation, rememberTurn } from './conversation.ts'
import { Recaps } from './recaps.ts'

const limits = { historyTurns: 8, maxTurns: 1_000, summaries: true, summaryTokens: 400 }
const passage = {
  id: 'd.1.0',
  documentId: 'd',
  documentName: 'd.md',
  title: 'Travel',
  collection: 'default',
  headings: [],
  kind: 'paragraph' as const,
  ordinal: 0,
  start: 0,
  end: 26,
  text: 'Flights are booked early.',
}

const root = await mkdtemp(join(tmpdir(), 'andon-recaps-'))
const places = createPlaces({})
after(async () => {
  await places[Symbol.asyncDispose]()
  await rm(root, { recursive: true, force: true })
})
let opened = 0

type Opened = { sessions: SessionStore; library: Pick<Library, 'get'> } & AsyncDisposable

const inFiles = (): Promise<Opened> =>
  openEmbeddedStores({ path: join(root, `${opened++}`), places, writer: 'inline', readers: 'inline' })

async function inRedis(): Promise<Opened> {
  await using stack = new AsyncDisposableStack()
  const server = stack.use(await startRedis())
  const sessions = stack.use(await openRedisSessions({ redis: server.url }))
  const owned = stack.move()
  return { sessions, library: { get: async () => undefined }, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** A question and its answer, as an answer remembers them. */
async function say(sessions: SessionStore, number: number, answer: string, retryOf?: string): Promise<void> {
  const text = `When are the flights of group ${number} booked?`
  const asked = { text, sessionId: 's', ...(retryOf === undefined ? {} : { retryOf }) }
  const same = { at: number, answerId: `a${number}` }
  await rememberTurn(sessions, 't', await readConversation(sessions, 't', asked, limits), [
    { role: 'user', text, ...same },
    { role: 'assistant', text: answer, ...same },
  ] satisfies Turn[])
}

/** Repeats its notes and the lines said since that hold a number of four digits. */
function repeat({ messages }: ChatBody): string {
  const lines = (messages.at(-1)?.content ?? '').split('\n')
  return lines.filter((line) => /\b\d{4}\b/.test(line)).join('\n') || 'Nothing of note.'
}

/** The last one that came to the model. */
function promptOf({ requests }: ModelServer): ChatBody['messages'] {
  const last = requests.at(-1)
  return last ? (last.body as ChatBody).messages : []
}

async function opening(open: () => Promise<Opened>, server: ModelServerOptions = { chat: repeat }) {
  await using stack = new AsyncDisposableStack()
  const { sessions, library } = stack.use(await open())
  const models = stack.use(await ModelServer.start(server))
  const model = stack.use(new OpenAiChat({ baseUrl: models.origin, model: 'm' }))
  const recaps = stack.use(new Recaps({ sessions, library, model, options: limits }))
  const owned = stack.move()
  return { sessions, models, model, recaps, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

for (const [where, open, skip] of [
  ['the data directory', inFiles, false],
  ['a Redis', inRedis, noRedis],
] as const)
  describe(`A conversation in ${where}`, { skip, timeout: 30_000 }, () => {
    it('knows at turn 60 what was said in turn 2, in the prompt and in the rewriting of a follow-up', async () => {
      await using house = await opening(open)
      const { sessions, models, model, recaps } = house
      for (let number = 1; number <= 30; number++) {
        await say(sessions, number, number === 1 ? 'Your cost centre is 4711 [1].' : 'At least 14 days ahead [1].')
        recaps.said('t', 's')
        await recaps.idle()
      }
      const made = models.requests.length
      assert.ok(made >= 3 && made <= 10, `${made} recaps of 30 questions`)
      const asked = { text: 'What is my cost centre?', sessionId: 's' }
      const { turns, recap = '', version } = await readConversation(sessions, 't', asked, limits)
      assert.deepEqual([version, turns.length], [30, 16])
      assert.doesNotMatch(JSON.stringify(turns), /4711/)
      assert.match(recap, /^assistant: Your cost centre is 4711\.$/)
      using call = openCall({ tenant: 't', budgetMs: 10_000 })
      await rewrite({ question: asked.text, history: turns, before: recap, model, call })
      const rewriting = promptOf(models).at(-1)?.content ?? ''
      assert.match(rewriting, /^Conversation:\n\(before that, in short: .*4711\.\)\nuser: /)
      const telling = { question: asked.text, passages: [passage], history: turns, before: recap, model, call }
      await Array.fromAsync(generate(telling))
      const messages = promptOf(models)
      assert.deepEqual(
        messages.slice(0, 3).map(({ role }) => role),
        ['system', 'user', 'assistant'],
      )
      assert.match(messages[1]?.content ?? '', /said before ===\n.*4711\.\n=== .* end ===\n\nWhen are the flights/)
    })

    it('keeps a recap although something is said while it is told', async () => {
      const telling = Promise.withResolvers<void>()
      await using house = await opening(open, {
        chat(body) {
          telling.resolve()
          return { text: repeat(body), firstTokenMs: 50 }
        },
      })
      const { sessions, recaps } = house
      for (let number = 1; number <= 9; number++) await say(sessions, number, 'By 1999.')
      recaps.said('t', 's')
      await telling.promise
      await say(sessions, 10, 'By 2000.')
      await recaps.idle()
      const { recap, version, turns } = await sessions.read('t', 's')
      assert.deepEqual([version, turns.length], [10, 20])
      assert.match(recap?.text ?? '', /1999/)
    })

    it('has no word of an answer in its recap that there is another version of', async () => {
      await using house = await opening(open)
      const { sessions, recaps } = house
      await say(sessions, 1, 'By 1666.')
      for (let number = 2; number <= 10; number++) await say(sessions, number, `By ${2000 + number}.`)
      recaps.said('t', 's')
      await recaps.idle()
      assert.match((await sessions.read('t', 's')).recap?.text ?? '', /1666/)
      await say(sessions, 11, 'By 1777.', 'a1')
      assert.equal((await sessions.read('t', 's')).recap, undefined)
      recaps.said('t', 's')
      await recaps.idle()
      const { text = '' } = (await sessions.read('t', 's')).recap ?? {}
      assert.ok(text.includes('1777') && !text.includes('1666'), text)
    })

    it('is not brought back by a recap that comes after it was erased', async () => {
      const telling = Promise.withResolvers<void>()
      await using house = await opening(open, {
        chat: () => (telling.resolve(), { text: '', fault: { kind: 'hang-after-headers' } }),
      })
      const { sessions, recaps, models } = house
      for (let number = 1; number <= 9; number++) await say(sessions, number, 'By 1999.')
      recaps.said('t', 's')
      await telling.promise
      await recaps.forget('t', 's')
      await sessions.remove('t', 's', { now: true })
      await models.until(({ cancelled }) => cancelled === 1)
      await say(sessions, 10, 'By 2000.')
      assert.deepEqual((await sessions.read('t', 's')).recap, undefined)
    })
  })

describe('A recap', { timeout: 30_000 }, () => {
  it('is told by rules when the model fails, and goes on from there when it is back', async () => {
    let broken = true
    await using house = await opening(inFiles, {
      chat: repeat,
      fault: () => (broken ? { kind: 'status', status: 500 } : undefined),
    })
    const { sessions, recaps } = house
    for (let number = 1; number <= 9; number++) await say(sessions, number, 'By 1999.')
    recaps.said('t', 's')
    await recaps.idle()
    assert.match((await sessions.read('t', 's')).recap?.text ?? '', /^Q: When are the flights of group 1 booked\?\n/)
    broken = false
    for (let number = 10; number <= 16; number++) await say(sessions, number, 'By 2001.')
    recaps.said('t', 's')
    await recaps.idle()
    assert.match((await sessions.read('t', 's')).recap?.text ?? '', /^A: By 1999\.\n[^]*assistant: By 2001\./)
  })

  it('is cancelled with its house, and nothing of it is kept', async () => {
    const telling = Promise.withResolvers<void>()
    await using house = await opening(inFiles, {
      chat: () => (telling.resolve(), { text: '', fault: { kind: 'hang-after-headers' } }),
    })
    const { sessions, recaps, models } = house
    for (let number = 1; number <= 9; number++) await say(sessions, number, 'By 1999.')
    recaps.said('t', 's')
    await telling.promise
    await recaps[Symbol.asyncDispose]()
    await models.until(({ cancelled }) => cancelled === 1)
    recaps.said('t', 's')
    await recaps.idle()
    assert.equal((await sessions.read('t', 's')).recap, undefined)
    assert.equal(models.requests.length, 1)
  })
})
