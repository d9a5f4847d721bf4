// Answers under way: followed, stopped, recorded, left, and read again after their end and after a restart.

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { NumberedEvent } from '../core/answer-record.ts'
import { AndonError, type Code } from '../core/errors.ts'
import type { Caller, Factory } from '../core/factory.ts'
import type { AnswerEvent } from '../core/question.ts'
import { createFactory } from '../factory.ts'
import { Dictated } from '../../test/servers/dictated-model.ts'
import { addWhole, asked, openLibrary, streamed, travel } from '../../test/journeys/library.ts'

const question = 'Who approves travel over 2,500 euros?'

const failsWith = (code: Code) => (reason: unknown) => reason instanceof AndonError && reason.code === code

/** Asks for a resumable answer and goes away after its first event. */
async function begin(factory: Factory, caller?: Caller): Promise<string> {
  for await (const event of factory.ask({ text: question, resumable: true }, caller))
    if (event.type === 'answer-start') return event.id
  return assert.fail('the answer did not begin')
}

const textIn = (events: readonly NumberedEvent[]): string =>
  streamed(events.flatMap(({ event }) => (event.type === 'answer-failed' ? [] : [event])))

/** Follows until the text holds these words. */
async function followUntil(factory: Factory, id: string, words: string): Promise<NumberedEvent[]> {
  const seen: NumberedEvent[] = []
  for await (const numbered of factory.follow(id)) {
    seen.push(numbered)
    if (textIn(seen).includes(words)) return seen
  }
  return assert.fail(`the answer ended without ${words}`)
}

describe('a resumable answer', () => {
  test('goes on without its reader, and several readers see it whole, each from where it likes', async () => {
    const model = new Dictated()
    await using factory = await openLibrary([travel], {}, { model })
    const id = await begin(factory)
    await model.asked.promise
    model.say('The finance director ', 'approves it. ')
    const seen = await followUntil(factory, id, 'approves it')
    const last = seen.at(-1)?.number ?? 0
    const rest = Array.fromAsync(factory.follow(id, { after: last }))
    const whole = Array.fromAsync(factory.follow(id))
    model.say('And nobody ', 'else. ')
    model.end()
    const all = await whole
    assert.deepEqual(
      all.map(({ number }) => number),
      all.map((_, at) => at + 1),
    )
    assert.deepEqual([...seen, ...(await rest)], all)
    assert.equal(all.at(-1)?.event.type, 'answer-end')
    assert.match(textIn(all), /approves it.*And nobody else/s)
  })

  test('is read again from memory after its end, and has a record with its spans', async () => {
    await using factory = await openLibrary([travel])
    const events: AnswerEvent[] = []
    for await (const event of factory.ask({ text: question, resumable: true })) events.push(event)
    const end = events.at(-1)
    assert.ok(end?.type === 'answer-end')
    const again = await Array.fromAsync(factory.follow(end.id))
    assert.deepEqual(
      again.map(({ event }) => event),
      events,
    )
    const record = await factory.record(end.id)
    assert.equal(record.state, 'done')
    assert.equal(record.question, question)
    assert.ok((record.totalMs ?? -1) >= (record.firstTextMs ?? Infinity))
    const stations = record.spans.map(({ station }) => station)
    assert.ok(
      ['search', 'rerank', 'extract'].every((name) => stations.includes(name)),
      stations.join(),
    )
    const search = record.spans.find(({ station }) => station === 'search')
    assert.match(search?.place ?? '', /^readers \d+$/)
    assert.match(search?.note ?? '', /^\d+ passages? from 1 document$/)
    assert.equal(await factory.stop(end.id), false)
  })

  test('is stopped by its owner: the model hears it, and what was said stays', async () => {
    const model = new Dictated()
    await using factory = await openLibrary([travel], {}, { model })
    const id = await begin(factory)
    await model.asked.promise
    model.say('The finance director approves it. ')
    await followUntil(factory, id, 'approves it')
    await assert.rejects(factory.stop(id, { tenant: 'other' }), failsWith('not-found'))
    assert.equal(await factory.stop(id), true)
    await model.left.promise
    const all = await Array.fromAsync(factory.follow(id))
    const last = all.at(-1)?.event
    assert.ok(last?.type === 'answer-failed')
    assert.equal(last.error.code, 'cancelled')
    assert.match(textIn(all), /approves it/)
    assert.equal((await factory.record(id)).state, 'stopped')
  })

  test('of another tenant, or of nobody, is not found', async () => {
    await using factory = await openLibrary([travel])
    const id = await begin(factory)
    for (const [other, caller] of [
      [id, { tenant: 'other' }],
      [crypto.randomUUID(), {}],
    ] as const) {
      await assert.rejects(Array.fromAsync(factory.follow(other, {}, caller)), failsWith('not-found'))
      await assert.rejects(factory.record(other, caller), failsWith('not-found'))
    }
    await Array.fromAsync(factory.follow(id))
  })

  test('is ended by the closing of the house, and readers hear that they may ask again', async () => {
    const model = new Dictated()
    const factory = await openLibrary([travel], {}, { model })
    const id = await begin(factory)
    await model.asked.promise
    const following = Array.fromAsync(factory.follow(id))
    await factory[Symbol.asyncDispose]()
    const last = (await following).at(-1)?.event
    assert.ok(last?.type === 'answer-failed')
    assert.equal(last.error.code, 'unavailable')
  })
})

