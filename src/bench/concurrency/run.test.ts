import assert from 'node:assert/strict'
import { test } from 'node:test'
import { table } from '../../cli/output.ts'
import { groups } from './measure.ts'
import { groupsOf, tablesOf } from './result.ts'
import { measureConcurrency, type OpenPool } from './run.ts'
import { languageOf, languages, subjects } from './words.ts'

const openPool: OpenPool = () => Promise.resolve(() => Promise.resolve())
const { signal } = new AbortController()

test('everything is measured, has its words, and fits a terminal in both languages', { timeout: 60_000 }, async () => {
  const rounds: number[] = []
  const round = (number: number): void => void rounds.push(number)
  const { rows } = await measureConcurrency({ rounds: 1, openPool, signal, round })
  assert.deepEqual(rounds, [0, 1])
  const expected = groups.flatMap((group) => Object.keys(subjects[group]).map((subject) => `${group}.${subject}`))
  const known = process.platform === 'linux' ? expected : expected.filter((id) => id !== 'memory.process-own')
  assert.deepEqual(new Set(rows.map(({ group, subject }) => `${group}.${subject}`)), new Set(known))
  for (const { id, median, low, high, samples } of rows) {
    assert.ok(median > 0 && median < 1e9 && low === median && high === median, `${id}: ${median}`)
    assert.equal(samples, 1, id)
  }
  const widest = rows.map((row) => ({ ...row, median: 999_000, low: 888_000, high: 1_234_000 }))
  for (const language of languages)
    for (const { head, lines } of tablesOf(widest, language))
      for (const line of table(head, lines)) assert.ok(columnsOf(line) <= 100, line)
})

test('whoever stops it gets the reason, and nothing is left running', async () => {
  const controller = new AbortController()
  const stopped = measureConcurrency({
    only: ['switch'],
    rounds: 1_000,
    openPool,
    signal: controller.signal,
    round: () => controller.abort(new Error('enough')),
  })
  await assert.rejects(stopped, /enough/)
})

test('a group that is none is named, and the language is that of the terminal', () => {
  assert.deepEqual(groupsOf('memory, start'), ['start', 'memory'])
  assert.throws(
    () => groupsOf('start,threads'),
    /\[invalid\] There is no group "threads" to measure: give some of start,/,
  )
  assert.deepEqual([{ LANG: 'zh_CN.UTF-8' }, { LC_ALL: 'C', LANG: 'zh_CN.UTF-8' }, {}].map(languageOf), [
    'zh',
    'en',
    'en',
  ])
})

/** As many as in a terminal, where a Chinese character takes two. */
function columnsOf(line: string): number {
  return line.replaceAll(/[\u3000-\uffef]/g, 'xx').length
}
