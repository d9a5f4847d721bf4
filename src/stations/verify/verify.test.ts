import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { open } from './check.ts'
import type { Checked, CheckInput } from './check.ts'
import { verify } from './verify.ts'
import type { Verified, VerifyEvent } from './verify.ts'
import { AndonError } from '../../core/errors.ts'
import type { Passage } from '../../core/question.ts'
import type { Call, Station } from '../../core/station.ts'

const call: Call = { id: 'c', tenant: 'default', signal: new AbortController().signal, deadline: Infinity }

function passage(number: number, text: string, more: Partial<Passage> = {}): Passage {
  return {
    id: `doc${number}.1.0`,
    documentId: `doc${number}`,
    documentName: `doc${number}.md`,
    title: '',
    collection: 'default',
    headings: [],
    kind: 'paragraph',
    ordinal: 0,
    start: 100,
    end: 100 + text.length,
    text,
    ...more,
  }
}

const passages = [
  passage(1, 'Acme opened its first factory in Leeds in 1962. It employed 1,577 people. The roof leaked.'),
  passage(2, 'The second factory followed on 5 March 1971. Its director was Ada Marsh.'),
  passage(3, '进程之间不共享内存。线程共享同一进程的内存，共有1577个。'),
]

async function* pieces(texts: readonly string[]): AsyncGenerator<string> {
  yield* texts
}

async function run(
  texts: readonly string[],
  check: Station<CheckInput, Checked> = open(),
): Promise<Verified & { events: VerifyEvent[] }> {
  const stream = verify(pieces(texts), { passages, check, call })
  const events: VerifyEvent[] = []
  for (;;) {
    const next = await stream.next()
    if (next.done) return { ...next.value, events }
    events.push(next.value)
  }
}

const quotes = (verified: Verified): string[] => verified.citations.map(({ quote }) => quote)

test('a citation that holds leads to the sentence that says it', async () => {
  const verified = await run(['Acme opened a factory in Leeds in 1962 [1].'])
  assert.equal(verified.text, 'Acme opened a factory in Leeds in 1962 [1].')
  assert.deepEqual(quotes(verified), ['Acme opened its first factory in Leeds in 1962.'])
  const [citation] = verified.citations
  assert.ok(citation)
  assert.equal(citation.start, 100)
  assert.equal(citation.end - citation.start, citation.quote.length)
  assert.equal(verified.unsupported, 0)
})

test('citations are numbered in the order of their first use', async () => {
  const verified = await run([
    'The director of the second factory was Ada Marsh [2]. The first factory employed 1577 people [1]. Ada Marsh was its director [2].',
  ])
  assert.match(verified.text, /Marsh \[1\]\..*people \[2\]\..*director \[1\]\.$/)
  assert.deepEqual(
    verified.citations.map(({ passageId }) => passageId),
    ['doc2.1.0', 'doc1.1.0'],
  )
})

test('a citation of a passage that does not exist is taken out and counted', async () => {
  const verified = await run(['Acme opened a factory in Leeds in 1962 [1][9].'])
  assert.equal(verified.text, 'Acme opened a factory in Leeds in 1962 [1].')
  assert.equal(verified.citationsRemoved, 1)
})

test('a citation of the wrong passage is taken out, and the right one is put in when the words are there', async () => {
  const verified = await run(['Acme opened its first factory in Leeds in 1962 [2].'])
  assert.equal(verified.text, 'Acme opened its first factory in Leeds in 1962. [1]')
  assert.equal(verified.citationsRemoved, 1)
  assert.deepEqual(
    verified.citations.map(({ passageId }) => passageId),
    ['doc1.1.0'],
  )
})

