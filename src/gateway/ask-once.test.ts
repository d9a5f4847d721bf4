// A question with an Idempotency-Key is answered once, with a real factory: asked again, its answer comes again.

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { eventsOf, jsonIn, jsonOf } from '../../test/door.ts'
import type { Factory } from '../core/factory.ts'
import type { AnswerEvent } from '../core/question.ts'
import { createFactory } from '../factory.ts'
import { gatewayChannel } from './channel.ts'
import { openGateway } from './server.ts'

it('A question under one key is one answer, as events and whole', async () => {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'andon-once-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const factory = stack.use(await createFactory({ dataDir: folder, handbook: false, quotas: { questionsPerDay: 10 } }))
  const gateway = stack.use(await openGateway(factory, { port: 0, lingerMs: 0 }))
  const { jobId } = await factory.add({ name: 'lock.md', text: 'A lock lets one in at a time.' })
  for await (const _ of factory.watch(jobId === undefined ? [] : [jobId]));

  const ask = (question: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${gateway.url}/v1/ask`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'q1', ...headers },
      body: JSON.stringify({ question }),
    })
  const first = await ask('What does a lock do?')
  const again = await ask('What does a lock do?')
  assert.equal(again.headers.get('andon-answer'), first.headers.get('andon-answer'))
  assert.equal(again.headers.get('idempotency-replayed'), 'true')
  const [made, replayed] = [eventsOf(await first.text()), eventsOf(await again.text())]
  assert.equal(replayed[0]?.id, made[0]?.id)
  assert.deepEqual(jsonIn(replayed.at(-1)?.data ?? ''), jsonIn(made.at(-1)?.data ?? ''))

  const whole = await ask('What does a lock do?', { accept: 'application/json' })
  assert.deepEqual(await jsonOf(whole), jsonIn(made.at(-1)?.data ?? ''))
  const other = await ask('What does a key do?')
  assert.equal(other.status, 422)
  await other.text()
  assert.equal((await factory.usage()).questions.used, 1)
})

it('A question under one key is one answer, also when who asked left before it began', async () => {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'andon-once-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const factory = stack.use(await createFactory({ dataDir: folder, handbook: false }))
  const leaving = new AbortController()
  const left = Promise.withResolvers<void>()
  stack.defer(gatewayChannel.subscribe((event) => event.event === 'request-ended' && event.left && left.resolve()))
  async function* ask(...asked: Parameters<Factory['ask']>): AsyncGenerator<AnswerEvent> {
    leaving.abort()
    await left.promise
    yield* factory.ask(...asked)
  }
  const gateway = stack.use(await openGateway({ ...factory, ask }, { port: 0, lingerMs: 0 }))
  const send = (signal?: AbortSignal): Promise<Response> =>
    fetch(`${gateway.url}/v1/ask`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        'idempotency-key': 'q1',
      },
      body: JSON.stringify({ question: 'What does a lock do?' }),
      ...(signal ? { signal } : {}),
    })
  await assert.rejects(send(leaving.signal))
  let again = await send()
  // The first may just be about to settle.
  for (; again.status === 409; again = await send()) await again.text()
  assert.equal(again.headers.get('idempotency-replayed'), 'true')
  assert.equal((await jsonOf(again))['type'], 'answer-end')
  assert.equal((await factory.usage()).questions.used, 1)
})
