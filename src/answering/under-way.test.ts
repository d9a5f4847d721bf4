// Answers under way are written down and found, also while the store is in trouble.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { AnswerRecord } from '../core/answer-record.ts'
import { openCall } from '../core/call.ts'
import { AndonError } from '../core/errors.ts'
import type { AnswerStore } from '../stores/store.ts'
import { AnswersUnderWay } from './under-way.ts'

class SomeStore implements AnswerStore {
  readonly ends = new Map<string, AnswerRecord>()
  /** Is awaited before a beginning, and before an end of this id, is written. */
  beginning: Promise<void> | undefined
  readonly ending = new Map<string, Promise<void>>()
  async begin(): Promise<void> {
    await this.beginning
  }
  async end(_tenant: string, record: AnswerRecord): Promise<void> {
    await this.ending.get(record.id)
    this.ends.set(record.id, record)
  }
  async get(_tenant: string, id: string): Promise<AnswerRecord | undefined> {
    return this.ends.get(id)
  }
  async interruptAll(): Promise<number> {
    return 0
  }
  async purge(): Promise<number> {
    return 0
  }
  async forgetSession(): Promise<number> {
    return 0
  }
}

describe('An answer under way', () => {
  it('is written down at its end, although its beginning could not be', async () => {
    const store = new SomeStore()
    store.beginning = Promise.reject(new AndonError('unavailable', 'The disk is full.'))
    const underWay = new AnswersUnderWay(store)
    using call = openCall({ id: 'a', tenant: 't' })
    underWay.begin({ text: 'q' }, call).done()
    await underWay[Symbol.asyncDispose]()
    assert.equal(store.ends.get('a')?.state, 'done')
  })

  it('is found until its end is written down, however little is kept', async () => {
    const store = new SomeStore()
    const written = Promise.withResolvers<void>()
    store.ending.set('a', written.promise)
    const underWay = new AnswersUnderWay(store, { answers: 0 })
    for (const id of ['a', 'b']) {
      using call = openCall({ id, tenant: 't' })
      underWay.begin({ text: 'q' }, call).done()
    }
    while (underWay.find('t', 'b')) await new Promise(setImmediate)
    assert.ok(underWay.find('t', 'a'))
    written.resolve()
    await underWay[Symbol.asyncDispose]()
    assert.equal(underWay.find('t', 'a'), undefined)
    assert.equal(store.ends.get('a')?.state, 'done')
  })
})