describe('an answer with its reader', () => {
  test('is written down: what came, and that its reader left', async () => {
    const model = new Dictated()
    await using factory = await openLibrary([travel], {}, { model })
    model.say('The finance director approves it. ')
    let id = ''
    for await (const event of factory.ask(question)) {
      if (event.type === 'answer-start') id = event.id
      if (event.type === 'text-delta' && event.text.includes('director')) break
    }
    await model.left.promise
    const record = await factory.record(id)
    assert.equal(record.state, 'stopped')
    assert.equal(record.error?.code, 'cancelled')
    assert.match(streamed(record.events), /finance director/)
  })

  test('that was stopped stays in its conversation, with what was said', async () => {
    const model = new Dictated()
    await using factory = await openLibrary([travel], {}, { model })
    model.say('The finance director approves it. ')
    let id = ''
    for await (const event of factory.ask({ text: question, sessionId: 's' })) {
      if (event.type === 'answer-start') id = event.id
      if (event.type === 'text-delta' && event.text.includes('director')) break
    }
    const { turns } = await factory.session('s')
    assert.deepEqual(
      turns.map(({ role, answerId }) => [role, answerId]),
      [
        ['user', id],
        ['assistant', id],
      ],
    )
    assert.match(turns[1]?.text ?? '', /finance director/)
  })

  test('may be stopped by somebody else, and followed', async () => {
    const model = new Dictated()
    await using factory = await openLibrary([travel], {}, { model })
    const started = Promise.withResolvers<string>()
    const asking = (async () => {
      for await (const event of factory.ask(question)) if (event.type === 'answer-start') started.resolve(event.id)
    })()
    const id = await started.promise
    await model.asked.promise
    const following = Array.fromAsync(factory.follow(id))
    assert.equal(await factory.stop(id), true)
    await assert.rejects(asking, failsWith('cancelled'))
    assert.equal((await following).at(-1)?.event.type, 'answer-failed')
    await model.left.promise
  })

  test('tells its timings by station, and has no two ids alike', async () => {
    await using factory = await openLibrary([travel])
    const [one, other] = [await asked(factory, question), await asked(factory, question)]
    assert.notEqual(one.end.id, other.end.id)
    assert.ok(one.end.timings['find'] !== undefined && one.end.totalMs >= one.end.timings['find'])
  })
})

describe('after a restart', () => {
  test('an ended answer is read again with the same numbers, and one under way says that it was interrupted', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'andon-restart-'))
    const model = new Dictated()
    let before: NumberedEvent[]
    let interrupted: string
    {
      await using factory = await createFactory({ handbook: false, dataDir }, { model })
      await addWhole(factory, travel)
      model.say('The finance ', 'director approves ', 'it. ', 'Nobody else.')
      const id = await begin(factory)
      await followUntil(factory, id, 'approves it')
      model.end()
      before = await Array.fromAsync(factory.follow(id))
      interrupted = await begin(factory)
      void id
    }
    await using factory = await createFactory({ handbook: false, dataDir })
    const first = before[0]?.event
    assert.ok(first?.type === 'answer-start')
    assert.deepEqual(await Array.fromAsync(factory.follow(first.id)), before)
    assert.deepEqual(await Array.fromAsync(factory.follow(first.id, { after: 7 })), before.slice(7))
    assert.equal((await factory.record(first.id)).state, 'done')
    assert.equal((await factory.record(interrupted)).state, 'interrupted')
    const last = (await Array.fromAsync(factory.follow(interrupted))).at(-1)?.event
    assert.ok(last?.type === 'answer-failed')
    assert.equal(last.error.message, 'Andon was restarted while this was written. Ask again.')
    await rm(dataDir, { recursive: true, force: true })
  })
})

describe('vectors and scores at the desk', () => {
  test('texts are scored by words: 1 for the best, 0 without a word of the query', async () => {
    await using factory = await openLibrary([])
    const texts = ['Rail is preferred.', 'The finance director approves travel.', 'Lunch is at noon.', '病假需要证明。']
    const { model, scores } = await factory.rerank('Who approves travel?', texts)
    assert.equal(model, 'andon-words')
    assert.deepEqual(scores, [0, 1, 0, 0])
    assert.deepEqual((await factory.rerank('病假需要什么？', texts)).scores[3], 1)
    assert.deepEqual((await factory.rerank('Who?', [])).scores, [])
  })

  test('without an embedder it says what to set', async () => {
    await using factory = await openLibrary([])
    await assert.rejects(
      factory.embed(['a']),
      (reason) => failsWith('unsupported')(reason) && /embedder\.url/.test(String(reason)),
    )
  })
})
