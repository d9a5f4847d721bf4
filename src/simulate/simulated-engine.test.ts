import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as openRequest } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { describe, test } from 'node:test'
import { openSimulatedEngine, openSimulatedFleet } from './index.ts'
import type { SimulatedEngine } from './index.ts'

interface Told {
  status: number
  headers: IncomingMessage['headers']
  text: string
  /** Whether the connection broke before the end. */
  cut: boolean
}

async function tell(engine: { url: string }, path: string, body: unknown, header = ''): Promise<Told> {
  const headers = { 'content-type': 'application/json', ...(header === '' ? {} : { 'x-simulate': header }) }
  const sent = openRequest(engine.url + path, { method: body === undefined ? 'GET' : 'POST', headers, agent: false })
  sent.end(body === undefined ? undefined : JSON.stringify(body))
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  const parts: Buffer[] = []
  let cut = false
  try {
    for await (const part of response as AsyncIterable<Buffer>) parts.push(part)
  } catch {
    cut = true
  }
  const { statusCode: status = 0, headers: got } = response
  return { status, headers: got, text: Buffer.concat(parts).toString(), cut }
}

/** What the server wrote at once, each by itself: the chunks of HTTP keep it, however the network cuts and joins them. */
async function writesOf(engine: { url: string }, path: string, body: unknown, header: string): Promise<Buffer[]> {
  const { hostname, port } = new URL(engine.url)
  const json = JSON.stringify(body)
  const socket = connect(Number(port), hostname)
  socket.write(
    `POST ${path} HTTP/1.1\r\nhost: ${hostname}\r\nconnection: close\r\nx-simulate: ${header}\r\n` +
      `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(json)}\r\n\r\n${json}`,
  )
  const all = Buffer.concat(await Array.fromAsync(socket as AsyncIterable<Buffer>))
  const writes: Buffer[] = []
  for (let at = all.indexOf('\r\n\r\n') + 4; ;) {
    const line = all.indexOf('\r\n', at)
    const size = Number.parseInt(all.toString('latin1', at, line), 16)
    if (!(size > 0)) return writes
    writes.push(all.subarray(line + 2, line + 2 + size))
    at = line + 2 + size + 2
  }
}

const messages = [{ role: 'user', content: 'Say something, please.' }]
const chat = '/v1/chat/completions'
const streamed = { messages, max_tokens: 8, ignore_eos: true, stream: true, stream_options: { include_usage: true } }

interface Chunk {
  choices: { delta: { content?: string }; finish_reason: string | null }[]
  usage?: { prompt_tokens: number; completion_tokens: number; prompt_tokens_details: { cached_tokens: number } }
  error?: { message: string }
}

function chunks(text: string): Chunk[] {
  return [...text.matchAll(/^data: (\{.*\})$/gm)].map(([, json = '']) => JSON.parse(json) as Chunk)
}

/** Resolves when the counts are so. Watches, because a close reaches the other side when it does. */
async function until(engine: SimulatedEngine, so: (stats: SimulatedEngine['stats']) => boolean): Promise<void> {
  while (!so(engine.stats)) await new Promise((resolve) => setImmediate(resolve))
}

