// Answers from the cache: a model is asked once for the same question about the same documents, by whoever asks.

import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { after, before, beforeEach, describe, it } from 'node:test'
import type { AnswerEnd, Question } from '../../src/core/question.ts'
import type { Factory } from '../../src/core/factory.ts'
import { seeded } from '../../src/core/random.ts'
import { openGateway } from '../../src/gateway/server.ts'
import type { OptionsInput } from '../../src/options.ts'
import { Dictated } from '../servers/dictated-model.ts'
import { jsonIn, type Json } from '../door.ts'
import { ModelServer, type ChatBody, type ChatScript } from '../servers/model-server.ts'
import { noRedis, startRedis } from '../servers/redis.ts'
import { addWhole, asked, openLibrary, travel } from './library.ts'

const question = 'Who approves travel over 2,500 euros?'
const said = 'The finance director approves travel over 2,500 euros [1].'
const path = '/v1/chat/completions'

/** A server that answers from the first passage as `said` does, or as it is told. */
function serve(chat: (body: ChatBody, count: number) => ChatScript | string = () => said): Promise<ModelServer> {
  return ModelServer.start({ chat })
}

function withModel(model: ModelServer, more: OptionsInput = {}): OptionsInput {
  return { models: { baseUrl: model.baseUrl, model: 'test' }, ...more }
}

/** Which of the answers were another's. */
const cachedOf = (ends: readonly AnswerEnd[]): AnswerEnd[] => ends.filter(({ cached }) => cached !== undefined)

