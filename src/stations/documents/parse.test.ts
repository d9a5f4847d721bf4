import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lines, pdf } from '../../../test/documents/make-pdf.ts'
import { call, checkBlocks, folder, shown } from '../../../test/documents/parse-bytes.ts'
import { AndonError } from '../../core/errors.ts'
import { createPlaces } from '../../places/places.ts'
import { assemble, parseDocument, parseRecipe } from './parse.ts'
import { open } from './parse/station.ts'
import type { ParsedPart } from '../../core/document.ts'
import type { Station } from '../../core/station.ts'
import type { ParseCrash } from './parse.ts'
import type { ParseInput } from './parse/station.ts'

const pageWords = (number: number): string => `This is what page ${number} has to say about the harbour.`
const book = (pages: number): Promise<Uint8Array> =>
  pdf(Array.from({ length: pages }, (_, place) => lines([pageWords(place + 1)], 60, 100)))

/** A station that answers with one block per page; `fails` may throw before a window is answered. */
function pagesStation(
  total: number,
  fails: (window: { from: number; to: number }) => void = () => {},
): Station<ParseInput, ParsedPart> {
  return {
    name: 'parse',
    async *run({ pages = { from: 1, to: total } }) {
      fails(pages)
      for (let page = pages.from; page <= Math.min(pages.to, total); page++)
        yield {
          text: `page ${page}`,
          blocks: [{ kind: 'paragraph', start: 0, end: `page ${page}`.length, page }],
          pages: total,
        }
    },
  }
}

test('a PDF is parsed by windows in child processes, and its pages come in order', async () => {
  await using place = await folder()
  const path = await place.write('book', await book(30))
  await using places = createPlaces({ parsers: { place: 'process', size: 2, concurrency: 1, memoryMb: 384 } })
  await using station = await places.open(parseRecipe(), 'parsers')
  const progress: number[] = []
  const parts = parseDocument(station, { path, name: 'book.pdf' }, call(), {
    pageWindow: 8,
    onProgress: (done, total) => progress.push(done, total),
  })
  const whole = await assemble(parts)
  checkBlocks(whole)
  assert.deepEqual(
    whole.blocks.map((block) => block.page),
    Array.from({ length: 30 }, (_, at) => at + 1),
  )
  assert.match(whole.text, /page 30 has to say/)
  assert.equal(whole.pages, 30)
  assert.deepEqual(progress, [2, 30, 10, 30, 18, 30, 26, 30, 30, 30])
})

test('other formats are parsed in one call', async () => {
  await using place = await folder()
  const path = await place.write('a', '# One\n\nWords.')
  const whole = await assemble(parseDocument(open(), { path, name: 'a.md' }, call()))
  assert.deepEqual(shown(whole), ['heading1: One', 'paragraph: Words.'])
})

test('a window whose process dies is parsed again, and each crash is told', async () => {
  const left = new Map([[4, 2]])
  const crashes: ParseCrash[] = []
  const station = pagesStation(9, ({ from }) => {
    const more = left.get(from) ?? 0
    left.set(from, more - 1)
    if (more > 0) throw new AndonError('unavailable', 'The process of parse ended')
  })
  const whole = await assemble(
    parseDocument(station, { path: '', name: 'x.pdf' }, call(), {
      pageWindow: 9,
      onCrash: (crash) => void crashes.push(crash),
    }),
  )
  assert.equal(whole.blocks.length, 9)
  assert.deepEqual(
    crashes.map(({ attempt, attempts, pages }) => [attempt, attempts, pages]),
    [
      [1, 3, { from: 4, to: 9 }],
      [2, 3, { from: 4, to: 9 }],
    ],
  )
})

test('parts that came before a crash are not given twice', async () => {
  let runs = 0
  const station: Station<ParseInput, ParsedPart> = {
    name: 'parse',
    async *run() {
      runs++
      for (const text of ['one', 'two', 'three']) {
        if (runs === 1 && text === 'three') throw new AndonError('unavailable', 'gone')
        yield { text, blocks: [{ kind: 'paragraph', start: 0, end: text.length }] }
      }
    },
  }
  assert.equal((await assemble(parseDocument(station, { path: '', name: 'x' }, call()))).text, 'one\n\ntwo\n\nthree')
})

