// A model that calls the factory's tools: what the answer says of it, and what a person may decide.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AnswerEvent, Question } from '../../src/core/question.ts'
import type { OptionsInput } from '../../src/options.ts'
import { ModelServer, type ChatBody, type ChatScript, type ModelServerOptions } from '../servers/model-server.ts'
import { asked, openLibrary, travel } from './library.ts'

const sum: Question = { text: 'What is 12 times 7?' }

/** Calls the calculator, whether or not it may, and says what it was told. */
function calculating({ messages }: ChatBody): ChatScript | string {
  const told = messages.at(-1)
  if (told?.role === 'tool')
    return (told.content.split('\n')[1] ?? '').includes('84') ? '12 times 7 is 84.' : 'That could not be worked out.'
  return { text: '', calls: [{ id: 'c', name: 'calculator', arguments: { expression: '12*7' } }] }
}

async function house(tools: OptionsInput['tools'] = {}, server: ModelServerOptions = {}, sources = [travel]) {
  await using stack = new AsyncDisposableStack()
  const models = stack.use(await ModelServer.start({ chat: calculating, ...server }))
  const options: OptionsInput = { models: { baseUrl: models.baseUrl, model: 'scripted' }, tools }
  const factory = stack.use(await openLibrary(sources, options))
  const owned = stack.move()
  return { factory, models, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

function typesIn(events: readonly AnswerEvent[]): string[] {
  return events.map(({ type }) => type).filter((type) => type.startsWith('tool-'))
}

test('a sum is worked out, also where no document says anything', async () => {
  await using parts = await house({}, {}, [])
  const { events, end } = await asked(parts.factory, sum)
  assert.equal(end.text, '12 times 7 is 84.')
  assert.deepEqual([end.mode, end.confidence, end.degraded], ['generated', 'answered', []])
  assert.deepEqual(
    end.toolRuns?.map(({ id, name, ok }) => ({ id, name, ok })),
    [{ id: 'c', name: 'calculator', ok: true }],
  )
  assert.deepEqual(typesIn(events), ['tool-call', 'tool-result'])
  // Both requests are paid for.
  assert.ok((end.usage?.promptTokens ?? 0) > 0)
  assert.equal(parts.models.count('/v1/chat/completions'), 2)
})

test('a follow-up leans on an answer that a tool made', async () => {
  await using parts = await house()
  await asked(parts.factory, { ...sum, sessionId: 's' })
  await asked(parts.factory, { text: 'Who approves travel?', sessionId: 's' })
  const { messages } = parts.models.bodies<ChatBody>('/v1/chat/completions').at(-1) ?? { messages: [] }
  assert.ok(messages.some(({ role, content }) => role === 'assistant' && content === '12 times 7 is 84.'))
})

test('a tool that is denied is not offered, and not run when it is called all the same', async () => {
  await using parts = await house({ permissions: [{ names: ['calculator'], permission: 'deny' }] })
  const { events, end } = await asked(parts.factory, sum)
  assert.equal(end.text, 'That could not be worked out.')
  const [result] = events.filter((event) => event.type === 'tool-result')
  assert.equal(result?.error?.kind, 'unknown-tool')
  const [body] = parts.models.bodies<ChatBody>('/v1/chat/completions')
  assert.ok(!body?.tools?.some((tool) => tool.function.name === 'calculator'))
})

test('a call that waits for a person goes on with their word, or without it', async () => {
  await using parts = await house({ permissions: [{ names: ['calculator'], permission: 'ask' }] })
  for (const [word, text] of [
    ['once', '12 times 7 is 84.'],
    ['decline', 'That could not be worked out.'],
  ] as const) {
    const types: string[] = []
    for await (const event of parts.factory.ask(sum)) {
      types.push(event.type)
      if (event.type === 'tool-approval') await parts.factory.approve(event.approval.id, word)
      if (event.type === 'answer-end') assert.equal(event.text, text)
    }
    assert.deepEqual(
      types.filter((type) => type.startsWith('tool-')),
      ['tool-call', 'tool-approval', 'tool-result'],
    )
  }
})

test('a model that may not go on is told of, in the answer', async () => {
  await using parts = await house({ steps: 1 })
  const { end } = await asked(parts.factory, sum)
  assert.equal(end.text, '12 times 7 is 84.')
  assert.deepEqual(
    end.degraded.map(({ reason }) => reason),
    ['tools-cut'],
  )
  assert.match(end.degraded[0]?.message ?? '', /scripted had called tools as often as it may/)
})

test('a model without tools answers without them; only who counted on them is told', async () => {
  const message = 'scripted does not support tools'
  await using parts = await house(
    {},
    {
      chat: () => 'Travel over 2,500 euros is approved by the finance director [1].',
      fault: (_, __, body) =>
        'tools' in (body as object)
          ? { kind: 'status', status: 400, body: JSON.stringify({ error: { message } }) }
          : undefined,
    },
  )
  const question = { text: 'Who approves travel over 2,500 euros?' }
  const first = await asked(parts.factory, question)
  assert.deepEqual([first.end.mode, first.end.degraded], ['generated', []])
  const second = await asked(parts.factory, { ...question, tools: true })
  assert.deepEqual(
    second.end.degraded.map(({ reason }) => reason),
    ['tools-cut'],
  )
  // It is known by now.
  assert.equal(parts.models.count('/v1/chat/completions'), 3)
})

test('when the model fails behind its tools, the documents answer, and what ran is told', async () => {
  const fault = { kind: 'status', status: 500 } as const
  await using parts = await house(
    {},
    {
      chat: (body) => (body.messages.at(-1)?.role === 'tool' ? { text: '', fault } : calculating(body)),
    },
  )
  const { end } = await asked(parts.factory, { text: 'Who approves travel over 2,500 euros?' })
  assert.equal(end.mode, 'extractive')
  assert.match(end.text, /finance director/)
  assert.deepEqual(
    end.toolRuns?.map(({ ok }) => ok),
    [true],
  )
  assert.deepEqual(
    end.degraded.map(({ reason }) => reason),
    ['model-failed'],
  )
})

test('no tools are offered where the options or the question say so', async () => {
  const chat = (): string => 'Travel over 2,500 euros is approved by the finance director [1].'
  const text = 'Who approves travel over 2,500 euros?'
  await using none = await house({ offer: 'none' }, { chat })
  await asked(none.factory, { text })
  await asked(none.factory, { text, tools: ['calculator'] })
  await using all = await house({}, { chat })
  await asked(all.factory, { text, tools: false })
  const offered = [none, all].flatMap(({ models }) =>
    models
      .bodies<ChatBody>('/v1/chat/completions')
      .map(({ tools }) => tools?.map((tool) => tool.function.name).join() ?? ''),
  )
  assert.deepEqual(offered, ['', 'calculator', ''])
})

test('what a tool finds can be cited, within what the question is limited to', async () => {
  const chat = ({ messages }: ChatBody): ChatScript | string => {
    const told = messages.at(-1)
    if (told?.role !== 'tool')
      return {
        text: '',
        calls: [{ id: 's', name: 'search_documents', arguments: { query: 'Where are cars parked?' } }],
      }
    const number = /passage (\d+) ===\nSource: Site/.exec(told.content)?.[1] ?? '9'
    return `Cars are parked behind the warehouse [${number}].`
  }
  const parking = { name: 'parking.md', text: '# Site\n\n## Where to go\n\nCars are parked behind the warehouse.\n' }
  await using parts = await house({}, { chat }, [travel, parking])
  const question: Question = { text: 'Who approves travel over 2,500 euros?', passages: 1 }
  const { events, end } = await asked(parts.factory, question)
  const [found] = events.filter((event) => event.type === 'passages-found')
  assert.equal(found?.passages.length, 1)
  assert.match(end.text, /warehouse \[1\]\.$/)
  assert.equal(end.citations.length, 1)
  assert.ok(!found.passages.some(({ passage }) => passage.id === end.citations[0]?.passageId))
  assert.deepEqual([end.unsupported, end.citationsRemoved], [0, 0])
  const elsewhere = await asked(parts.factory, { ...question, filter: { collections: ['elsewhere'] } })
  assert.deepEqual(elsewhere.end.citations, [])
})