describe('a stream', () => {
  test('has a frame for each token, then why it ended, usage, and [DONE]', async () => {
    await using engine = await openSimulatedEngine()
    const { text, headers } = await tell(engine, chat, streamed)
    const all = chunks(text)
    assert.equal(headers['x-simulated'], 'true')
    assert.equal(all.filter(({ choices }) => (choices[0]?.delta.content ?? '') !== '').length, 8)
    assert.equal(all.at(-2)?.choices[0]?.finish_reason, 'length')
    assert.deepEqual(all.at(-1)?.choices, [])
    assert.equal(all.at(-1)?.usage?.completion_tokens, 8)
    assert.ok(text.endsWith('data: [DONE]\n\n'))
  })

  test('says the same as the whole answer', async () => {
    await using engine = await openSimulatedEngine()
    const said = chunks((await tell(engine, chat, { messages, stream: true })).text)
      .map(({ choices }) => choices[0]?.delta.content ?? '')
      .join('')
    const whole = JSON.parse((await tell(engine, chat, { messages })).text) as { choices: [{ message: object }] }
    assert.deepEqual(whole.choices[0].message, { role: 'assistant', content: said })
  })

  test('counts what was in the cache, by salt', async () => {
    await using engine = await openSimulatedEngine()
    const cached = async (salt: string): Promise<number | undefined> => {
      const content = 'A rule of the house. '.repeat(40)
      const body = { ...streamed, messages: [{ role: 'user', content }], cache_salt: salt }
      return chunks((await tell(engine, chat, body)).text).at(-1)?.usage?.prompt_tokens_details.cached_tokens
    }
    assert.equal(await cached('one'), 0)
    assert.ok(((await cached('one')) ?? 0) >= 160)
    assert.equal(await cached('two'), 0)
  })

  test('whose reader leaves gives back all its blocks', async () => {
    await using engine = await openSimulatedEngine({ profile: 'h100-8b', prefixCache: false })
    const streams = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const sent = openRequest(engine.url + chat, { method: 'POST', agent: false })
        sent.end(JSON.stringify({ ...streamed, max_tokens: 5_000 }))
        const [response] = (await once(sent, 'response')) as [IncomingMessage]
        await once(response, 'data')
        return sent
      }),
    )
    assert.ok(engine.stats.kvBlocksInUse >= 20)
    for (const sent of streams) {
      sent.on('error', () => {})
      sent.destroy()
    }
    await until(engine, ({ aborted }) => aborted === 20)
    const { kvBlocksInUse, running, waiting, open } = engine.stats
    assert.deepEqual({ kvBlocksInUse, running, waiting, open }, { kvBlocksInUse: 0, running: 0, waiting: 0, open: 0 })
  })
})

