// The semantic cache: the same question in other words gets the answer that was given before, and no other question does.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { AnswerEnd, Question } from '../../src/core/question.ts'
import type { Factory } from '../../src/core/factory.ts'
import type { OptionsInput } from '../../src/options.ts'
import { ModelServer, type ChatBody } from '../servers/model-server.ts'
import { noRedis, startRedis } from '../servers/redis.ts'
import { addWhole, asked, leave, openLibrary, travel } from './library.ts'

const question = 'How do I book a flight?'
const otherwise = 'What are the steps to book a flight?'
const path = '/v1/chat/completions'

/** The number of the passage that holds these words, in a prompt. */
function numberOf({ messages }: ChatBody, words: string): string {
  const before = String(messages.at(-1)?.content).split(words)[0] ?? ''
  return [...before.matchAll(/passage (\d+) ===/g)].at(-1)?.[1] ?? '0'
}

/** A server that cites the passage about booking. */
function serve(said = 'Flights are booked through the booking desk', words = 'booking desk'): Promise<ModelServer> {
  return ModelServer.start({ chat: (body) => `${said} [${numberOf(body, words)}].` })
}

function semantic(model: ModelServer, more: OptionsInput = {}): OptionsInput {
  return { models: { baseUrl: model.baseUrl, model: 'test' }, cache: { semantic: true }, ...more }
}

function placesOf({ citations }: AnswerEnd): unknown[] {
  return citations.map(({ passageId, quote }) => [passageId, quote])
}

async function endOf(factory: Factory, text: string | Question, tenant?: string): Promise<AnswerEnd> {
  return (await asked(factory, text, tenant === undefined ? undefined : { tenant })).end
}

describe('A question in other words', { timeout: 60_000 }, () => {
  let stack: AsyncDisposableStack
  let model: ModelServer
  let factory: Factory
  before(async () => {
    stack = new AsyncDisposableStack()
    model = stack.use(await serve())
    factory = stack.use(await openLibrary([travel], semantic(model)))
  })
  after(() => stack.disposeAsync())

  it('gets the answer to the first one, checked, cited and counted as of today; no other question does', async () => {
    await addWhole(factory, travel, { tenant: 'others' })
    const first = await endOf(factory, question)
    assert.equal(first.cached, undefined)
    const end = await endOf(factory, otherwise)
    assert.equal(model.count(path), 1)
    assert.equal(end.cached?.question, question)
    assert.deepEqual(end.cached?.usage, first.usage)
    assert.equal(end.usage?.completionTokens, 0)
    assert.equal(end.text, first.text)
    assert.equal(end.confidence, 'answered')
    assert.deepEqual(placesOf(end), placesOf(first))
    // The very same question is another cache's.
    const again = await endOf(factory, question)
    assert.ok(again.cached)
    assert.equal(again.cached.question, undefined)

    const others: (string | Question)[] = [
      'How do I not book a flight?',
      'How do I cancel a flight?',
      'How do I book a hotel?',
      'When do I book a flight?',
      'How do I book 2 flights?',
      { text: otherwise, cache: false },
    ]
    for (const other of others) assert.equal((await endOf(factory, other)).cached, undefined, JSON.stringify(other))
    assert.equal(model.count(path), 1 + others.length)

    // Another tenant's, and one that stands in a conversation.
    assert.equal((await endOf(factory, otherwise, 'others')).cached, undefined)
    await endOf(factory, { text: 'Which class do seniors travel in?', sessionId: 's' })
    assert.equal((await endOf(factory, { text: otherwise, sessionId: 's' })).cached, undefined)

    // Its passage may stand elsewhere in the prompt, but has to be there as it was.
    await addWhole(factory, { name: 'more.md', text: '# How to book a flight\n\nThe steps to book a flight are few.' })
    const moved = await endOf(factory, 'What is the way to book a flight?')
    assert.ok(moved.cached?.question)
    assert.deepEqual(placesOf(moved), placesOf(first))
    await addWhole(factory, { ...travel, text: String(travel.text).replace('14 days', '21 days') })
    assert.equal((await endOf(factory, 'What is the procedure to book a flight?')).cached, undefined)

    const { caches } = await factory.caches()
    assert.equal(caches.find(({ name }) => name === 'answers')?.memoryHits, 2)
    await factory.clearCaches('answers')
    assert.equal((await endOf(factory, otherwise)).cached, undefined)
  })

  it('is not told of a question whose conversation was erased', async () => {
    await factory.clearCaches('answers')
    const earlier = model.count(path)
    await endOf(factory, { text: question, sessionId: 'erased' })
    assert.equal((await endOf(factory, otherwise)).cached?.question, question)
    await factory.removeSession('erased', { now: true })
    assert.equal((await endOf(factory, otherwise)).cached, undefined)
    assert.equal(model.count(path), earlier + 2)
  })

  it(
    'in one process is not found after another cleared the answers, or erased its conversation',
    { skip: noRedis },
    async () => {
      await using redis = await startRedis()
      await using model = await serve()
      const options = semantic(model, { cache: { semantic: true, redisUrl: redis.url } })
      await using factory = await openLibrary([travel], options)
      await using other = await openLibrary([travel], options)
      const forgotten = async (sessionId: string, forget: () => Promise<unknown>) => {
        await endOf(factory, { text: question, sessionId, cache: false })
        const size = async () => (await factory.caches()).caches.find(({ name }) => name === 'answers')?.values
        assert.equal(await size(), 1)
        await forget()
        // The news comes by itself.
        while ((await size()) !== 0) await setImmediate()
      }
      await forgotten('first', () => other.clearCaches('answers'))
      await asked(other, { text: 'When are flights booked?', sessionId: 's', mode: 'extractive' })
      await forgotten('s', () => other.removeSession('s', { now: true }))
    },
  )

  it('is found in Chinese, and by the vectors of an embedder', async () => {
    await using model = await serve('员工每年享有十五天年假', '十五天')
    const embedder = { kind: 'openai', url: model.baseUrl, model: 'vectors' } as const
    const cache = { semantic: true, semanticThreshold: 0.5 }
    await using factory = await openLibrary([leave], semantic(model, { embedder, cache }))
    await endOf(factory, '员工每年有多少天年假？')
    assert.equal((await endOf(factory, '请问每年员工有多少天年假？')).cached?.question, '员工每年有多少天年假？')
    assert.equal((await endOf(factory, '员工每年没有多少天年假？')).cached, undefined)
  })

  it('is asked for itself where the options do not say otherwise', async () => {
    await using model = await serve()
    await using factory = await openLibrary([travel], semantic(model, { cache: {} }))
    await endOf(factory, question)
    assert.equal((await endOf(factory, otherwise)).cached, undefined)
  })
})