describe('The same question', { timeout: 60_000 }, () => {
  let stack: AsyncDisposableStack
  let model: ModelServer
  let factory: Factory
  /** What the model says, by how often it was asked before in the test. */
  let say: (count: number) => ChatScript | string
  let earlier = 0
  const asks = (): number => model.count(path) - earlier
  before(async () => {
    stack = new AsyncDisposableStack()
    model = stack.use(await serve((_, count) => say(count - earlier)))
    factory = stack.use(await openLibrary([travel], withModel(model)))
  })
  beforeEach(async () => {
    say = () => said
    earlier = model.count(path)
    await factory.clearCaches('answers')
  })
  after(() => stack.disposeAsync())

  it('asks the model once; the answer is checked and cited anew, costs nothing and says where it comes from', async () => {
    const begun = Date.now()
    const { end: first } = await asked(factory, question)
    assert.equal(first.cached, undefined)
    assert.ok((first.usage?.promptTokens ?? 0) > 0)
    const { end, events } = await asked(factory, { text: question, sessionId: 's' })
    assert.equal(asks(), 1)
    assert.equal(end.text, first.text)
    assert.deepEqual(end.citations, first.citations)
    assert.equal(end.confidence, 'answered')
    assert.ok(events.some(({ type }) => type === 'sentence-checked'))
    assert.deepEqual(end.usage, { promptTokens: 0, completionTokens: 0, estimated: false })
    const { at = 0, ageMs = -1, usage } = end.cached ?? {}
    assert.ok(at >= begun && ageMs >= 0 && ageMs <= Date.now() - begun)
    assert.deepEqual(usage, first.usage)
    const { spans } = await factory.record(end.id)
    assert.ok(spans.some(({ station, place, note }) => station === 'generate' && place === 'cache' && note))
    // It is the conversation's as any other.
    assert.equal((await factory.session('s')).turns.at(-1)?.text, first.text)
  })

  it('of twenty at once asks once, and all hear it from its first word', async () => {
    say = () => ({ text: said, firstTokenMs: 100, tokenMs: 5 })
    const all = await Promise.all(Array.from({ length: 20 }, () => asked(factory, question)))
    assert.equal(asks(), 1)
    assert.equal(new Set(all.map(({ end }) => end.text)).size, 1)
    assert.equal(cachedOf(all.map(({ end }) => end)).length, 19)
    for (const { events } of all) assert.ok(events.filter(({ type }) => type === 'text-delta').length > 3)
  })

  it('goes past the cache where it says so or is another version, and what comes then is kept', async () => {
    say = (count) => said.replace('.', `, rule ${count}.`)
    const ask = async (more: Omit<Question, 'text'>): Promise<AnswerEnd> =>
      (await asked(factory, { text: question, ...more })).end
    const first = await ask({ sessionId: 'versions' })
    const again = await ask({ cache: false })
    assert.equal(again.cached, undefined)
    assert.equal(asks(), 2)
    assert.equal((await ask({})).text, again.text)
    const other = await ask({ sessionId: 'versions', retryOf: first.id })
    assert.equal(other.cached, undefined)
    assert.equal(asks(), 3)
    assert.equal((await ask({})).text, other.text)
    assert.equal(new Set([first.text, again.text, other.text]).size, 3)
    assert.equal(asks(), 3)
  })

  it('over HTTP costs no tokens either, and says so; cache-control: no-cache goes past it', async () => {
    await using gateway = await openGateway(factory, { port: 0 })
    const post = async (route: string, body: object, headers: Record<string, string> = {}): Promise<Json> => {
      const reply = await fetch(`${gateway.url}${route}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
        body: JSON.stringify(body),
      })
      assert.equal(reply.status, 200)
      return jsonIn(await reply.text())
    }
    const messages = [{ role: 'user', content: question }]
    const first = await post('/v1/chat/completions', { messages })
    assert.notEqual(first['usage']?.['total_tokens'], 0)
    assert.equal(first['andon']?.['cached'], undefined)
    const again = await post('/v1/chat/completions', { messages })
    assert.deepEqual(again['usage'], { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 })
    assert.ok(again['andon']?.['cached'])
    assert.ok((await post('/v1/ask', { question }))['cached'])
    assert.equal(asks(), 1)
    assert.equal((await post('/v1/ask', { question }, { 'cache-control': 'No-Cache' }))['cached'], undefined)
    assert.equal((await post('/v1/ask', { question, cache: false }))['cached'], undefined)
    assert.equal(
      (await post('/v1/chat/completions', { messages }, { 'cache-control': 'no-cache' }))['andon']?.['cached'],
      undefined,
    )
    assert.equal(asks(), 4)
  })

  it('is not shared between tenants', async () => {
    await addWhole(factory, travel, { tenant: 'others' })
    await asked(factory, question)
    const { end } = await asked(factory, question, { tenant: 'others' })
    assert.equal(end.cached, undefined)
    assert.equal(end.mode, 'generated')
    assert.equal(asks(), 2)
    assert.ok((await asked(factory, question, { tenant: 'others' })).end.cached)
  })

  it('is asked again after answers that were cut, failed, found nothing or called tools', async () => {
    const scripts: (ChatScript | string)[] = [
      { text: said, finish: 'length' },
      { text: said, fault: { kind: 'cut', afterTokens: 3 } },
      '[none] The passages do not say.',
      { text: '', calls: [{ name: 'calculator', arguments: { expression: '1+1' } }] },
    ]
    say = (count) => scripts[count] ?? said
    for (let count = 1; count <= 3; count++) {
      await asked(factory, question)
      assert.equal(asks(), count)
    }
    const { end } = await asked(factory, question)
    assert.equal(end.toolRuns?.length, 1)
    assert.equal(asks(), 5)
    assert.equal((await asked(factory, question)).end.cached, undefined)
    assert.equal(asks(), 6)
    assert.ok((await asked(factory, question)).end.cached)
  })

  it('is answered while the model is down, and a question that is new then by the documents', async () => {
    await using opened = await (async () => {
      await using server = await serve()
      const library = await openLibrary([travel], withModel(server))
      await asked(library, question)
      return library
    })()
    const { end } = await asked(opened, question)
    assert.ok(end.cached)
    assert.equal(end.mode, 'generated')
    assert.deepEqual(end.degraded, [])
    const { end: anew } = await asked(opened, { text: question, cache: false })
    assert.equal(anew.mode, 'extractive')
    assert.equal(anew.degraded[0]?.reason, 'model-failed')
    // What is there is not lost by that.
    assert.ok((await asked(opened, question)).end.cached)
  })

  it('is asked again after an answer of another model, which says whose it is', async () => {
    await using big = await ModelServer.start({ chat: () => said, fault: () => ({ kind: 'status', status: 503 }) })
    await using small = await serve()
    const endpoints = Object.entries({ big, small }).map(([name, { baseUrl }]) => ({ name, model: name, url: baseUrl }))
    await using opened = await openLibrary([travel], { models: { endpoints, fallback: ['big', 'small'] } })
    const ends = [await asked(opened, question), await asked(opened, question)].map(({ end }) => end)
    assert.deepEqual(
      ends.map((end) => [end.mode, end.model, end.text, end.cached]),
      Array.from({ length: 2 }, () => ['generated', 'small', said, undefined]),
    )
    assert.equal(small.count(path), 2)
  })

  it('is asked again when the conversation it was answered in is erased, and not when another is', async () => {
    await asked(factory, { text: question, sessionId: 'first' })
    assert.ok((await asked(factory, { text: question, sessionId: 'second' })).end.cached)
    await factory.removeSession('second', { now: true })
    assert.ok((await asked(factory, question)).end.cached)
    await addWhole(factory, travel, { tenant: 'others' })
    await asked(factory, { text: question, sessionId: 'first' }, { tenant: 'others' })
    await factory.removeSession('first', { now: true })
    assert.equal(asks(), 2)
    assert.equal((await asked(factory, question)).end.cached, undefined)
    assert.ok((await asked(factory, question, { tenant: 'others' })).end.cached)
    assert.equal(asks(), 3)
  })

  it('is known by the name that the server tells before it is asked, where nobody gave one', async () => {
    await using server = await serve()
    await using opened = await openLibrary([travel], { models: { baseUrl: server.baseUrl } })
    const { end: first } = await asked(opened, question)
    const { end } = await asked(opened, question)
    assert.ok(end.cached)
    assert.equal(server.count(path), 1)
    assert.deepEqual([first.model, end.model], ['test', 'test'])
  })

  it('is asked every time where the options say so', async () => {
    await using opened = await openLibrary([travel], withModel(model, { cache: { answers: false } }))
    await asked(opened, question)
    assert.equal((await asked(opened, question)).end.cached, undefined)
    assert.equal(asks(), 2)
  })
})

describe('Who leaves', { timeout: 60_000 }, () => {
  /** Asks until the first word, then waits to be told to leave. */
  async function listening(factory: Factory, signal: AbortSignal, budgetMs?: number) {
    const words = Promise.withResolvers<void>()
    const over = (async () => {
      for await (const event of factory.ask({ text: question, ...(budgetMs ? { budgetMs } : {}) }, { signal }))
        if (event.type === 'text-delta') words.resolve()
    })()
    over.catch(words.reject)
    await words.promise
    return { over }
  }

  it('stops nobody else, and the last one stops the model', async () => {
    await using model = await serve(() => ({ text: said, fault: { kind: 'stall', afterTokens: 4 } }))
    await using factory = await openLibrary([travel], withModel(model))
    const leaving = [new AbortController(), new AbortController()] as const
    const first = await listening(factory, leaving[0].signal)
    const second = await listening(factory, leaving[1].signal)
    assert.equal(model.count(path), 1)
    leaving[0].abort()
    await assert.rejects(first.over, { code: 'cancelled' })
    // It still listens: a third comes by the same words.
    const third = new AbortController()
    const late = await listening(factory, third.signal)
    assert.deepEqual([model.count(path), model.cancelled], [1, 0])
    third.abort()
    leaving[1].abort()
    await Promise.all([late, second].map(({ over }) => assert.rejects(over, { code: 'cancelled' })))
    await model.until(({ cancelled }) => cancelled === 1)
  })

  it('because his own time is over has the documents instead, and whom he asked with has the answer', async () => {
    const model = new Dictated()
    await using factory = await openLibrary([travel], {}, { model })
    const patient = asked(factory, question)
    await model.asked.promise
    const { end: hurried } = await asked(factory, { text: question, budgetMs: 1_500 })
    assert.equal(hurried.degraded[0]?.reason, 'model-slow')
    assert.equal(hurried.mode, 'extractive')
    model.say(said)
    model.end()
    const { end } = await patient
    assert.deepEqual([end.mode, end.text], ['generated', said])
  })
})

describe('A document that changed', { timeout: 60_000 }, () => {
  it('is never answered from before, however asking and changing mix', async () => {
    const random = seeded(11)
    // The model says what the passages say, as they stand in its prompt.
    await using model = await serve(({ messages }) => {
      const limit = /hotel limit is (\d+) euros/.exec(messages.at(-1)?.content ?? '')?.[1] ?? 'unknown'
      return { text: `The hotel limit is ${limit} euros [1].`, firstTokenMs: random() * 8 }
    })
    const rule = (limit: number) => ({
      name: 'hotels.md',
      text: `# Hotels\n\nThe hotel limit is ${limit} euros a night.\n`,
    })
    await using factory = await openLibrary([rule(100)], withModel(model))
    let [current, newest] = [100, 100]
    let cached = 0
    for (let round = 0; round < 12; round++) {
      // What a question may be told: a limit that held while it was asked.
      const asking = Array.from({ length: 1 + Math.floor(random() * 4) }, async () => {
        const since = current
        const { end } = await asked(factory, 'What is the hotel limit?')
        const limit = Number(/(\d+) euros/.exec(end.text)?.[1])
        assert.ok(limit >= since && limit <= newest, `${limit} is not within ${since} and ${newest}`)
        if (end.cached) cached++
      })
      if (random() < 0.5) {
        newest++
        await addWhole(factory, rule(newest))
        current = newest
      }
      await Promise.all(asking)
    }
    assert.ok(cached > 0)
    // What was before is not known anew because it is said again.
    const asks = model.count(path)
    await addWhole(factory, rule(100))
    assert.match((await asked(factory, 'What is the hotel limit?')).end.text, /100 euros/)
    assert.equal(model.count(path), asks)
  })
})

