import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wantsExplanation } from './choose.ts'
import { composeExtract } from './extract-answer.ts'
import { extract, open } from './extract.ts'
import type { Extraction } from './extract.ts'
import { AndonError } from '../../core/errors.ts'
import type { BlockKind } from '../../core/document.ts'
import type { Found, Passage } from '../../core/question.ts'
import { one } from '../../core/station.ts'
import { analyse } from '../../text/analyse.ts'
import { rank } from '../rerank/rank.ts'
import { plainQuery } from '../search/query.ts'

interface Text {
  text: string
  title?: string
  kind?: BlockKind
  prefix?: string
  documentId?: string
  start?: number
}

/** Passages found for a question by counting the words they share with it, as a search would. */
function asked(question: string, texts: readonly Text[]) {
  const passages = texts.map(({ text, title = '', kind = 'paragraph', prefix, documentId, start = 1000 }, place) => ({
    id: `d${place}.1.0`,
    documentId: documentId ?? `d${place}`,
    documentName: `d${place}.md`,
    title,
    collection: 'default',
    headings: [],
    kind,
    ordinal: 0,
    start,
    end: start + text.length,
    text,
    ...(prefix === undefined ? {} : { prefix }),
  }))
  const terms = passages.map(
    (passage) => new Set(analyse(`${passage.title}\n${passage.prefix ?? ''}\n${passage.text}`).map(({ term }) => term)),
  )
  const frequencies = new Map<string, number>()
  for (const set of terms) for (const term of set) frequencies.set(term, (frequencies.get(term) ?? 0) + 1)
  const query = plainQuery(question, { passages: 100, averageLength: 50, frequencies })
  const found: Found[] = passages.flatMap((passage, place) => {
    let score = 0
    for (const { term, weight, idf } of query.terms) if (terms[place]?.has(term)) score += weight * idf
    return score > 0 ? [{ passage, score, keyword: score }] : []
  })
  return { input: { query, ...rank(query, found) }, passages: new Map<string, Passage>(passages.map((p) => [p.id, p])) }
}

const factory = {
  title: 'Acme',
  text: 'Acme makes wire. The first factory opened in Leeds in 1962. It employed many people. The roof leaked for years.',
}
const harbour = { title: 'Harbour', text: 'The harbour was dug by hand. Ships came from Norway. It froze in winter.' }

test('the sentence that answers comes first, and its span is exact', () => {
  const { input, passages } = asked('When did the first factory open?', [factory, harbour])
  const [best] = extract(input).sentences
  assert.ok(best)
  assert.equal(best.text, 'The first factory opened in Leeds in 1962.')
  const passage = passages.get(best.passageId)
  assert.equal(passage?.text.slice(best.start - passage.start, best.end - passage.start), best.text)
})

test('Chinese questions find Chinese sentences, in either script', () => {
  const text = '该公司生产电线。第一座工厂于1962年在利兹开业。屋顶漏水多年。'
  for (const question of ['第一座工厂是哪一年开业的？', '第一座工廠是哪一年開業的？']) {
    const [best] = extract(asked(question, [{ text }, harbour]).input).sentences
    assert.equal(best?.text, '第一座工厂于1962年在利兹开业。')
  }
})

test('a sentence that two overlapping passages share is given once', () => {
  const overlapping = [
    { ...factory, documentId: 'same', start: 0 },
    { ...factory, documentId: 'same', start: 17, text: factory.text.slice(17) },
    { ...factory, documentId: 'copy' },
  ]
  const { sentences } = extract(asked('When did the first factory open?', overlapping).input)
  const texts = sentences.map(({ text }) => text)
  assert.equal(new Set(texts).size, texts.length)
})

test('the number of sentences is what was asked for, three by default', () => {
  const { input } = asked('When did the first factory open?', [factory, harbour])
  assert.equal(extract(input).sentences.length, 3)
  assert.equal(extract({ ...input, sentences: 1 }).sentences.length, 1)
})

test('a row is found by the names of its columns, and the header row itself is no answer', () => {
  const table = {
    kind: 'table' as const,
    text: '| Level | Scope of impact |\n| Director | Whole department |\n| Manager | One team |',
  }
  const [best] = extract(asked('What is the scope of impact of a director?', [table, harbour]).input).sentences
  assert.equal(best?.text, '| Director | Whole department |')
})