describe('a fault by header', () => {
  const cases: [string, (told: Told) => void][] = [
    ['status=429; retry-after-ms=1500', ({ status, headers }) => assert.deepEqual([status, headers['retry-after'], headers['retry-after-ms']], [429, '2', '1500'])], // prettier-ignore
    ['status=502; html', ({ status, headers, text }) => assert.deepEqual([status, headers['content-type'], text.startsWith('<html>')], [502, 'text/html', true])], // prettier-ignore
    ['error-frame-after=3', ({ text, cut }) => assert.deepEqual([chunks(text).at(-1)?.error?.message, cut, text.includes('[DONE]')], ['Simulated fault: error frame.', false, false])], // prettier-ignore
    ['cut-after=3', ({ text, cut }) => assert.deepEqual([chunks(text).length, cut], [4, true])],
    ['no-done', ({ text }) => assert.ok(chunks(text).at(-1)?.usage !== undefined && !text.includes('[DONE]'))],
    ['no-usage', ({ text }) => assert.ok(!text.includes('usage') && text.includes('[DONE]'))],
    ['malformed-after=2', ({ text }) => assert.match(text, /^data: \{"id": "simulated fa$/m)],
    ['empty', ({ text }) => assert.ok(chunks(text).every(({ choices }) => (choices[0]?.delta.content ?? '') === ''))],
    ['tokens=5', ({ text }) => assert.equal(chunks(text).at(-1)?.usage?.completion_tokens, 8, 'ignore_eos goes on')],
    ['first-byte-ms=1', ({ status }) => assert.equal(status, 200)],
    ['nonsense', ({ status, text }) => assert.deepEqual([status, text.includes('x-simulate')], [400, true])],
  ]
  for (const [header, check] of cases)
    test(header, async () => {
      await using engine = await openSimulatedEngine()
      check(await tell(engine, chat, streamed, header))
      assert.equal(engine.stats.open, 0)
      assert.equal(engine.stats.kvBlocksInUse, 0)
    })

  test('split-utf8: no write ends between characters, and the text is whole', async () => {
    await using engine = await openSimulatedEngine({ respond: 'echo' })
    const body = { messages: [{ role: 'user', content: '世界你好。' }], stream: true }
    const parts = await writesOf(engine, chat, body, 'split-utf8')
    const text = Buffer.concat(parts).toString()
    const said = chunks(text).map(({ choices }) => choices[0]?.delta.content ?? '')
    assert.equal(said.join(''), '世界你好。')
    assert.ok(
      parts.some((part) => part.toString().endsWith('\ufffd')),
      'a piece ended inside a character',
    )
  })

  for (const header of ['hang', 'silent', 'stall-after=2'])
    test(`${header}: silence until the caller leaves`, async () => {
      await using engine = await openSimulatedEngine()
      const sent = openRequest(engine.url + chat, {
        method: 'POST',
        headers: { 'x-simulate': header },
        agent: false,
      })
      sent.on('error', () => {})
      sent.end(JSON.stringify(streamed))
      if (header === 'hang') await until(engine, ({ open }) => open === 1)
      else await once(sent, 'response')
      sent.destroy()
      await until(engine, ({ aborted }) => aborted === 1)
      assert.equal(engine.stats.kvBlocksInUse, 0)
    })

  test('whole answers fail in their own way', async () => {
    await using engine = await openSimulatedEngine()
    const body = { messages }
    assert.equal((await tell(engine, chat, body, 'error-frame-after=0')).status, 500)
    const { text } = await tell(engine, chat, body, 'malformed-after=0')
    assert.throws(() => JSON.parse(text), SyntaxError)
    await assert.rejects(tell(engine, chat, body, 'cut-after=1'), /socket hang up|ECONNRESET/)
    assert.equal(engine.stats.spoilt, 3)
  })
})

describe('an engine', () => {
  test('that is killed cuts its streams and refuses, and is back at the same address', async () => {
    await using engine = await openSimulatedEngine({ profile: 'h100-8b' })
    const stream = tell(engine, chat, { ...streamed, max_tokens: 5_000 })
    await until(engine, ({ running }) => running === 1)
    await engine.kill()
    assert.equal((await stream).cut, true)
    await assert.rejects(tell(engine, '/health', undefined), { code: 'ECONNREFUSED' })
    await engine.up()
    assert.equal((await tell(engine, '/health', undefined)).status, 200)
    await until(engine, ({ running }) => running === 0)
    assert.equal(engine.stats.aborted, 1)
  })

  test('that hangs answers nothing, and then goes on where it was', async () => {
    await using engine = await openSimulatedEngine()
    engine.hang()
    const answer = tell(engine, chat, streamed)
    const health = tell(engine, '/health', undefined)
    await until(engine, ({ open }) => open === 1)
    assert.equal(engine.stats.steps, 0)
    engine.resume()
    assert.equal((await health).status, 200)
    assert.equal(chunks((await answer).text).at(-1)?.usage?.completion_tokens, 8)
  })

  test('counts who comes inside a Retry-After, for a time', async () => {
    await using engine = await openSimulatedEngine()
    engine.fault({ status: 429, retryAfterMs: 60_000 })
    assert.equal((await tell(engine, chat, streamed)).status, 429)
    assert.equal((await tell(engine, chat, streamed)).status, 429)
    assert.deepEqual([engine.stats.refused, engine.stats.insideRetryAfter], [2, 1])
    engine.fault({})
    assert.equal((await tell(engine, chat, streamed)).status, 200)
    engine.resetStats()
    assert.equal(engine.stats.requests, 0)
    engine.fault({ status: 503, forMs: 0 })
    assert.equal((await tell(engine, chat, streamed)).status, 200)
  })

  test('befalls a share of its requests, by its seed', async () => {
    const statuses = async (): Promise<number[]> => {
      await using engine = await openSimulatedEngine({ seed: 5 })
      engine.fault({ status: 500, share: 0.5 })
      const all: number[] = []
      for (let at = 0; at < 12; at++) all.push((await tell(engine, chat, { ...streamed, max_tokens: 1 })).status)
      return all
    }
    const first = await statuses()
    assert.deepEqual(await statuses(), first)
    assert.deepEqual(new Set(first), new Set([200, 500]))
  })

  test('asleep refuses work, and works when it is woken', async () => {
    await using engine = await openSimulatedEngine()
    assert.equal((await tell(engine, '/sleep?level=1', {})).status, 200)
    assert.equal((await tell(engine, chat, streamed)).status, 503)
    assert.match((await tell(engine, '/metrics', undefined)).text, /sleep_state="awake",.* 0$/m)
    await tell(engine, '/wake_up', {})
    assert.equal((await tell(engine, chat, streamed)).status, 200)
  })

  test('with a key asks for it under /v1 only', async () => {
    await using engine = await openSimulatedEngine({ apiKey: 'secret' })
    assert.equal((await tell(engine, chat, streamed)).status, 401)
    assert.equal((await tell(engine, '/health', undefined)).status, 200)
  })

  test('refuses what is wrong and what does not fit, before a stream begins', async () => {
    await using engine = await openSimulatedEngine({ models: ['a', 'b'], maxModelTokens: 100, maxWaiting: 1 })
    const status = async (body: object): Promise<number> => (await tell(engine, chat, body)).status
    assert.equal(await status({ ...streamed, model: 'c' }), 404)
    assert.equal(await status({ ...streamed, model: 'b' }), 200)
    assert.equal(await status({ ...streamed, messages: [] }), 400)
    assert.equal(await status({ ...streamed, n: 2 }), 400)
    assert.equal(await status({ ...streamed, priority: 3 }), 400)
    assert.equal(await status({ ...streamed, max_tokens: 100 }), 400)
    assert.equal((await tell(engine, '/nothing', undefined)).status, 404)
    const { models } = { models: JSON.parse((await tell(engine, '/v1/models', undefined)).text) as { data: object[] } }
    assert.equal(models.data.length, 2)
    assert.equal(engine.stats.open, 0)
  })

  test('tells its metrics under the names of vLLM, each of them as simulated', async () => {
    await using engine = await openSimulatedEngine()
    await tell(engine, chat, streamed)
    const { text } = await tell(engine, '/metrics', undefined)
    for (const name of [
      'num_requests_running',
      'num_requests_waiting',
      'kv_cache_usage_perc',
      'num_preemptions_total',
      'prefix_cache_queries_total',
      'prefix_cache_hits_total',
      'prompt_tokens_total',
    ])
      // prettier-ignore
      assert.match(text, new RegExp(`^vllm:${name}\\{model_name="simulated",engine="0"\\} `, 'm'))
    assert.match(text, /^vllm:generation_tokens_total\{.*\} 8$/m)
    assert.match(text, /^vllm:request_success_total\{finished_reason="length",.*\} 1$/m)
    assert.match(text, /^vllm:time_to_first_token_seconds_bucket\{le="0.001",/m)
    assert.match(text, /^vllm:inter_token_latency_seconds_count\{.*\} 7$/m)
    const help = text.match(/^# HELP .*$/gm) ?? []
    assert.ok(help.length > 15 && help.every((line) => line.includes(' Simulated. ')))
  })

  test('counts tokens as it takes them', async () => {
    await using engine = await openSimulatedEngine()
    const body = { messages, max_tokens: 1 }
    const { count } = JSON.parse((await tell(engine, '/tokenize', { messages })).text) as { count: number }
    const { usage } = JSON.parse((await tell(engine, chat, body)).text) as { usage: { prompt_tokens: number } }
    assert.equal(usage.prompt_tokens, count)
    const { tokens } = JSON.parse((await tell(engine, '/tokenize', { prompt: '世界 world' })).text) as { tokens: [] }
    const { prompt } = JSON.parse((await tell(engine, '/detokenize', { tokens })).text) as { prompt: string }
    assert.equal(prompt, '世界 world')
  })
})

test('three hundred streams at once all come whole', async () => {
  await using engine = await openSimulatedEngine({ maxSeqs: 300 })
  engine.hang()
  const streams = Promise.all(
    Array.from({ length: 300 }, async (_, at) =>
      tell(engine, chat, { ...streamed, messages: [{ role: 'user', content: `Number ${at}` }], max_tokens: 20 }),
    ),
  )
  await until(engine, ({ open }) => open === 300)
  engine.resume()
  const all = await streams
  assert.ok(all.every(({ text }) => chunks(text).at(-1)?.usage?.completion_tokens === 20))
  const { completed, maxRunning, kvBlocksInUse } = engine.stats
  assert.deepEqual([completed, kvBlocksInUse], [300, 0])
  assert.ok(maxRunning > 50)
})

test('a fleet is controlled at one more port, one engine or all of them', async () => {
  await using fleet = await openSimulatedFleet({ engines: 3 })
  const control = { url: fleet.controlUrl }
  const [first, second] = fleet.engines
  assert.equal((await tell(control, '/control/1/kill', {})).status, 200)
  assert.deepEqual(
    fleet.engines.map(({ stats }) => stats.up),
    [true, false, true],
  )
  await tell(control, '/control/all/up', {})
  assert.equal(second?.stats.up, true)
  await tell(control, '/control/all/faults', { status: 429, retryAfterMs: 10 })
  assert.equal((await tell(first ?? control, chat, streamed)).status, 429)
  await tell(control, '/control/0/slow', { times: 8 })
  const stats = JSON.parse((await tell(control, '/control', undefined)).text) as { refused: number }[]
  assert.deepEqual(
    stats.map(({ refused }) => refused),
    [1, 0, 0],
  )
  assert.equal((await tell(control, '/control/0/slow', { times: 0 })).status, 400)
  assert.equal((await tell(control, '/control/0/explode', {})).status, 404)
  assert.equal((await tell(control, '/control/7/kill', {})).status, 404)
})