test('a document that kills its process each time fails, and its other windows stop', async () => {
  const crashes: number[] = []
  const station = pagesStation(100, ({ from }) => {
    if (from > 1) throw new AndonError('unavailable', 'The process of parse ended')
  })
  const parsed = assemble(
    parseDocument(station, { path: '', name: 'x.pdf' }, call(), {
      parallel: 1,
      onCrash: ({ attempt }) => void crashes.push(attempt),
    }),
  )
  await assert.rejects(parsed, { code: 'unavailable' })
  assert.deepEqual(crashes, [1, 2, 3])
})

test('what the crash listener throws ends the parsing, and so does any other error', async () => {
  const dies = pagesStation(3, () => {
    throw new AndonError('unavailable', 'gone')
  })
  const stop = (): never => {
    throw new AndonError('conflict', 'The job is not ours any more')
  }
  await assert.rejects(assemble(parseDocument(dies, { path: '', name: 'x' }, call(), { onCrash: stop })), {
    code: 'conflict',
  })
  const damaged = pagesStation(3, () => {
    throw new AndonError('invalid', 'damaged')
  })
  await assert.rejects(
    assemble(parseDocument(damaged, { path: '', name: 'x' }, call(), { onCrash: () => assert.fail() })),
    {
      code: 'invalid',
    },
  )
})

/** A station whose windows but the first wait until they are cancelled. */
function waitingStation(began: () => void, cancelled: (code: string) => void): Station<ParseInput, ParsedPart> {
  return {
    name: 'parse',
    async *run(input, { signal }) {
      if (input.pages?.from !== 1) {
        const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
        began()
        await aborted
        cancelled(AndonError.from(signal.reason).code)
        signal.throwIfAborted()
      }
      yield { text: 'x', blocks: [{ kind: 'paragraph', start: 0, end: 1 }], pages: 50 }
    },
  }
}

test('a caller who says stop ends every window under way', async () => {
  const codes: string[] = []
  const caller = new AbortController()
  const both = Promise.withResolvers<void>()
  let windows = 0
  const station = waitingStation(
    () => void (++windows === 2 && both.resolve()),
    (code) => codes.push(code),
  )
  const whole = assemble(parseDocument(station, { path: '', name: 'x' }, call(caller.signal), { pageWindow: 10 }))
  const failed = assert.rejects(whole, { code: 'deadline' })
  await both.promise
  caller.abort(new AndonError('deadline', 'too late'))
  await failed
  assert.deepEqual(codes, ['deadline', 'deadline'])
})

test('one window that fails cancels the others', async () => {
  const cancelled = Promise.withResolvers<string>()
  const waiting = waitingStation(() => {}, cancelled.resolve)
  const station: Station<ParseInput, ParsedPart> = {
    name: 'parse',
    async *run(input, own) {
      if (input.pages?.from === 4) throw new AndonError('invalid', 'damaged')
      yield* waiting.run(input, own)
    },
  }
  await assert.rejects(assemble(parseDocument(station, { path: '', name: 'x' }, call(), { pageWindow: 10 })), {
    code: 'invalid',
  })
  assert.equal(await cancelled.promise, 'cancelled')
})

test('a PDF of pictures alone asks for recognition, whatever its windows', async () => {
  await using place = await folder()
  const path = await place.write('scan', await pdf(Array.from({ length: 9 }, () => [])))
  await assert.rejects(assemble(parseDocument(open(), { path, name: 'scan.pdf' }, call(), { pageWindow: 4 })), {
    code: 'unsupported',
    message: /none of its 9 pages has text/,
  })
})

test('parts are joined with their offsets moved, warnings once, the first title', async () => {
  const part = (text: string, more: Partial<ParsedPart> = {}): ParsedPart => ({
    text,
    blocks: [{ kind: 'paragraph', start: 0, end: text.length }],
    ...more,
  })
  const whole = await assemble([
    part('one', { title: 'First', warnings: ['w'], properties: { a: '1' } }),
    { text: '', blocks: [], warnings: ['w', 'v'] },
    part('two', { title: 'Second', properties: { a: '2', b: '3' } }),
  ])
  checkBlocks(whole)
  assert.equal(whole.text, 'one\n\ntwo')
  assert.deepEqual(
    whole.blocks.map(({ start, end }) => [start, end]),
    [
      [0, 3],
      [5, 8],
    ],
  )
  assert.deepEqual([whole.title, whole.warnings, whole.properties], ['First', ['w', 'v'], { a: '1', b: '3' }])
  await assert.rejects(assemble([part('long enough')], { name: 'x', maxCharacters: 5 }), {
    code: 'too-large',
    message: /x holds more than 5 characters/,
  })
})
