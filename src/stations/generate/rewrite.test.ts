import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ModelServer } from '../../../test/servers/model-server.ts'
import type { ChatBody, ChatScript } from '../../../test/servers/model-server.ts'
import { openCall } from '../../core/call.ts'
import type { Turn } from '../../core/question.ts'
import { OpenAiChat } from '../../models/openai.ts'
import { readRewritten, rewrite } from './rewrite.ts'
import type { Rewritten } from './rewrite.ts'

const history: Turn[] = [
  { role: 'user', text: 'How many days of leave?', resolved: 'How many days of leave in Berlin?', at: 1 },
  { role: 'assistant', text: 'There are 30 [1].', at: 2 },
]

async function rewritten(
  script: ChatScript | string,
  budgetMs?: number,
): Promise<[Rewritten | undefined, ModelServer]> {
  await using server = await ModelServer.start({ chat: () => script })
  await using model = new OpenAiChat({ baseUrl: server.origin, model: 'm' })
  using call = openCall({ tenant: 't', budgetMs: 10_000 })
  const input = { question: 'And in Paris?', history, model, call }
  return [await rewrite(budgetMs === undefined ? input : { ...input, budgetMs }), server]
}

test('a follow-up becomes a whole question with other wordings', async () => {
  const [result, server] = await rewritten(
    '{"question": "How many days of leave in Paris?", "alternatives": ["Paid vacation in Paris", "Holiday entitlement Paris"]}',
  )
  assert.deepEqual(result, {
    question: 'How many days of leave in Paris?',
    alternatives: ['Paid vacation in Paris', 'Holiday entitlement Paris'],
  })
  const asked = server.bodies<ChatBody>('/v1/chat/completions')[0]
  assert.match(
    asked?.messages.at(-1)?.content ?? '',
    /user: How many days of leave in Berlin\?\nassistant: There are 30\./,
  )
})

test('JSON is found among fences, prose, thoughts and trailing commas', () => {
  const wanted = { question: 'Whole?', alternatives: ['Other'] }
  for (const said of [
    '```json\n{"question":"Whole?","alternatives":["Other"]}\n```',
    'Sure! Here it is: {"question":"Whole?","alternatives":["Other",]} Anything else?',
    'Set {a, b} is no JSON. {"standalone_question":"Whole?","queries":["Other"]}',
    '{"question":" Whole?\\n","alternatives":["Other","whole","WHOLE?", 7, ""]}',
  ])
    assert.deepEqual(readRewritten(said, 'Whole?'), wanted, said)
})

test('at most two alternatives are taken', () => {
  assert.deepEqual(readRewritten('{"question":"q","alternatives":["a","b","c"]}', 'o')?.alternatives, ['a', 'b'])
})

test('what is unusable is nothing', () => {
  for (const said of [
    '',
    'No idea.',
    '{',
    '{"question": ""}',
    '{"question": 7}',
    `{"question":"${'x'.repeat(600)}"}`,
    '[]',
  ])
    assert.equal(readRewritten(said, 'q'), undefined, said)
})

test('a model that fails, hangs, talks on or says nonsense is no error', async () => {
  const scripts: (ChatScript | string)[] = [
    { text: '', fault: { kind: 'status', status: 500 } },
    { text: '', fault: { kind: 'cut', afterTokens: 0 } },
    'I would rather talk.',
    { text: Array.from({ length: 100 }, () => 'blah '.repeat(50)) },
  ]
  for (const script of scripts) assert.equal((await rewritten(script))[0], undefined)
  assert.equal((await rewritten({ text: '', fault: { kind: 'hang-after-headers' } }, 50))[0], undefined)
})
