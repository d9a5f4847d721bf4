import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { Block, BlockKind } from '../../core/document.ts'
import { openCall } from '../../core/call.ts'
import { Prepare } from './prepare.ts'
import { split } from './split.ts'

/** A text and its blocks, from pieces of text with their kinds. */
function documentOf(pieces: (Partial<Block> & { kind: BlockKind; text: string })[]): { text: string; blocks: Block[] } {
  let text = ''
  const blocks = pieces.map(({ text: piece, ...facts }) => {
    const start = text.length
    text += piece
    const block = { ...facts, start, end: text.length }
    text += '\n\n'
    return block
  })
  return { text, blocks }
}

const prose = (sentences: number) =>
  'The quick brown fox jumps over the lazy dog near the river. '.repeat(sentences).trim()

test('a passage stays under one heading path and knows it', () => {
  const { text, blocks } = documentOf([
    { kind: 'heading', level: 1, text: 'Guide' },
    { kind: 'heading', level: 2, text: 'Install' },
    { kind: 'paragraph', text: prose(14) },
    { kind: 'heading', level: 2, text: 'Run' },
    { kind: 'paragraph', text: prose(14) },
  ])
  const passages = split(text, blocks)
  assert.deepEqual(
    passages.map(({ headings }) => headings),
    [
      ['Guide', 'Install'],
      ['Guide', 'Run'],
    ],
  )
  assert.ok(text.slice(passages[0]?.start, passages[0]?.end).startsWith('Guide'))
})

test('short neighbouring sections share a passage, with the headings they share', () => {
  const { text, blocks } = documentOf([
    { kind: 'heading', level: 1, text: 'Words' },
    { kind: 'heading', level: 2, text: 'Alpha' },
    { kind: 'paragraph', text: 'The first.' },
    { kind: 'heading', level: 2, text: 'Beta' },
    { kind: 'paragraph', text: 'The second.' },
  ])
  assert.deepEqual(
    split(text, blocks).map(({ headings }) => headings),
    [['Words']],
  )
})

test('a heading is never the end of a passage', () => {
  const pieces: Parameters<typeof documentOf>[0] = []
  for (let number = 1; number <= 30; number++) {
    pieces.push(
      { kind: 'heading', level: 2, text: `Chapter ${number}` },
      { kind: 'paragraph', text: prose(number % 9) },
    )
  }
  const { text, blocks } = documentOf(pieces.filter((piece) => piece.text !== ''))
  const ends = new Set(split(text, blocks).map(({ end }) => end))
  const headings = blocks.filter((block, index) => block.kind === 'heading' && blocks[index + 1]?.kind === 'paragraph')
  assert.ok(headings.every(({ end }) => !ends.has(end)))
})

test('long Chinese paragraphs are cut behind sentences', () => {
  const { text, blocks } = documentOf([{ kind: 'paragraph', text: '他说这座桥很长，走了很久才到对岸。'.repeat(120) }])
  const passages = split(text, blocks)
  assert.ok(passages.length >= 2)
  for (const { start, end } of passages) assert.ok(text.slice(start, end).endsWith('。'))
})

test('a table that is cut repeats its header row, which is not part of the slice', () => {
  const rows = Array.from({ length: 60 }, (_, index) => `row ${index} | ${index * 7} | some words about it`)
  const { text, blocks } = documentOf([
    { kind: 'table', headerLines: 1, text: ['Name | Value | Remark', ...rows].join('\n') },
  ])
  const passages = split(text, blocks)
  assert.ok(passages.length > 2)
  assert.equal(passages[0]?.prefix, undefined)
  for (const { prefix, start, end, kind } of passages.slice(1)) {
    assert.equal(prefix, 'Name | Value | Remark')
    assert.equal(kind, 'table')
    assert.ok(text.slice(start, end).startsWith('row '))
    assert.ok((prefix?.length ?? 0) + 1 + end - start <= 1_000)
  }
})

test('pages are those of the blocks in it', () => {
  const { text, blocks } = documentOf([
    { kind: 'paragraph', page: 3, text: prose(2) },
    { kind: 'paragraph', page: 4, text: prose(2) },
  ])
  const [only] = split(text, blocks)
  assert.deepEqual([only?.page, only?.pageEnd], [3, 4])
})

