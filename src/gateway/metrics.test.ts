// What /metrics tells of what just happened.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openDoor, type Door } from '../../test/door.ts'
import { AndonError } from '../core/errors.ts'
import { answerChannel, placeChannel, toolChannel } from '../core/channels.ts'
import { gatewayChannel } from './channel.ts'
import { ofProcess } from './metrics.ts'

async function metricsOf(door: Door): Promise<string> {
  const response = await door.get('/metrics')
  assert.equal(response.status, 200)
  assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
  return response.text()
}

describe('GET /metrics', () => {
  it('counts requests by the pattern of their route, and no path', async () => {
    await using door = await openDoor()
    const ended = Promise.withResolvers<void>()
    let left = 3
    const stop = gatewayChannel.subscribe(({ event }) => event === 'request-ended' && --left === 0 && ended.resolve())
    await (await door.get('/v1/models/andon')).text()
    await (await door.get('/secret-path')).text()
    await (await door.post('/v1/ask', { question: 'lock' })).text()
    await ended.promise
    stop()
    const text = await metricsOf(door)
    assert.match(text, /^andon_http_requests_total\{route="\/v1\/models\/\*",method="GET",status="200"\} 1$/m)
    assert.match(text, /^andon_http_requests_total\{route="none",method="GET",status="404"\} 1$/m)
    assert.match(text, /^andon_http_request_duration_seconds_count\{route="\/v1\/ask",method="POST"\} 1$/m)
    assert.match(text, /^andon_admission_wait_seconds_count\{lane="question"\} 1$/m)
    assert.match(text, /^andon_documents 1$/m)
    assert.match(text, /^andon_ready 1$/m)
    assert.match(text, /^andon_event_loop_delay_seconds\{percentile="99"\} 0$/m)
    assert.match(text, /^process_cpu_seconds_total /m)
    assert.doesNotMatch(text, /secret-path/)
  })

  it('tells what the caches gave and keep, by the name of the cache; one that is off is not there', async () => {
    await using door = await openDoor()
    for (const _scrape of [1, 2]) {
      const text = await metricsOf(door)
      assert.match(text, /^andon_cache_lookups_total\{cache="embeddings",from="memory"\} 6$/m)
      assert.match(text, /^andon_cache_lookups_total\{cache="embeddings",from="miss"\} 3$/m)
      assert.match(text, /^andon_cache_failures_total\{cache="embeddings"\} 1$/m)
      assert.match(text, /^andon_cache_memory_bytes\{cache="embeddings"\} 6144$/m)
      assert.match(text, /^andon_cache_level_up 1$/m)
      assert.doesNotMatch(text, /cache="answers"/)
    }
    door.factory.fail = new AndonError('unavailable', 'gone')
    assert.match(await metricsOf(door), /^andon_cache_level_up 0$/m)
  })

  it('tells who has a place, who waits and who was refused', async () => {
    await using door = await openDoor({ limits: { questionsAtOnce: 1, questionsWaiting: 0 } })
    const hold = Promise.withResolvers<void>()
    door.factory.hold = hold.promise
    const stream = await door.post('/v1/ask', { question: 'lock' })
    assert.equal((await door.post('/v1/ask', { question: 'lock' })).status, 429)
    const text = await metricsOf(door)
    assert.match(text, /^andon_questions_running 1$/m)
    assert.match(text, /^andon_admission_refused_total\{lane="question"\} 1$/m)
    hold.resolve()
    await stream.text()
  })

  it('counts answers with their confidence, degradations, stations and tokens, and workers that were lost', async () => {
    await using door = await openDoor()
    const span = { station: 'search', startMs: 0, waitMs: 0, workMs: 20, outcome: 'ok' } as const
    answerChannel.announce(() => ({
      id: 'answer-1',
      tenant: 'acme',
      state: 'done',
      firstTextMs: 300,
      totalMs: 2000,
      spans: [span],
      end: {
        type: 'answer-end',
        id: 'answer-1',
        text: 'So it is.',
        mode: 'generated',
        confidence: 'answered',
        score: 1,
        citations: [],
        unsupported: 0,
        citationsRemoved: 0,
        degraded: [{ reason: 'reranker-failed', message: 'It failed.' }],
        skipped: [],
        usage: { promptTokens: 100, completionTokens: 20, estimated: false },
        timings: {},
        totalMs: 2000,
      },
    }))
    const worker = { place: 'process', worker: 1, reason: 'memory' } as const
    placeChannel.announce(() => ({ event: 'worker-ended', pool: 'parsers', planned: false, ...worker }))
    placeChannel.announce(() => ({ event: 'worker-ended', pool: 'parsers', planned: true, ...worker }))
    const text = await metricsOf(door)
    assert.match(text, /^andon_answers_total\{mode="generated",confidence="answered"\} 1$/m)
    assert.match(text, /^andon_answers_ended_total\{state="done"\} 1$/m)
    assert.match(text, /^andon_degraded_total\{reason="reranker-failed"\} 1$/m)
    assert.match(text, /^andon_stage_duration_seconds_sum\{stage="search"\} 0\.02$/m)
    assert.match(text, /^andon_time_to_first_text_seconds_bucket\{le="0\.5"\} 1$/m)
    assert.match(text, /^andon_model_tokens_total\{kind="prompt"\} 100$/m)
    assert.match(text, /^andon_workers_restarted_total\{pool="parsers"\} 1$/m)
    assert.doesNotMatch(text, /acme/)
  })

  it('counts runs of tools, how long they took, and the workers that they cost', async () => {
    await using door = await openDoor()
    const run = { callId: 'call-1', tenant: 'acme', tool: 'add', place: 'process', attempt: 1, queueMs: 1 } as const
    toolChannel.announce(() => ({ ...run, event: 'began' }))
    toolChannel.announce(() => ({ ...run, event: 'ended', kind: 'ok', runMs: 20, workerKilled: false }))
    toolChannel.announce(() => ({ ...run, event: 'ended', kind: 'timeout', runMs: 300, workerKilled: true }))
    for (let index = 0; index < 300; index++)
      toolChannel.announce(() => ({
        ...run,
        event: 'ended',
        tool: `tool-${index}`,
        kind: 'ok',
        runMs: 1,
        workerKilled: false,
      }))
    const text = await metricsOf(door)
    assert.match(text, /^andon_tool_runs_total\{tool="add",outcome="ok",place="process"\} 1$/m)
    assert.match(text, /^andon_tool_runs_total\{tool="add",outcome="timeout",place="process"\} 1$/m)
    assert.match(text, /^andon_tool_runs_total\{tool="other",outcome="ok",place="process"\} 101$/m)
    assert.match(text, /^andon_tool_run_seconds_sum\{tool="add",place="process"\} 0\.32$/m)
    assert.match(text, /^andon_tool_killed_total\{tool="add",place="process"\} 1$/m)
    assert.doesNotMatch(text, /acme/)
  })

  it('is closed to who has no key, through a proxy', async () => {
    await using door = await openDoor()
    const response = await fetch(`${door.gateway.url}/metrics`, { headers: { 'x-forwarded-for': '192.0.2.1' } })
    assert.equal(response.status, 401)
  })
})

describe('What is measured of the loop', () => {
  it('is not shown where nothing was measured since the last look', async () => {
    const registry = ofProcess()
    // The second look is in the same turn of the loop as the first.
    const [, text] = await Promise.all([registry.metrics(), registry.metrics()])
    assert.match(text, /^nodejs_eventloop_lag_seconds \S+$/m)
    assert.doesNotMatch(text, /^nodejs_eventloop_lag_(min|max|mean|stddev|p\d\d)_seconds /m)
  })

  it('is shown where something was', async () => {
    const registry = ofProcess()
    await registry.metrics()
    for (;;) {
      const text = await registry.metrics()
      const [, min] = /^nodejs_eventloop_lag_min_seconds (\S+)$/m.exec(text) ?? []
      if (min === undefined) await new Promise((measured) => setTimeout(measured, 100))
      else return assert.ok(Number(min) > 0 && Number(min) < 3600, min)
    }
  })
})
