// Spans as they are gathered: of calls that are followed, from pools, inline stations and models.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openCall } from '../core/call.ts'
import { AndonError } from '../core/errors.ts'
import { recipeBeside } from '../core/recipe.ts'
import { one } from '../core/station.ts'
import { chatAsSpan } from '../models/chat-span.ts'
import type { ChatModel } from '../models/model.ts'
import { createPlaces } from '../places/places.ts'
import type { RankTextsInput } from '../stations/rerank/texts.ts'
import { asSpan, noteSpan } from './span.ts'
import { Timelines } from './timeline.ts'

test('gathers the spans of followed calls, with the last word about them, until it is closed', async () => {
  using timelines = new Timelines()
  using call = openCall({ tenant: 't' })
  using other = openCall({ tenant: 't' })
  const timeline = timelines.follow(call.id)
  await asSpan(call, { station: 'search', place: 'here' }, async () => {})
  await asSpan(other, { station: 'search' }, async () => {})
  noteSpan(call, 'search', '3 passages')
  await assert.rejects(
    asSpan(call, { station: 'embed', attempt: 2 }, async () => {
      throw new AndonError('unavailable', 'Nobody answers.')
    }),
  )
  timeline.close()
  await asSpan(call, { station: 'late' }, async () => {})
  assert.deepEqual(
    timeline.spans.map(({ station, place, attempt, outcome, note }) => ({ station, place, attempt, outcome, note })),
    [
      { station: 'search', place: 'here', attempt: undefined, outcome: 'ok', note: '3 passages' },
      { station: 'embed', place: undefined, attempt: 2, outcome: 'failed', note: 'Nobody answers.' },
    ],
  )
})

test('a pool names the worker, and tells waiting from working; inline there is no waiting', async () => {
  using timelines = new Timelines()
  await using places = createPlaces({ readers: { place: 'thread', size: 1 } })
  const recipe = recipeBeside<RankTextsInput, number[]>(import.meta, '../stations/rerank/texts', 'open')
  const [pooled, inline] = [await places.open(recipe, 'readers'), await places.open(recipe, 'inline')]
  using call = openCall({ tenant: 't' })
  const timeline = timelines.follow(call.id)
  for (const station of [pooled, inline]) await one(station, { query: 'lock', texts: ['lock'] }, call)
  const [far, near] = timeline.spans
  assert.match(far?.place ?? '', /^readers \d+$/)
  assert.ok((far?.workMs ?? 0) > 0 && (far?.waitMs ?? 0) > 0)
  assert.equal(near?.waitMs, 0)
  assert.deepEqual([far?.outcome, near?.outcome], ['ok', 'ok'])
})

test('a model that could not answer is named beside the one that did, however the answer ends', async () => {
  using timelines = new Timelines()
  const model = (fails: boolean): ChatModel => ({
    name: 'big',
    async *chat() {
      yield { type: 'fallback', model: 'small' }
      yield { type: 'text-delta', text: 'One' }
      if (fails) throw new AndonError('unavailable', 'It hung up.')
      yield { type: 'finish', reason: 'stop' }
    },
  })
  using call = openCall({ tenant: 't' })
  const timeline = timelines.follow(call.id)
  await Array.fromAsync(chatAsSpan(model(false), { messages: [] }, call, { station: 'generate' }))
  noteSpan(call, 'generate', 'Step 1: 2 calls')
  await assert.rejects(Array.fromAsync(chatAsSpan(model(true), { messages: [] }, call, { station: 'generate' })))
  assert.deepEqual(
    timeline.spans.map(({ place, degraded, outcome, note }) => ({ place, degraded, outcome, note })),
    [
      { place: 'small', degraded: 'big', outcome: 'ok', note: 'Step 1: 2 calls' },
      { place: 'small', degraded: 'big', outcome: 'failed', note: 'It hung up.' },
    ],
  )
})

test('a model tells when its first text came, and why it failed or that it was left', async () => {
  using timelines = new Timelines()
  const model = (fails: boolean): ChatModel => ({
    name: 'scripted',
    async *chat() {
      yield { type: 'text-delta', text: 'One' }
      if (fails) throw new AndonError('unavailable', 'It hung up.')
      yield { type: 'finish', reason: 'stop' }
    },
  })
  using call = openCall({ tenant: 't' })
  const timeline = timelines.follow(call.id)
  await Array.fromAsync(chatAsSpan(model(false), { messages: [] }, call, { station: 'generate', attempt: 1 }))
  await assert.rejects(Array.fromAsync(chatAsSpan(model(true), { messages: [] }, call, { station: 'generate' })))
  const stopped = new AbortController()
  using left = openCall({ tenant: 't', id: call.id, signal: stopped.signal })
  for await (const _ of chatAsSpan(model(false), { messages: [] }, left, { station: 'generate' })) {
    stopped.abort()
    break
  }
  const [well, failed, cancelled] = timeline.spans
  assert.deepEqual([well?.outcome, well?.place, well?.attempt], ['ok', 'scripted', 1])
  assert.ok(well?.firstTextMs !== undefined)
  assert.deepEqual([failed?.outcome, failed?.note], ['failed', 'It hung up.'])
  assert.equal(cancelled?.outcome, 'cancelled')
})
