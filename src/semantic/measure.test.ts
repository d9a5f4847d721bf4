import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openCall } from '../core/call.ts'
import type { Embedder } from '../models/model.ts'
import { wilson } from './interval.ts'
import { likenessBy } from './likeness.ts'
import { comparePairs, isHit, ratesOf, recommended, sweep } from './measure.ts'
import { readPairs, shippedPairs } from './pairs.ts'

/** An embedder to which everything is the same: no guard may lean on the likeness. */
const blind: Embedder = { id: 'blind', embed: (texts) => Promise.resolve(texts.map(() => Float32Array.of(0.6, 0.8))) }

describe('The shipped pairs', () => {
  it('are enough, in both languages, and none is there twice', () => {
    const pairs = shippedPairs()
    for (const language of ['en', 'zh']) {
      const own = pairs.filter((pair) => pair.language === language)
      assert.ok(own.length >= 300 && own.filter(({ half }) => half === 'held out').length >= 50)
      assert.equal(new Set(own.map(({ a, b }) => `${a}\n${b}`)).size, own.length)
      for (const { a, b, kind } of own) assert.ok(a !== b && b.length > 3 && /^[a-z-]+$/.test(kind), `${a} ${b}`)
    }
  })

  it('have no false hit by words, and most of those that mean the same are found', async () => {
    using call = openCall({ tenant: 'a' })
    const likeness = likenessBy()
    const at = { threshold: likeness.threshold, guarded: true }
    const compared = await comparePairs(shippedPairs(), likeness, call)
    assert.deepEqual(
      compared.filter((pair) => !pair.same && isHit(pair, at)).map(({ a, b }) => [a, b]),
      [],
    )
    for (const language of ['en', 'zh']) {
      const { recall } = ratesOf(
        compared.filter((pair) => pair.language === language),
        at,
      )
      assert.ok(recall > 0.7, `${language} ${recall}`)
    }
    const rates = sweep(compared, true)
    const lowest = recommended(rates) ?? assert.fail('no threshold is good enough')
    assert.ok(lowest <= likeness.threshold)
    assert.equal(recommended(sweep(compared, false)), undefined)
  })

  it('that deny, count or name something else are none, however alike an embedder says that they are', async () => {
    using call = openCall({ tenant: 'a' })
    const compared = await comparePairs(shippedPairs(), likenessBy(blind), call)
    assert.ok(compared.every(({ likeness }) => likeness > 0.999))
    const kinds = new Set(['negation', 'number', 'unit', 'question-word', 'tense'])
    assert.deepEqual(
      compared.filter(({ kind, difference }) => kinds.has(kind) && difference === undefined).map(({ a, b }) => [a, b]),
      [],
    )
    const { falseRate } = ratesOf(compared, { threshold: 0.9, guarded: true })
    assert.ok(falseRate < 0.05)
  })
})

describe('Pairs of one’s own', () => {
  it('are read from JSON lines, with the language they are written in', () => {
    const pairs = readPairs(
      '\uFEFF{"a":"x?","b":"y?","same":true}\n\n{"a":"甲？","b":"乙？","same":false,"kind":"k"}\n',
      'f',
    )
    assert.deepEqual(
      pairs.map(({ language, kind, same }) => [language, kind, same]),
      [
        ['en', 'same', true],
        ['zh', 'k', false],
      ],
    )
  })

  it('are refused by line', () => {
    assert.throws(() => readPairs('{"a":"x","b":"y","same":true}\nnothing', 'f.jsonl'), /Line 2 of f\.jsonl.*«nothing»/)
    assert.throws(() => readPairs('{"a":"","b":"y","same":true}', 'f'), { code: 'invalid' })
    assert.throws(() => readPairs('\n', 'f.jsonl'), /f\.jsonl holds no pair/)
  })
})

it('an interval of Wilson is as published, and never outside 0 to 1', () => {
  // Newcombe (1998), table I: 81 of 263, and 0 of 20.
  assert.deepEqual(
    wilson(81, 263).map((share) => share.toFixed(4)),
    ['0.2553', '0.3662'],
  )
  assert.deepEqual(
    wilson(0, 20).map((share) => share.toFixed(4)),
    ['0.0000', '0.1611'],
  )
  assert.deepEqual(wilson(0, 0), [0, 1])
})