test('with an overlap, a passage begins with the end of the one before', () => {
  const { text, blocks } = documentOf([{ kind: 'paragraph', text: prose(60) }])
  const passages = split(text, blocks, { overlap: 150 })
  for (const [index, { start, end }] of passages.entries()) {
    const before = passages[index - 1]
    if (before) assert.ok(before.end > start && before.end - start <= 150)
    assert.ok(end - start <= 1_000)
  }
})

const word = fc.oneof(
  fc.constantFrom('the', 'Rhine', 'is', 'long.', 'See', 'e.g.', '数据库', '很大。', '𠮷', '😀', '\n', '|', '1.5', ';'),
  fc.string({ minLength: 1, maxLength: 30 }),
  fc.string({ unit: 'binary', minLength: 100, maxLength: 500 }),
)
const piece = fc.record({
  kind: fc.constantFrom<BlockKind>('heading', 'paragraph', 'list', 'table', 'code'),
  level: fc.integer({ min: 1, max: 4 }),
  headerLines: fc.integer({ min: 0, max: 2 }),
  page: fc.integer({ min: 1, max: 3 }),
  text: fc.array(word, { maxLength: 60 }).map((words) => words.join(' ')),
})

test('any document: exact slices in order, none too long, and every character that is no white space in one', () => {
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 12 }),
      fc.integer({ min: 50, max: 400 }),
      fc.constantFrom(0, 30),
      fc.boolean(),
      (pieces, maxCharacters, overlap, drop) => {
        const { text, blocks } = documentOf(pieces)
        const known = drop ? blocks.filter((_, index) => index % 3 !== 0) : blocks
        const covered = new Uint8Array(text.length)
        let before = 0
        for (const { start, end, prefix } of split(text, known, { maxCharacters, overlap })) {
          assert.ok(start >= before && end > start && end <= text.length)
          assert.ok(end - start + (prefix === undefined ? 0 : prefix.length + 1) <= maxCharacters)
          before = start
          covered.fill(1, start, end)
        }
        for (let index = 0; index < text.length; index++) {
          assert.ok(covered[index] === 1 || /\s/.test(text.charAt(index)), `character ${index} is in no passage`)
        }
      },
    ),
    { numRuns: 150 },
  )
})

test('prepared passages come in batches of 64, numbered, with terms that FTS can take', async () => {
  using call = openCall({ tenant: 'default' })
  const { text, blocks } = documentOf(
    Array.from({ length: 100 }, () => ({ kind: 'paragraph' as const, text: prose(15) })),
  )
  const batches = await Array.fromAsync(new Prepare().run({ text, blocks, title: 'The "Fox" 狐狸' }, call))
  assert.deepEqual(
    batches.map((batch) => batch.length),
    [64, 36],
  )
  const passages = batches.flat()
  assert.deepEqual(
    passages.map(({ ordinal }) => ordinal),
    passages.map((_, index) => index),
  )
  for (const passage of passages) {
    assert.equal(passage.text, text.slice(passage.start, passage.end))
    assert.equal(passage.length, passage.titleTerms.split(' ').length + passage.bodyTerms.split(' ').length)
    assert.doesNotMatch(passage.titleTerms + passage.bodyTerms, /["\n]/)
  }
  assert.equal(passages[0]?.titleTerms, 'the fox 狐狸')
})

test('preparing stops between batches when the call is cancelled', async () => {
  const controller = new AbortController()
  using call = openCall({ tenant: 'default', signal: controller.signal })
  const { text, blocks } = documentOf(
    Array.from({ length: 200 }, () => ({ kind: 'paragraph' as const, text: prose(15) })),
  )
  let batches = 0
  await assert.rejects(
    async () => {
      for await (const _ of new Prepare().run({ text, blocks, title: '' }, call)) {
        batches++
        controller.abort()
      }
    },
    { code: 'cancelled' },
  )
  assert.equal(batches, 1)
})

test('an empty document has no passages', async () => {
  using call = openCall({ tenant: 'default' })
  assert.deepEqual(await Array.fromAsync(new Prepare().run({ text: ' \n ', blocks: [], title: 'x' }, call)), [])
})
