import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ReplayServer } from '../../test/servers/replay-server.ts'
import { ConcurrentRouter } from './index.ts'
import type { ModelEndpoint, RouterEvent, UsageRecord } from './index.ts'

const prompt = Array.from({ length: 150 }, (_, index) => `word ${index}`).join(' ')

/** A server that counts 500 in every prompt and 2 in every text, and tells it in its answers when `tells`. */
function openServer(tells: () => boolean): Promise<ReplayServer> {
  return ReplayServer.start(({ url, body }) => {
    if (url === '/tokenize') return { body: { count: 'messages' in (body as object) ? 500 : 2 } }
    const said = [{ index: 0, delta: { content: 'Hello world' }, finish_reason: 'stop' }]
    const usage = { choices: [], usage: { prompt_tokens: 500, completion_tokens: 2 } }
    const frames = [{ choices: said }, ...(tells() ? [usage] : [])].map((frame) => `data: ${JSON.stringify(frame)}\n\n`)
    return { body: `${frames.join('')}data: [DONE]\n\n` }
  })
}

function openRouter(endpoint: Omit<ModelEndpoint, 'name'>): [ConcurrentRouter, UsageRecord[], RouterEvent[]] {
  const router = new ConcurrentRouter({ endpoints: [{ name: 'a', ...endpoint }] })
  const records: UsageRecord[] = []
  const events: RouterEvent[] = []
  router.subscribe((event) => void (event.type === 'record' ? records.push(event.record) : events.push(event)))
  return [router, records, events]
}

test('an answer whose server does not say its tokens is counted by it, and says whether it was', async () => {
  await using server = await openServer(() => false)
  const vllm = openRouter({ url: server.origin, protocol: 'vllm', model: 'm' })
  await using router = vllm[0]
  const { usage } = await router.routeRequest(prompt)
  assert.deepEqual(usage, { promptTokens: 500, completionTokens: 2, estimated: false })
  assert.deepEqual([vllm[1][0]?.promptTokens, vllm[1][0]?.estimated], [500, false])
  const tools = [{ name: 'look', parameters: { type: 'object' } }]
  assert.equal((await router.routeRequest(prompt, { tools })).usage.estimated, true)

  const o200k = openRouter({ url: server.origin, model: 'm', tokenizer: 'o200k' })
  await using counting = o200k[0]
  const counted = (await counting.routeRequest('tiktoken is great!')).usage
  assert.deepEqual(counted, { promptTokens: 6 + 4 + 3, completionTokens: 2, estimated: false })
  const asked = server.requests.filter(({ url }) => url === '/tokenize')
  assert.equal(asked.length, 2)

  const absent = openRouter({ url: server.origin, model: 'm', tokenizer: '/absent/tokenizer.json' })
  await using guessing = absent[0]
  assert.equal((await guessing.routeRequest('Hi')).usage.estimated, true)
  const [warning] = absent[2]
  assert.ok(warning?.type === 'warning' && warning.error.sentence.includes('/absent/tokenizer.json'))
})

test('what servers count makes the next guess better', async () => {
  let tells = true
  await using server = await openServer(() => tells)
  const [opened] = openRouter({ url: server.origin, model: 'm' })
  await using router = opened
  for (let count = 0; count < 20; count++) await router.routeRequest(prompt, { preferredModel: 'm' })
  tells = false
  const after = (await router.routeRequest(prompt, { preferredModel: 'm' })).usage
  assert.equal(after.estimated, true)
  assert.ok(Math.abs(after.promptTokens - 500) < 25, String(after.promptTokens))
  assert.equal(server.requests.filter(({ url }) => url === '/tokenize').length, 0)
})