test('a wrong number, date or name marks the sentence and takes its citation out', async () => {
  for (const [sentence, problem] of [
    ['The first factory employed 1,677 people [1].', 'the number 1,677'],
    ['The second factory followed on 6 March 1971 [2].', 'the date 6 March 1971'],
    ['The director of the second factory was Ada Brown [2].', 'the name Ada Brown'],
  ] as const) {
    const verified = await run([sentence])
    assert.equal(verified.text, sentence.replace(/ \[\d\]/, ''))
    assert.equal(verified.unsupported, 1, sentence)
    assert.equal(verified.citationsRemoved, 1)
    const checked = verified.events.find((event) => event.type === 'sentence-checked')
    assert.ok(
      checked?.problems.some((one) => one.includes(problem)),
      checked?.problems.join(),
    )
  }
})

test('a sentence with nothing of its passages in it is marked', async () => {
  const verified = await run(['Bananas ripen faster when wrapped in paper bags [1].'])
  assert.equal(verified.text, 'Bananas ripen faster when wrapped in paper bags.')
  assert.equal(verified.unsupported, 1)
})

test('numbers hold in any notation', async () => {
  const verified = await run(['The first factory employed 1577 people [1].'])
  assert.equal(verified.unsupported, 0)
  assert.equal(verified.citations.length, 1)
})

test('what is said in another language is checked by its figures', async () => {
  const right = await run(['第一家工厂雇用了1577人【1】。'])
  assert.equal(right.text, '第一家工厂雇用了1577人[1]。')
  const wrong = await run(['第一家工厂雇用了1677人【1】。'])
  assert.equal(wrong.citations.length, 0)
  assert.equal(wrong.unsupported, 1)
})

test('Chinese sentences are told apart', async () => {
  const verified = await run(['进程不共享内存[3]。线程共享进程的内存[3]。'])
  const checked = verified.events.filter((event) => event.type === 'sentence-checked')
  assert.equal(checked.length, 2)
  assert.deepEqual(quotes(verified), ['进程之间不共享内存。', '线程共享同一进程的内存，共有1577个。'])
})

test('every notation of a marker is read', async () => {
  for (const marker of ['[1]', '[^1]', '【1】', '[1, 9]', '[Source 1]', '［1］', '【1†source】', '[ 1 ]']) {
    const verified = await run([`Acme opened a factory in Leeds in 1962 ${marker}.`])
    assert.equal(verified.text, 'Acme opened a factory in Leeds in 1962 [1].', marker)
  }
})

test('a marker behind the full stop belongs to the sentence before it', async () => {
  const verified = await run(['Acme opened a factory in Leeds in 1962. [1] Its director was Ada Marsh. [2]'])
  assert.equal(verified.text, 'Acme opened a factory in Leeds in 1962. [1] Its director was Ada Marsh. [2]')
  assert.equal(verified.unsupported, 0)
})

test('brackets in code are no citations', async () => {
  const text = 'Use `items[1]` here.\n\n```js\nconst one = items[1]\n```'
  const verified = await run([text])
  assert.equal(verified.text, text)
  assert.equal(verified.citationsRemoved, 0)
})

test('sentences that claim nothing need no citation', async () => {
  for (const text of ['Here is what I found:', 'The passages do not say who paid for it.', '文档中没有提到这一点。']) {
    assert.equal((await run([text])).unsupported, 0, text)
  }
})

test('a check that fails leaves the answer whole and its sentences unsupported', async () => {
  const broken: Station<CheckInput, Checked> = {
    name: 'check',
    // oxlint-disable-next-line require-yield
    async *run() {
      throw new AndonError('unavailable', 'The thread is gone')
    },
  }
  const verified = await run(['Acme opened a factory in Leeds in 1962 [1].'], broken)
  assert.equal(verified.text, 'Acme opened a factory in Leeds in 1962.')
  assert.equal(verified.unsupported, 1)
})

test('a cancelled call ends the answer', async () => {
  const controller = new AbortController()
  controller.abort(new AndonError('cancelled', 'The caller left'))
  const stream = verify(pieces(['Acme opened a factory. Then it closed.']), {
    passages,
    check: open(),
    call: { ...call, signal: controller.signal },
  })
  await assert.rejects(async () => {
    for await (const event of stream) assert.ok(event)
  }, /cancelled/)
})