test('how and why questions get what follows the best sentence as well', () => {
  const text =
    'Restarting is simple. To restart a worker, send it the stop signal. Then wait for its last call. Finally start it again.'
  const { input } = asked('How do I restart a worker?', [{ text }, harbour])
  const { sentences, continuation } = extract({ ...input, sentences: 1 })
  assert.equal(sentences[0]?.text, 'To restart a worker, send it the stop signal.')
  assert.deepEqual(
    continuation.map((sentence) => sentence.text),
    ['Then wait for its last call.', 'Finally start it again.'],
  )
  const fact = asked('When did the first factory open?', [factory])
  assert.deepEqual(extract(fact.input).continuation, [])
})

test('a question that the passages answer scores above one that they do not', () => {
  const answered = extract(asked('When did the first factory open in Leeds?', [factory, harbour]).input)
  const other = extract(asked('Which ministers opposed the factory tax reform?', [factory, harbour]).input)
  assert.ok(answered.score > other.score)
  assert.equal(answered.confidence, 'answered')
  assert.equal(other.confidence, 'refused')
})

test('nothing found is refused', () => {
  const { input } = asked('When did the first factory open?', [])
  assert.deepEqual(extract(input), { sentences: [], continuation: [], confidence: 'refused', score: -9 })
})

test('the station answers with one extraction, and hears a cancelled call', async () => {
  const { input } = asked('When did the first factory open?', [factory, harbour])
  const call = { id: 'c', tenant: 'default', deadline: Infinity }
  assert.deepEqual(await one(open(), input, { ...call, signal: new AbortController().signal }), extract(input))
  const signal = AbortSignal.abort(new AndonError('cancelled', 'The caller left'))
  await assert.rejects(one(open(), input, { ...call, signal }), /cancelled/)
})

const composed = (question: string, texts: readonly Text[], confidence?: Extraction['confidence']) => {
  const { input, passages } = asked(question, texts)
  const extraction = extract(input)
  return composeExtract(question, confidence ? { ...extraction, confidence } : extraction, passages)
}

test('a composed answer quotes, and every marker has its citation', () => {
  const { text, citations, spans } = composed('When did the first factory open?', [factory, harbour])
  assert.match(text, /^From the documents:\n- The first factory opened in Leeds in 1962\. \[1\]\n- /)
  const markers = [...text.matchAll(/\[(\d+)\]/g)].map((match) => Number(match[1]))
  assert.deepEqual(
    markers,
    citations.map((_, place) => place + 1),
  )
  spans.forEach(({ start, end }, place) => assert.equal(text.slice(start, end), citations[place]?.quote))
})

test('it speaks the language of the question, and says how sure it is', () => {
  const english = 'When did the first factory open?'
  assert.match(composed(english, [factory], 'uncertain').text, /^The documents may not answer this exactly/)
  assert.match(composed(english, [factory], 'refused').text, /^The documents do not seem to answer this/)
  assert.match(composed('第一座工厂何时开业？', [{ text: '第一座工厂于1962年开业。' }], 'answered').text, /^文档原文：/)
  assert.equal(composed(english, []).text, 'Nothing in the documents matches this question.')
})

test('a refused answer still shows the nearest places', () => {
  const { citations, confidence } = composed('When did the first factory open?', [factory, harbour], 'refused')
  assert.equal(confidence, 'refused')
  assert.ok(citations.length > 0)
})

test('a table row is shown with the names of its columns, and cited as it stands', () => {
  const row = '| Director | Whole department |'
  const { text, citations } = composed('What is the scope of impact of a director?', [
    { kind: 'table', text: row, prefix: '| Level | Scope of impact |' },
  ])
  assert.match(text, /Level: Director; Scope of impact: Whole department \[1\]/)
  assert.equal(citations[0]?.quote, row)
})

test('what asks for more than one sentence is told from what asks for a fact', () => {
  for (const question of [
    'How do workers restart?',
    'Why is it refused?',
    'What is a lease?',
    'What is dead lettering?',
    'Explain the ladder.',
    '什么是死锁？',
    '如何重启？',
    '請介紹這個架構',
  ])
    assert.equal(wantsExplanation(question), true, question)
  for (const question of ['What is the capital of France?', 'Who wrote it?', 'How many are there?', '哪一年建成？'])
    assert.equal(wantsExplanation(question), false, question)
})

