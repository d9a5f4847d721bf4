import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { AnswerRecord, Span } from '../../src/core/answer-record.ts'
import type { AnswerEvent } from '../../src/core/question.ts'
import { ticksOf, traceOf } from '../../web/src/pages/answer/trace.ts'

const span = (station: string, startMs: number, waitMs: number, workMs: number, more: Partial<Span> = {}): Span => ({
  station,
  startMs,
  waitMs,
  workMs,
  outcome: 'ok',
  ...more,
})

const record = (spans: Span[], more: Partial<AnswerRecord> = {}): AnswerRecord => ({
  id: 'a',
  question: 'Why?',
  state: 'done',
  startedAt: 0,
  totalMs: 1000,
  events: [],
  spans,
  ...more,
})

const checkedSentence = (supported: boolean): AnswerEvent => ({
  type: 'sentence-checked',
  start: 0,
  end: 1,
  supported,
  problems: [],
})

describe('Where the time of an answer went', () => {
  it('is waiting, lost and working, which together are the whole', () => {
    const { waitingMs, lostMs, workingMs } = traceOf(
      record([
        span('search', 0, 10, 40),
        span('generate', 50, 50, 300, { attempt: 1, outcome: 'failed' }),
        span('generate', 400, 20, 500, { attempt: 2 }),
        span('check', 600, 100, 50),
      ]),
    )
    assert.equal(lostMs, 300)
    assert.equal(waitingMs, 10 + 50 + 20)
    assert.equal(workingMs, 1000 - 300 - 80)
  })

  it('counts a moment once when several work at it, and a lost try only while nobody works', () => {
    const { waitingMs, lostMs, workingMs } = traceOf(
      record([
        span('generate', 0, 0, 600, { attempt: 1, outcome: 'failed' }),
        span('check', 100, 100, 200),
        span('check', 150, 50, 200),
        span('generate', 600, 0, 400, { attempt: 2 }),
      ]),
    )
    assert.deepEqual({ waitingMs, lostMs, workingMs }, { waitingMs: 0, lostMs: 400, workingMs: 600 })
  })

  it('has a row for each station and each attempt, in the order in which they began', () => {
    const { rows, attempts } = traceOf(
      record(
        [
          span('check', 500, 0, 10, { place: 'readers 1' }),
          span('search', 0, 0, 10, { place: 'readers 2', note: '3 passages from 1 document' }),
          span('generate', 20, 0, 100, { attempt: 1, outcome: 'failed', note: 'It hung up.', firstTextMs: 50 }),
          span('generate', 120, 0, 500, { attempt: 2, firstTextMs: 30 }),
          span('check', 505, 0, 10, { place: 'readers 2' }),
        ],
        { firstTextMs: 150 },
      ),
    )
    assert.deepEqual(
      rows.map(({ station, attempt, bars }) => [station, attempt, bars.length]),
      [
        ['search', undefined, 1],
        ['generate', 1, 1],
        ['generate', 2, 1],
        ['check', undefined, 2],
      ],
    )
    assert.equal(rows[0]?.place, 'readers 2')
    assert.equal(rows[3]?.place, undefined)
    assert.deepEqual(
      rows.map(({ first }) => first),
      [false, false, true, false],
    )
    assert.equal(attempts.length, 2)
  })

  it('marks the check of the sentence that nothing supports, when there is one check for each', () => {
    const spans = [span('check', 10, 0, 1), span('check', 20, 0, 1)]
    const marked = (events: AnswerRecord['events']) =>
      traceOf(record(spans, { events })).rows[0]?.bars.map(({ doubted }) => doubted)
    assert.deepEqual(marked([checkedSentence(true), checkedSentence(false)]), [false, true])
    assert.deepEqual(marked([checkedSentence(false)]), [false, false])
  })

  it('tells of the tools that were called, whose runs are no attempts of the model', () => {
    const call: AnswerEvent = { type: 'tool-call', id: 'c1', name: 'calculator', arguments: '{}' }
    const result: AnswerEvent = {
      type: 'tool-result',
      id: 'c1',
      name: 'calculator',
      ok: false,
      error: { kind: 'timeout', message: 'It took too long' },
      ms: 300,
    }
    const open: AnswerEvent = { type: 'tool-call', id: 'c2', name: 'scrap', arguments: {} }
    const { rows, attempts, calls, lostMs } = traceOf(
      record(
        [
          span('generate', 0, 0, 100, { attempt: 1 }),
          span('tool calculator', 100, 0, 300, { attempt: 1, outcome: 'failed' }),
          span('generate', 400, 0, 500, { attempt: 1 }),
        ],
        { events: [call, open, result] },
      ),
    )
    assert.deepEqual(
      rows.map(({ station, bars }) => [station, bars.length]),
      [
        ['generate', 2],
        ['tool calculator', 1],
      ],
    )
    assert.equal(attempts.length, 2)
    assert.equal(lostMs, 0)
    assert.deepEqual(calls, [
      { id: 'c1', name: 'calculator', asked: false, result },
      { id: 'c2', name: 'scrap', asked: false },
    ])
  })

  it('of an answer under way goes on with the clock', () => {
    const { totalMs: _, ...begun } = record([span('search', 0, 0, 10)], { state: 'running', startedAt: 1000 })
    const { totalMs } = traceOf(begun, 1500)
    assert.equal(totalMs, 500)
  })
})

describe('The times along the picture', () => {
  for (const totalMs of [3, 40, 170, 999, 3180, 12_000, 90_000, 600_000])
    it(`of ${totalMs} ms are round and few`, () => {
      const ticks = ticksOf(totalMs)
      assert.equal(ticks[0], 0)
      assert.ok(ticks.length >= 2 && ticks.length <= 9, ticks.join(' '))
      assert.ok((ticks.at(-1) ?? 0) <= totalMs)
    })
})