describe('Several processes with one Redis', { skip: noRedis, timeout: 60_000 }, () => {
  it('and data directories of their own ask the model once for all', async ({ signal }) => {
    await using redis = await startRedis()
    await using model = await serve(() => ({ text: said, firstTokenMs: 300, tokenMs: 10 }))
    const options = withModel(model, { cache: { redisUrl: redis.url }, tools: { mode: 'inline' } })
    const children = Array.from({ length: 3 }, () =>
      fork(new URL('asking-process.fixture.ts', import.meta.url), [JSON.stringify(options)]),
    )
    using stack = new DisposableStack()
    stack.defer(() => children.forEach((child) => child.kill()))
    await Promise.all(children.map((child) => once(child, 'message', { signal })))
    const ends = children.map((child) => once(child, 'message', { signal }))
    for (const child of children) child.send(question)
    const answers = (await Promise.all(ends)).map(([end]) => end as AnswerEnd)
    assert.equal(model.count(path), 1)
    assert.equal(cachedOf(answers).length, 2)
    for (const { text, citations, confidence } of answers) {
      assert.equal(text, answers[0]?.text)
      assert.equal(confidence, 'answered')
      assert.match(citations[0]?.quote ?? '', /finance director/)
    }
    // Each cites its own document.
    assert.equal(new Set(answers.map(({ citations }) => citations[0]?.documentId)).size, 3)
  })

  it('hear on from the next run when the first breaks off, and only whose run it was has the documents', async () => {
    await using redis = await startRedis()
    const script = { text: said, firstTokenMs: 100, tokenMs: 10 }
    await using model = await serve((_, count) =>
      count === 0 ? { ...script, fault: { kind: 'cut', afterTokens: 6 } } : script,
    )
    const options = withModel(model, { cache: { redisUrl: redis.url }, tools: { mode: 'inline' } })
    await using factory = await openLibrary([travel], options)
    await using other = await openLibrary([travel], options)
    const answers = await Promise.all([factory, other].map((each) => asked(each, question)))
    const [whole, cut] = answers.map(({ end }) => end).sort((a, b) => a.degraded.length - b.degraded.length)
    assert.equal(model.count(path), 2)
    assert.deepEqual([whole?.text, whole?.degraded], [said, []])
    assert.equal(cut?.degraded[0]?.reason, 'model-failed')
    assert.match(cut.degraded[0].message, /cut the connection/)
  })
})