test('questions and headings are not answers while there is anything else', () => {
  const text = '# The first factory\n\nWhen did the first factory open?\n\nIt was in 1962.\n\nThe roof leaked.'
  const { sentences } = extract(asked('When did the first factory open?', [{ text }]).input)
  assert.deepEqual(
    sentences.map((sentence) => sentence.text),
    ['It was in 1962.', 'The roof leaked.'],
  )
})

test('a passage that is nothing but a question is still quoted', () => {
  const { sentences } = extract(asked('When did the factory open?', [{ text: 'When did the factory open?' }]).input)
  assert.equal(sentences[0]?.text, 'When did the factory open?')
})

const pump =
  'How is the pump started?\n\nOpen the inlet valve. Press the button.\n\nWho is called when it leaks?\n\nThe workshop.'

test('what goes on ends before a question that heads the next part', () => {
  const { input } = asked('How is the pump started?', [{ text: pump }])
  const { sentences, continuation } = extract({ ...input, sentences: 1 })
  assert.equal(sentences[0]?.text, 'Open the inlet valve.')
  assert.deepEqual(
    continuation.map(({ text }) => text),
    ['Press the button.'],
  )
})

test('a question that heads nothing is told where the text goes on', () => {
  const text = 'The pump is started by hand. Why by hand? A motor would rust. It is wet.'
  const { input } = asked('How is the pump started?', [{ text }])
  const { continuation } = extract({ ...input, sentences: 1 })
  assert.equal(continuation[0]?.text, 'Why by hand?')
})

const chapters =
  'Chapter 2: Growth\n\nWe had forty looms in 1985.\n\nThe Fire of the Old Hall.\n\n- Nobody was hurt\n- It burnt'

/** An answer where the store knows the headings of the passages. */
function composedWithHeadings(question: string, text: string, headings: readonly string[], sentences = 3) {
  const { input, passages } = asked(question, [{ text }])
  const [passage] = passages.values()
  assert.ok(passage)
  const places = headings.map((heading) => ({ start: passage.start + text.indexOf(heading), headings: [heading] }))
  return composeExtract(question, extract({ ...input, sentences }), passages, 0, new Map([[passage.id, places]]))
}

test('a heading is no quotation beside other sentences', () => {
  const { text } = composedWithHeadings('When did we have forty looms in Chapter 2?', chapters, [
    'Chapter 2: Growth',
    'The Fire of the Old Hall.',
  ])
  assert.equal(text, 'From the documents:\n- We had forty looms in 1985. [1]')
})

test('a heading that matches best is quoted with the sentence under it, as one span', () => {
  const { text, citations, spans } = composedWithHeadings('Which chapter is about growth?', chapters, [
    'Chapter 2: Growth',
    'The Fire of the Old Hall.',
  ])
  assert.match(text, /- Chapter 2: Growth – We had forty looms in 1985\. \[1\]/)
  assert.doesNotMatch(text, /Old Hall/)
  assert.equal(citations[0]?.quote, 'Chapter 2: Growth\n\nWe had forty looms in 1985.')
  const [span] = spans
  assert.equal(text.slice(span?.start, span?.end), 'Chapter 2: Growth – We had forty looms in 1985.')
})

test('a heading with no sentence under it is quoted alone when it matches best', () => {
  const { text } = composedWithHeadings('Growth?', 'Growth\n\nLooms\n\nForty.', ['Growth', 'Looms'])
  assert.match(text, /^.*\n- Growth \[1\]/)
})

test('what goes on ends before any heading that the store knows', () => {
  const heading = 'What the workshop does when the pump leaks'
  const text = `The pump is started by hand. It is heavy.\n\n${heading}\n\nIt mends it.`
  const { text: answer } = composedWithHeadings('How is the pump started?', text, [heading], 1)
  assert.match(answer, /It goes on:\n- It is heavy\. \[2\]$/)
})

test('what something is comes from the sentence that defines it', () => {
  const text =
    'Whoever needs a lock waits for the lock. A lock lets one go on at a time. Nobody knows what a lock is worth.'
  const [best] = extract(asked('What is a lock?', [{ text }]).input).sentences
  assert.equal(best?.text, 'A lock lets one go on at a time.')
})
