import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkSentence } from './check.ts'
import type { Checked } from './check.ts'
import { check, passage } from './passage.fixture.ts'

/** `12.3% agrees` */
const outcomes = (sentence: string, { figures = [] }: Checked): string[] =>
  figures.map(({ start, end, outcome }) => `${sentence.slice(start, end)} ${outcome}`)

const revenue = passage(
  'a',
  'Revenue was $112.3 million in 2019 and $100.0 million in 2018. Costs were $80.1 million in 2019.',
)
const table = passage(
  't',
  '| Net sales | 32,765 | 31,657 | 30,109 |\n| Gross profit | 16,083 | 15,656 | 15,069 |\n| Employees | 93,516 | 91,536 | 91,584 |',
  { kind: 'table', prefix: '| (in millions) | 2018 | 2017 | 2016 |' },
)
const chinese = passage('z', '2018年营业收入为1.5亿元，2019年为1.8亿元。员工1577人，其中女性500人。')
const family = passage('p', 'Ada Marsh was born in 1906 and died in 1992. She had 12 brothers and 15 sisters.')

test('a figure that follows from the cited passages is borne out, though it does not stand there', () => {
  for (const [sentence, said, source] of [
    ['Revenue rose from $100.0 million in 2018 to $112.3 million in 2019, an increase of 12.3%.', '12.3%', revenue],
    ['Revenue grew by 12.3% in 2019.', '12.3%', revenue],
    ['Revenue increased by $12.3 million in 2019.', '$12.3 million', revenue],
    ['Revenue exceeded costs by $32.2 million in 2019.', '$32.2 million', revenue],
    ['Costs were 71.3% of revenue in 2019.', '71.3%', revenue],
    ['Revenue and costs of 2019 total $192.4 million.', '$192.4 million', revenue],
    ['Revenue of 2019 was 1.12 times that of 2018.', '1.12', revenue],
    ['Net sales grew 3.5% in 2018.', '3.5%', table],
    ['Gross margin was 49.1% of net sales in 2018.', '49.1%', table],
    ['Net sales rose by $1.108 billion in 2018.', '$1.108 billion', table],
    ['营业收入从1.5亿元增长到1.8亿元，增长了20%。', '20%', chinese],
    ['女性占员工的31.7%。', '31.7%', chinese],
    ['Ada Marsh lived 86 years.', '86', family],
    ['Ada Marsh had 27 siblings in total.', '27', family],
  ] as const) {
    const checked = check(sentence, source)
    assert.deepEqual(outcomes(sentence, checked), [`${said} agrees`], sentence)
    assert.equal(checked.supported, true, `${sentence} ${checked.problems.join(' ')}`)
    assert.equal(checked.citations[0]?.holds, true, sentence)
  }
})

test('a figure that does not follow from what the sentence says is named with the right one', () => {
  for (const [sentence, said, computed, source] of [
    [
      'Revenue rose from $100.0 million in 2018 to $112.3 million in 2019, an increase of 13.5%.',
      '13.5%',
      '12.3%',
      revenue,
    ],
    ['营业收入从1.5亿元增长到1.8亿元，增长了25%。', '25%', '20%', chinese],
    ['Ada Marsh had 12 brothers and 15 sisters, a total of 28.', '28', '27', family],
  ] as const) {
    const checked = check(sentence, source)
    const [figure] = checked.figures ?? []
    assert.equal(checked.supported, false, sentence)
    assert.equal(figure?.outcome, 'differs')
    assert.equal(figure.said, said)
    assert.equal(figure.computed, computed)
    assert.equal(sentence.slice(figure.start, figure.end), said)
    assert.ok(checked.problems.some((problem) => problem.includes(said) && problem.includes(computed)))
    assert.equal(checked.problems.length, 1, checked.problems.join(' '))
  }
})

test('a wrong figure is not explained by chance', () => {
  for (const [sentence, source] of [
    ['Revenue grew by 14.1% in 2019.', revenue],
    ['Net sales grew 4.5% in 2018.', table],
    ['Gross margin was 51.1% of net sales in 2018.', table],
    ['女性占员工的35.7%。', chinese],
    ['Ada Marsh lived 84 years.', family],
  ] as const) {
    const checked = check(sentence, source)
    assert.equal(checked.supported, false, sentence)
    assert.ok(
      (checked.figures ?? []).every(({ outcome, reason }) => outcome === 'unchecked' && reason !== undefined),
      sentence,
    )
  }
})

test('the sum is written for a person, in the figures of the passages', () => {
  const { figures = [] } = check('Net sales grew 3.5% in 2018.', table)
  assert.equal(figures[0]?.sum, '(32,765 − 31,657) ÷ 31,657 ≈ 3.5%')
})

test('a figure that stands in the passages is never called wrong', () => {
  const source = passage('s', 'Sales rose from $1.1 billion to $1.2 billion, an increase of 5.2%.')
  assert.deepEqual(check('Sales rose from $1.1 billion to $1.2 billion, an increase of 5.2%.', source).problems, [])
})

