import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { ReplayServer } from '../../test/servers/replay-server.ts'
import { openCall } from '../core/call.ts'
import type { ChatMessage } from '../models/model.ts'
import { openTokenCounter } from './counting.ts'
import { TokenEstimate } from './estimate.ts'
import { around } from './messages.ts'
import { O200kCounter } from './o200k.ts'
import { pieces } from './pieces.ts'
import { ServerCounter } from './server-tokens.ts'

const messages: ChatMessage[] = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'Hello?' },
]
const english = 'The quick brown fox jumps over the lazy dog. '
const chinese = '敏捷的棕色狐狸跳过了懒狗。'

const call = () => openCall({ tenant: 't', budgetMs: 10_000 })

test('a text in pieces is the text, no piece is long, and no character is cut', () => {
  for (const text of [
    '',
    english.repeat(500),
    'x'.repeat(20_000),
    '🙂'.repeat(9_001),
    `a${'🙂'.repeat(9_001)}`,
    ' '.repeat(9_000),
  ]) {
    const cut = Array.from(pieces(text))
    assert.equal(cut.join(''), text)
    assert.ok(cut.every((piece) => piece.length <= 4_096 && piece.isWellFormed()))
  }
})

test('o200k counts what OpenAI counts, in pieces as in one, and control words are words', async () => {
  const counter = new O200kCounter()
  using now = call()
  assert.equal(await counter.count('tiktoken is great!', now), 6)
  assert.equal(await counter.count('', now), 0)
  assert.equal(await counter.count(english.repeat(400).trimEnd(), now), 4_000)
  assert.ok((await counter.count('<|endoftext|>', now)) > 1)
  const words = (await counter.count('Be brief.\nHello?', now)) + 2 * around.message + around.answer
  assert.equal(await counter.count(messages, now), words)
})

test('a tokenizer.json counts with its own vocabulary; what is none is refused by name', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'andon-tokens-'))
  try {
    const file = join(folder, 'tokenizer.json')
    const vocab = Object.fromEntries(['<unk>', 'a', 'b', 'ab', 'Ġ', 'Ġab'].map((token, id) => [token, id]))
    const merges = ['a b', 'Ġ ab']
    const model = { type: 'BPE', vocab, merges, unk_token: '<unk>' }
    await writeFile(
      file,
      JSON.stringify({
        version: '1.0',
        added_tokens: [],
        normalizer: null,
        pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
        post_processor: null,
        decoder: { type: 'ByteLevel' },
        model,
      }),
    )
    await using counter = await openTokenCounter({ tokenizerFile: file })
    using now = call()
    assert.equal(counter.exact, true)
    assert.equal(await counter.count('ab ab b', now), 4)
    assert.equal(await counter.count('ab ab '.repeat(4_000).trimEnd(), now), 8_000)

    await writeFile(join(folder, 'config.json'), '{"hidden_size": 8}')
    for (const name of ['config.json', 'absent.json'])
      await assert.rejects(openTokenCounter({ tokenizerFile: join(folder, name) }), {
        code: 'invalid',
        message: new RegExp(name),
      })
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('vLLM counts texts and messages; its key goes along, below the root', async () => {
  await using server = await ReplayServer.start(({ body }) => ({
    body: { count: 'messages' in (body as object) ? 21 : 5, max_model_len: 4_096, tokens: [] },
  }))
  await using counter = new ServerCounter({
    server: 'vllm',
    baseUrl: `${server.origin}/v1/`,
    apiKey: 'a-key',
    model: 'm',
  })
  using now = call()
  assert.equal(await counter.count('Hello?', now), 5)
  assert.equal(await counter.count(messages, now), 21)
  assert.deepEqual(
    server.requests.map(({ url, body, headers }) => [url, body, headers.authorization]),
    [
      ['/tokenize', { model: 'm', prompt: 'Hello?', add_special_tokens: false }, 'Bearer a-key'],
      ['/tokenize', { model: 'm', messages, add_generation_prompt: true }, 'Bearer a-key'],
    ],
  )
})

test('llama.cpp fills its template first; a server without one counts the words', async () => {
  let templates = true
  await using server = await ReplayServer.start(({ url, body }) => {
    if (url === '/apply-template')
      return templates
        ? { body: { prompt: '<s>Be brief. Hello?' } }
        : { status: 404, body: { error: 'File Not Found' } }
    return { body: { tokens: (body as { content: string }).content.split(/\s+/) } }
  })
  await using counter = new ServerCounter({ server: 'llama.cpp', baseUrl: server.origin })
  using now = call()
  assert.equal(await counter.count('one two', now), 2)
  assert.equal(await counter.count(messages, now), 3)
  templates = false
  for (const requests of [5, 6]) {
    assert.equal(await counter.count(messages, now), 3 + 2 * around.message + around.answer)
    assert.equal(server.requests.length, requests)
  }
})

test('while a server does not count there is an estimate, which has learnt from when it did', async () => {
  await using server = await ReplayServer.start((_, count) =>
    count < 20 ? { body: { count: 2_000 } } : { status: 500, body: { error: 'no' } },
  )
  await using counter = await openTokenCounter({ server: { server: 'vllm', baseUrl: server.origin } })
  using now = call()
  const text = english.repeat(200)
  const before = counter.estimate(text)
  for (let count = 0; count < 20; count++) await counter.count(text, now)
  assert.equal(counter.name, '/tokenize of vllm')
  const after = await counter.count(text, now)
  assert.ok(before > 2_200 && Math.abs(after - 2_000) < 20, `${before} then ${after}`)
  assert.deepEqual([counter.name, counter.exact], ['estimate', false])
  await counter.count(text, now)
  assert.equal(server.requests.length, 21)
})

test('an estimate learns each script by itself, and believes no odd count', () => {
  const estimate = new TokenEstimate()
  const [before, after] = [estimate.estimate(english.repeat(10)), () => estimate.estimate(english.repeat(10))]
  for (let count = 0; count < 20; count++) estimate.learn(chinese.repeat(50), chinese.length * 50 * 0.6)
  const ratio = estimate.estimate(chinese.repeat(50)) / (chinese.length * 50)
  assert.ok(Math.abs(ratio - 0.6) < 0.01, String(ratio))
  assert.equal(after(), before)
  estimate.learn(english.repeat(10), 1_000_000)
  estimate.learn(english.repeat(10), 1)
  estimate.learn('short', 40)
  assert.equal(after(), before)
})

test('a model of OpenAI is counted with its vocabulary, another is estimated', async () => {
  for (const [model, name] of [
    ['gpt-5-mini', 'o200k'],
    ['openai/o3', 'o200k'],
    ['qwen3:8b', 'estimate'],
  ] as const) {
    await using counter = await openTokenCounter({ model })
    assert.equal(counter.name, name)
  }
})

test('a call that is over is not counted for, nor is one that ends while it is', async () => {
  await using counter = await openTokenCounter({ model: 'gpt-5' })
  const controller = new AbortController()
  using ending = openCall({ tenant: 't', signal: controller.signal })
  const counting = counter.count(english.repeat(100_000), ending)
  setImmediate(() => controller.abort())
  await assert.rejects(counting, { code: 'cancelled' })
  await assert.rejects(counter.count('Hello?', ending), { code: 'cancelled' })
  assert.equal(counter.exact, true)
})
