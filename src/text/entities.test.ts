import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { datesIn, sameDate } from './date-facts.ts'
import { factsIn, namesIn } from './entities.ts'
import { numbersIn, sameNumber, statedScale } from './number-facts.ts'

const values = (text: string): number[] => numbersIn(text).map((fact) => fact.value)

test('numbers are read by value, however they are written', () => {
  assert.deepEqual(values('1,577 or 1577'), [1577, 1577])
  assert.deepEqual(values('$1.577 billion'), [1.577e9])
  assert.deepEqual(values('£3.2bn and $40k'), [3.2e9, 40_000])
  assert.deepEqual(values('twenty-one, three hundred and five, two million'), [21, 305, 2e6])
  assert.deepEqual(values('１２３个'), [123])
  assert.deepEqual(values('1.5亿，3万5千，三万五千，二〇〇八，十二，一百零五'), [1.5e8, 35_000, 35_000, 2008, 12, 105])
  assert.deepEqual(values('增长百分之五十'), [50])
  assert.deepEqual(values('the 19th century, the 1990s'), [19, 1990])
})

test('digits of a name are no numbers', () => {
  assert.deepEqual(values('GPT-4 speaks HTTP2 in release 1.2.3'), [])
})

test('five metres are not five million, five dollars m are', () => {
  assert.deepEqual(values('5m wide'), [5])
  assert.deepEqual(values('$5m'), [5e6])
})

test('small spelled numbers are no claims', () => {
  assert.deepEqual(
    numbersIn('one of two, 两者, 11 items').map((fact) => fact.weak),
    [true, true, true, false],
  )
})

const number = (text: string) => {
  const fact = numbersIn(text)[0]
  assert.ok(fact, text)
  return fact
}

test('numbers compare by value, with the scale a table states, and rounded only when the answer says so', () => {
  assert.ok(sameNumber(number('1577'), number('1,577')))
  assert.ok(!sameNumber(number('1578'), number('1,577')))
  assert.ok(sameNumber(number('1.577 billion'), number('1,577'), { scale: 1e6 }))
  assert.ok(!sameNumber(number('1.577 billion'), number('1,577')))
  assert.ok(sameNumber(number('1.6 billion'), number('1,577 million')))
  assert.ok(!sameNumber(number('1600'), number('1577')))
  assert.ok(sameNumber(number('1600'), number('1577'), { rounded: true }))
  assert.ok(!sameNumber(number('2 billion'), number('1,577 million')), 'one digit is too coarse to compare rounded')
})

test('a text says what its figures are in', () => {
  assert.equal(statedScale('(in millions, except per share)'), 1e6)
  assert.equal(statedScale('Dollars in thousands'), 1e3)
  assert.equal(statedScale('单位：万元'), 1e4)
  assert.equal(statedScale('in the year 2000'), undefined)
})

test('any whole number is read back from digits with and without separators', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 999_999_999 }), (value) => {
      assert.equal(number(`${value}`).value, value)
      assert.equal(number(`is ${value.toLocaleString('en-US')} today`).value, value)
    }),
  )
})

test('dates are the same in every notation', () => {
  const texts = [
    'March 5, 2019',
    '5 March 2019',
    '5th of March, 2019',
    '2019-03-05',
    '2019年3月5日',
    '二〇一九年三月五日',
  ]
  for (const text of texts) {
    const [date] = datesIn(text)
    assert.deepEqual({ year: date?.year, month: date?.month, day: date?.day }, { year: 2019, month: 3, day: 5 }, text)
  }
})

const date = (text: string) => {
  const fact = datesIn(text)[0]
  assert.ok(fact, text)
  return fact
}

test('a date agrees when every part it names does; its year may stand elsewhere', () => {
  const none = new Set<number>()
  assert.ok(sameDate(date('March 2019'), date('2019年3月5日'), none))
  assert.ok(!sameDate(date('April 2019'), date('2019年3月5日'), none))
  assert.ok(!sameDate(date('March 6, 2019'), date('March 5, 2019'), none))
  assert.ok(sameDate(date('March 5, 2019'), date('5 March'), new Set([2019])))
  assert.ok(!sameDate(date('March 5, 2019'), date('5 March'), none))
  assert.ok(sameDate(date('April 3, 2019'), date('3/4/2019'), none), 'day first')
  assert.ok(sameDate(date('March 4, 2019'), date('3/4/2019'), none), 'month first')
})

test('names are found, ordinary capitals are not', () => {
  const names = (text: string): string[] => namesIn(text).map((fact) => fact.text)
  assert.deepEqual(names('The engine was built by Charles Babbage in London.'), ['Charles Babbage', 'London'])
  assert.deepEqual(names('Revenue grew. However, NASA declined.'), ['NASA'])
  assert.deepEqual(names('It runs GPT-4 over HTTP2.'), ['GPT-4', 'HTTP2'])
  assert.deepEqual(names('约翰·史密斯写了《双城记》。'), ['约翰·史密', '双城记'])
  assert.deepEqual(names('University of Oxford press'), ['University of Oxford'])
})

test('a number inside a date or a name is not stated twice', () => {
  const facts = factsIn('On 5 March 2019 the Boeing 747 carried 300 people.')
  assert.deepEqual(
    facts.numbers.map((fact) => fact.value).filter((value) => value === 5 || value === 2019),
    [],
  )
  assert.ok(facts.numbers.some((fact) => fact.value === 300))
})

test('offsets always point at the text they name', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      const facts = factsIn(text)
      for (const fact of [...facts.numbers, ...facts.dates, ...facts.names]) {
        assert.equal(text.slice(fact.start, fact.end), fact.text)
      }
    }),
  )
})
