// A tiny model with random weights is really run, in a child process; what it says means nothing, and how it says it is
// what is tested. Skipped by name where node-llama-cpp is not installed.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { engine, poolOf, skip, tinyModels } from '../../../test/models/llama.ts'
import { openCall } from '../../core/call.ts'
import type { CallOptions } from '../../core/call.ts'
import { AndonError } from '../../core/errors.ts'
import { createPlaces } from '../../places/places.ts'
import type { RunningPlaces } from '../../places/places.ts'
import type { ChatEvent, ChatRequest } from '../model.ts'
import { LlamaChat } from './chat.ts'

const contextTokens = 512

describe('a model that talks', { skip }, () => {
  const stack = new AsyncDisposableStack()
  let places: RunningPlaces
  let chat: LlamaChat

  before(async () => {
    const models = stack.use(await tinyModels())
    const options = { path: models.chat, contextTokens, sequences: 2, queue: 2, ...engine }
    places = stack.use(createPlaces({ llama: poolOf(options) }))
    chat = stack.use(await LlamaChat.open(options, places, 'llama'))
  })
  after(() => stack.disposeAsync())

  async function answer(request: ChatRequest, options: Partial<CallOptions> = {}) {
    using call = openCall({ tenant: 't', budgetMs: 60_000, ...options })
    return told(await Array.fromAsync(chat.chat(request, call)))
  }

  const pid = (): number => places.state()['llama']?.workers[0]?.pid ?? NaN

  test('it tells its name, its context, and that it calls no tools', () => {
    assert.deepEqual([chat.name, chat.contextTokens, chat.callsTools], ['tiny-chat', contextTokens, false])
  })

  test('text streams, every token is counted, and the same seed says the same', async () => {
    const first = await answer(hot('Hello', 1, 40))
    assert.equal(first.finish, 'length')
    assert.deepEqual({ ...first.usage, promptTokens: 0 }, counted({ completionTokens: 40 }))
    assert.ok(first.pieces > 5 && first.text.length > 5)
    const again = await answer(hot('Hello', 1, 40))
    assert.equal(again.text, first.text)
    assert.notEqual((await answer(hot('Hello', 2, 40))).text, first.text)
  })

  test('the beginning of a conversation is remembered, by its tenant only', async () => {
    const long = 'A long beginning of a conversation, which is the same each time.'
    const first = await answer(hot(long, 1, 4), { tenant: 'a' })
    const again = await answer(hot(`${long} And more.`, 1, 4), { tenant: 'a' })
    const other = await answer(hot(long, 1, 4), { tenant: 'b' })
    assert.deepEqual([first.usage.cachedTokens, other.usage.cachedTokens], [0, 0])
    assert.ok((again.usage.cachedTokens ?? 0) > long.length, `${again.usage.cachedTokens} tokens`)
    assert.ok((again.usage.cachedTokens ?? 0) < again.usage.promptTokens)
    assert.equal(other.text, first.text)
  })

  test('what a user writes is text, also where it looks like a mark of the template', async () => {
    const none = await answer(hot('', 1, 1))
    const mark = '<|im_end|>'
    const some = await answer(hot(mark, 1, 1))
    assert.ok(some.usage.promptTokens >= none.usage.promptTokens + mark.length)
  })

  test('two answers are written at once, and each says what it says alone', async () => {
    const alone = [await answer(hot('One', 3, 120)), await answer(hot('Two', 4, 120))]
    const order: string[] = []
    const both = await Promise.all(
      ['One', 'Two'].map(async (word, index) => {
        using call = openCall({ tenant: 't', budgetMs: 60_000 })
        const events: ChatEvent[] = []
        for await (const event of chat.chat(hot(word, 3 + index, 120), call)) {
          events.push(event)
          order.push(word)
        }
        return told(events)
      }),
    )
    assert.deepEqual(
      both.map(({ text }) => text),
      alone.map(({ text }) => text),
    )
    const [first = ''] = order
    assert.ok(order.lastIndexOf(first) > order.findIndex((word) => word !== first), 'neither waited for the other')
  })

  test('one is cancelled while the other goes on, and its sequence is free again', async () => {
    const whole = await answer(hot('Going on', 5, 200))
    const stop = new AbortController()
    const going = answer(hot('Going on', 5, 200))
    using call = openCall({ tenant: 't', signal: stop.signal })
    await assert.rejects(
      async () => {
        for await (const event of chat.chat(hot('Leaving', 6, 400), call)) if (event.type === 'text-delta') stop.abort()
      },
      { code: 'cancelled' },
    )
    const [left, next] = await Promise.all([going, answer(hot('Next', 7, 10))])
    assert.equal(left.text, whole.text)
    assert.equal(next.finish, 'length')
  })

  test('a reader that leaves stops the writing', async () => {
    using call = openCall({ tenant: 't' })
    for await (const event of chat.chat(hot('Leaving early', 8, 400), call)) if (event.type === 'text-delta') break
    const [one, two] = await Promise.all([answer(hot('a', 1, 5)), answer(hot('b', 1, 5))])
    assert.deepEqual([one.finish, two.finish], ['length', 'length'])
  })

  test('a prompt that does not fit is refused with its size; one that just fits is answered to the last token', async () => {
    await assert.rejects(answer(hot('x'.repeat(contextTokens), 1, 1)), {
      code: 'too-large',
      message: /\d{3} tokens, and the model takes 512 together/,
    })
    const { maxTokens: _, ...endless } = hot('y'.repeat(400), 1, 1)
    const full = await answer(endless)
    assert.equal(full.finish, 'length')
    assert.equal(full.usage.promptTokens + full.usage.completionTokens, contextTokens)
  })

  test('it stops before a text that it was told to stop at', async () => {
    const { text } = await answer(hot('Stop', 9, 60))
    const mark = /(?<=^.{3,})[!-~]/su.exec(text)?.[0] ?? ''
    const cut = await answer({ ...hot('Stop', 9, 60), stop: [mark] })
    assert.equal(cut.finish, 'stop')
    assert.equal(cut.text, text.slice(0, text.indexOf(mark)))
  })

  test('asked for JSON it writes JSON, and with a schema what the schema says', async () => {
    const json = await answer({ ...hot('JSON', 10, 60), json: true })
    assert.ok(json.text.startsWith('{'))
    const schema = {
      type: 'object',
      properties: {
        colour: { enum: ['red', 'green'] },
        good: { type: 'boolean' },
        marks: { type: 'array', items: { $ref: '#/$defs/mark' }, minItems: 1, maxItems: 2 },
      },
      required: ['colour', 'good', 'marks'],
      $defs: { mark: { enum: ['a', 'b'] } },
    }
    const shaped = await answer({ ...hot('Shape', 11, 400), schema: { name: 'shape', schema } })
    assert.equal(shaped.finish, 'stop')
    assert.equal(shaped.pieces, 1)
    const value: unknown = JSON.parse(shaped.text)
    assert.ok(typeof value === 'object' && value !== null && 'colour' in value && 'good' in value && 'marks' in value)
    assert.match(String(value.colour), /^(?:red|green)$/)
    assert.equal(typeof value.good, 'boolean')
    assert.ok(Array.isArray(value.marks) && value.marks.length <= 2)
  })

  test('what no grammar can hold it to is checked, tried twice, and said', async () => {
    const schema = { enum: ['a', 'b'], not: { enum: ['a', 'b'] } }
    await assert.rejects(answer({ ...hot('Neither', 12, 100), schema: { name: 'never', schema } }), {
      code: 'unavailable',
      message: /twice.*must NOT be valid/,
    })
    await assert.rejects(answer({ ...hot('Bad', 12, 9), schema: { name: 'bad', schema: { type: 'circle' } } }), {
      code: 'invalid',
      message: /JSON Schema/,
    })
  })

  test('more than can wait are refused, with when to come again', async () => {
    const asked = Array.from({ length: 5 }, (_, index) => answer(hot('Many', index, 100)))
    const ends = await Promise.allSettled(asked)
    assert.equal(ends.filter(({ status }) => status === 'fulfilled').length, 4)
    const refused = ends.find((end) => end.status === 'rejected')?.reason as AndonError
    assert.equal(refused.code, 'overloaded')
    assert.ok((refused.retryAfterMs ?? 0) > 0)
  })

  test('a process that stands still is a deadline; one that is killed is unavailable, and the next call is answered', async () => {
    process.kill(pid(), 'SIGSTOP')
    await assert.rejects(answer({ ...hot('Still', 1, 5), firstTokenMs: 50 }), {
      code: 'deadline',
      message: /tiny-chat said nothing for 50 ms/,
    })
    process.kill(pid(), 'SIGCONT')
    using call = openCall({ tenant: 't' })
    await assert.rejects(
      async () => {
        for await (const event of chat.chat(hot('Killed', 1, 400), call))
          if (event.type === 'text-delta') process.kill(pid(), 'SIGKILL')
      },
      { code: 'unavailable', message: /llama.*SIGKILL/ },
    )
    assert.equal((await answer(hot('Alive', 1, 5))).finish, 'length')
  })
})

/** Random weights at rest repeat themselves: hot, they say something else with each seed. */
function hot(content: string, seed: number, maxTokens: number): ChatRequest {
  return { messages: [{ role: 'user', content }], seed, maxTokens, temperature: 0.9 }
}

function counted(usage: object): object {
  return { promptTokens: 0, cachedTokens: 0, estimated: false, ...usage }
}

/** What was told, checked for its order: pieces, usage, end. */
function told(events: ChatEvent[]) {
  const [usage, finish] = events.slice(-2)
  const pieces = events.slice(0, -2)
  assert.ok(usage?.type === 'usage' && finish?.type === 'finish')
  assert.ok(pieces.every((event) => event.type === 'text-delta'))
  return {
    text: pieces.map((event) => ('text' in event ? event.text : '')).join(''),
    pieces: pieces.length,
    usage: usage.usage,
    finish: finish.reason,
  }
}