test('a wrong figure that stands elsewhere only, is wrong all the same', () => {
  const sentence = 'A growth from 120000 to 134400 is an increase of 15%.'
  const sales = passage('s', 'Sales were 120000 in March. They were 134400 in April.')
  const other = passage('o', 'The fee is 15% of 80.')
  for (const checked of [
    check(sentence, sales, other),
    checkSentence({ sentence, cited: [], passages: [sales, other] }),
    check(
      sentence,
      passage('l', `${sales.text} Nobody knew why. It rained. The roof leaked. The fee is 15% of the price.`),
    ),
  ]) {
    assert.deepEqual(outcomes(sentence, checked), ['15% differs'])
    assert.equal(checked.supported, false)
    assert.match(checked.problems[0] ?? '', /It says 15%, but .* 12%/)
  }
  const sum = 'Sales of both months: 120000 + 134400 = 15000.'
  const parts = passage('n', 'There are 15000 parts in stock.')
  assert.deepEqual(outcomes(sum, check(sum, sales, parts)), ['15000 differs'])
  // A document that says so itself is not contradicted, also where it takes a sentence more.
  const own = passage('w', `${sales.text} That is an increase of 15%.`)
  assert.deepEqual(check(sentence, own, other).problems, [])
})

test('what the sentence rounds is worked out from what the passages have', () => {
  const source = passage('s', 'Capital expenditures were 1,577 in 2018 and 1,373 in 2017.', { prefix: '(in millions)' })
  const sentence = 'Capital expenditures rose from $1.37 billion to $1.58 billion, an increase of 14.9%.'
  assert.deepEqual(outcomes(sentence, check(sentence, source)), ['14.9% agrees'])
})

test('days between two dates are counted', () => {
  const source = passage('d', 'The project began on 3 March 2024 and ended on 5 May 2024.')
  const right = 'The project ran from March 3, 2024 to 2024-05-05, 63 days.'
  assert.deepEqual(outcomes(right, check(right, source)), ['63 agrees'])
  assert.equal(check(right, source).supported, true)
  const wrong = 'The project ran from 3 March 2024 to 5 May 2024, 73 days.'
  assert.deepEqual(outcomes(wrong, check(wrong, source)), ['73 differs'])
})

test('dates and periods hold in any notation', () => {
  const source = passage(
    'd',
    'The contract began on 2024年3月3日. Sales of the third quarter of 2023 were good; fiscal year 2022 was not.',
  )
  for (const sentence of [
    'The contract began on 2024-03-03.',
    'The contract began on March 3, 2024.',
    'Sales were good in Q3 2023.',
    'Fiscal sales of FY2022 were not good.',
  ])
    assert.deepEqual(check(sentence, source).problems, [], sentence)
  assert.equal(check('Sales were good in Q2 2023.', source).supported, false)
})

test('arithmetic alone needs no passage, and is checked', () => {
  const alone = (sentence: string): Checked => checkSentence({ sentence, cited: [], passages: [] })
  assert.equal(alone('12 × 7 = 84.').supported, true)
  assert.equal(alone('12 times 7 is 84.').supported, true)
  assert.equal(alone('(112.3 - 100) / 100 = 12.3%.').supported, true)
  const wrong = alone('12 × 7 = 85.')
  assert.equal(wrong.supported, false)
  assert.equal(wrong.figures?.[0]?.computed, '84')
})

test('what a tool gave bears a figure out, rounded or as a percentage', () => {
  const given = (sentence: string, extra: string): Checked =>
    checkSentence({ sentence, cited: [], passages: [revenue], extra: [extra] })
  assert.equal(given('The growth was 12.35%.', '{"value":"12.345678","unit":"%"}').supported, true)
  assert.equal(given('The growth was 12.3%.', '{"value":"0.123","exact":true}').supported, true)
  assert.equal(given('The growth was 12.9%.', '{"value":"0.123","exact":true}').supported, false)
})

test('hundreds of figures in a sentence cost little', () => {
  const sentence = `from ${'1 '.repeat(300)} to ${'2, '.repeat(300)} and 3 is 4, an increase of ${'5 '.repeat(50)}`
  assert.equal(check(sentence, table).supported, false)
})

test('long sums and lists are read, or not, without trying every way to read them', () => {
  const long = Array.from({ length: 16 }, (_, at) => `${at + 2}`)
  const plain = `${long.join(' + ')} gives 9.`
  assert.deepEqual(check(plain, revenue).figures ?? [], [])
  const sum = `${long.join(' + ')} = 152.`
  assert.deepEqual(outcomes(sum, check(sum, revenue)), ['152 agrees'])
  const commas = `The total of ${long.join(','.repeat(22))}${','.repeat(22)} and so on.`
  assert.ok(check(commas, revenue))
  const brackets = `${'( '.repeat(60)}1 ) + ${'( 1 ) ) + '.repeat(8)} gives 3.`
  assert.ok(check(brackets, revenue))
})
