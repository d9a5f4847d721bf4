// Andon's own stations in every place: each gives what it gives inline, ends when it is cancelled or left, and fails
// with the same code.

import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { openCall } from '../../src/core/call.ts'
import { AndonError } from '../../src/core/errors.ts'
import type { Passage } from '../../src/core/question.ts'
import { recipeBeside } from '../../src/core/recipe.ts'
import type { Recipe, Station } from '../../src/core/station.ts'
import type { ParseInput } from '../../src/stations/documents/parse/station.ts'
import { plainQuery } from '../../src/stations/search/query.ts'
import { makeStation } from '../../src/places/recipe.ts'
import { inEveryPlace } from './places.ts'

const here = import.meta
const stations = '../../src/stations'

const text = `# Travel

Travel over 2,500 euros is approved by the finance director. Smaller trips are approved by the team lead.

# 休假

员工每年享有十五天年假，入职满五年后增加到二十天。
`

function passage(ordinal: number, words: string): Passage {
  return {
    id: `doc_a.1.${ordinal}`,
    documentId: 'doc_a',
    documentName: 'travel.md',
    title: 'Travel',
    collection: 'default',
    headings: ['Travel'],
    kind: 'paragraph',
    ordinal,
    start: ordinal * 1_000,
    end: ordinal * 1_000 + words.length,
    text: words,
  }
}

const passages = [
  passage(0, 'Travel over 2,500 euros is approved by the finance director. Ask early.'),
  passage(1, 'Flights are booked at least 14 days ahead through the booking desk.'),
]
const found = passages.map((each, at) => ({ passage: each, score: 2 - at, keyword: 2 - at }))
const query = plainQuery('Who approves travel over 2,500 euros?', {
  passages: 2,
  averageLength: 12,
  frequencies: new Map([['travel', 1]]),
})

/** A station, an input for it, and one that it refuses. */
interface Case {
  name: string
  recipe: Recipe<unknown, unknown>
  input: () => unknown
  refused?: { input: () => unknown; code: string }
}

/** Declares the tests for every station that may move. */
export function ourStationsKeepTheirPromises(): void {
  let folder = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'andon-every-place-'))
    await writeFile(join(folder, 'travel.md'), text)
    await writeFile(join(folder, 'empty.md'), '')
  })
  after(() => rm(folder, { recursive: true, force: true }))
  const file = (name: string) => (): ParseInput => ({ path: join(folder, name), name })

  const cases: Case[] = [
    {
      name: 'parse',
      recipe: recipeBeside(here, `${stations}/documents/parse/station`, 'open'),
      input: file('travel.md'),
      refused: { input: file('empty.md'), code: 'invalid' },
    },
    {
      name: 'prepare',
      recipe: recipeBeside(here, `${stations}/documents/prepare`, 'open'),
      input: () => ({ text, title: 'Travel', blocks: [{ kind: 'paragraph', start: 0, end: text.length }] }),
    },
    {
      name: 'terms',
      recipe: recipeBeside(here, `${stations}/documents/terms`, 'open'),
      input: () => [{ rowId: 1, tenant: 't', title: 'Travel', headings: [], text }],
    },
    {
      name: 'rerank',
      recipe: recipeBeside(here, `${stations}/rerank/rerank`, 'open'),
      input: () => ({ query, found }),
    },
    {
      name: 'extract',
      recipe: recipeBeside(here, `${stations}/generate/extract`, 'open'),
      input: async () => {
        const rerank = await inlineStation(recipeBeside(here, `${stations}/rerank/rerank`, 'open'))
        using call = openCall({ tenant: 't' })
        const [output] = await Array.fromAsync(rerank.run({ query, found }, call))
        return { query, ...(output as object) }
      },
    },
    {
      name: 'check',
      recipe: recipeBeside(here, `${stations}/verify/check`, 'open'),
      input: () => ({
        sentence: 'The finance director approves travel over 2,500 euros.',
        cited: [passages[0]?.id],
        passages,
      }),
    },
  ]

  for (const { name, recipe, input, refused } of cases) {
    inEveryPlace(name, recipe, ({ station }) => {
      test('gives what it gives inline', async () => {
        const given = await input()
        const expected = await collect(await inlineStation(recipe), given)
        assert.ok(expected.length > 0)
        assert.deepEqual(await collect(station, given), expected)
      })

      test('is over before it begins when its call is', async () => {
        using call = openCall({ tenant: 't', signal: AbortSignal.abort() })
        await assert.rejects(
          Array.fromAsync(station.run(await input(), call)),
          (reason) => AndonError.from(reason).code === 'cancelled',
        )
      })

      test('may be left after its first item, and asked again', async () => {
        using call = openCall({ tenant: 't' })
        for await (const _ of station.run(await input(), call)) break
        assert.ok((await collect(station, await input())).length > 0)
      })

      if (refused)
        test(`refuses what is wrong as ${refused.code}`, async () => {
          using call = openCall({ tenant: 't' })
          await assert.rejects(
            Array.fromAsync(station.run(await refused.input(), call)),
            (reason) => reason instanceof AndonError && reason.code === refused.code,
          )
        })
    })
  }
}

async function inlineStation(recipe: Recipe<unknown, unknown>): Promise<Station<unknown, unknown>> {
  return makeStation(recipe)
}

async function collect(station: Station<unknown, unknown>, input: unknown): Promise<unknown[]> {
  using call = openCall({ tenant: 't' })
  return await Array.fromAsync(station.run(input, call))
}