test('spans of checked sentences point into the text', async () => {
  const verified = await run([
    '- Acme opened a factory in Leeds in 1962 [1].\n- The director was Ada Marsh [2].\n\nThe roof leaked [1]. Bananas are yellow fruit [7].',
  ])
  const sentences = verified.events
    .filter((event) => event.type === 'sentence-checked')
    .map(({ start, end }) => verified.text.slice(start, end))
  assert.deepEqual(sentences, [
    '- Acme opened a factory in Leeds in 1962 [1].',
    '- The director was Ada Marsh [2].',
    'The roof leaked [3].',
    'Bananas are yellow fruit.',
  ])
})

/** Events with neighbouring text-deltas joined. */
function joined(events: readonly VerifyEvent[]): VerifyEvent[] {
  const all: VerifyEvent[] = []
  for (const event of events) {
    const last = all.at(-1)
    if (event.type === 'text-delta' && last?.type === 'text-delta') last.text += event.text
    else all.push({ ...event })
  }
  return all
}

const answer = fc
  .array(
    fc.constantFrom(
      'Acme opened a factory in Leeds in 1962',
      'Its director was Ada Marsh',
      '线程共享内存',
      'It is 3.5 m wide',
      '. ',
      '。',
      '! ',
      '\n',
      '\n\n- ',
      ' ',
      '...',
      ', ',
      '"',
      ')',
      '：',
      '[1]',
      ' [2]',
      '[9]',
      '[1, 2]',
      '【3】',
      '[^1]',
      '[',
      ']',
      '[x](y)',
      '`',
      '`a[1]`',
      '``',
      '\n```\nx[1]\n```\n',
      'e.g. ',
      '[Source 2]',
      '[1-3]',
      '1. ',
      '[12345]',
    ),
    { maxLength: 24 },
  )
  .map((parts) => parts.join(''))

test('however the text is cut, the events are the same', async () => {
  await fc.assert(
    fc.asyncProperty(answer, fc.array(fc.nat({ max: 400 }), { maxLength: 12 }), async (text, at) => {
      const cuts = [...new Set([0, ...at.map((cut) => cut % (text.length + 1)), text.length])].sort((a, b) => a - b)
      const cut = cuts.slice(1).map((end, index) => text.slice(cuts[index], end))
      const [whole, parts, characters] = [await run([text]), await run(cut), await run(text.split(''))]
      assert.deepEqual(joined(parts.events), joined(whole.events))
      assert.deepEqual(joined(characters.events), joined(whole.events))
      assert.equal(parts.text, whole.text)
    }),
    { numRuns: 150 },
  )
})

test('text-deltas together are the text, and every shown marker has its citation before the end', async () => {
  await fc.assert(
    fc.asyncProperty(answer, async (text) => {
      const { events, citations, text: checked } = await run([text])
      assert.equal(events.map((event) => (event.type === 'text-delta' ? event.text : '')).join(''), checked)
      assert.deepEqual(
        events.flatMap((event) => (event.type === 'citation' ? [event.marker] : [])),
        citations.map((_, place) => place + 1),
      )
    }),
    { numRuns: 100 },
  )
})

test('spans of recomputed figures point into the text, past its citations', async () => {
  const verified = await run([
    'Acme [2] opened in 1962 [1]. The first factory employed 1,577 people [1], and the second followed 9 years after 1962 [2], which is 12 × 7 = 84 [1].',
  ])
  const said = verified.figures.map(({ start, end }) => verified.text.slice(start, end))
  assert.deepEqual(
    said,
    verified.figures.map((figure) => figure.said),
  )
  assert.ok(said.includes('84'), said.join())
  const told = verified.events.flatMap((event) => (event.type === 'sentence-checked' ? (event.figures ?? []) : []))
  assert.deepEqual(told, verified.figures)
})
