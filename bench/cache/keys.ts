// What a key costs, and that none stands for two things.

import { cached, keyOf } from '../../src/cache/index.ts'
import { different, refused, same } from '../../src/cache/key.fixture.ts'
import { atMost, median, round } from '../harness.ts'
import type { Found, Stage } from './scenario.ts'

const words = 'Words of a passage, "quoted", with\nlines and numbers like 3.14. '
const typeset = words.replaceAll('"quoted"', '“quoted”')
const chinese = '段落里的词语，“引文”，还有换行\n和 3.14 这样的数字。'

/**
 * Arguments as they come: a question with options, one with five passages (4.4 KB), one with 64. Letters beyond Latin-1
 * take two bytes in memory and more in the hash, so texts with them stand beside.
 */
const subjects = {
  'a question and options': [{ question: 'Why is the sky blue?', top: 5, mode: 'extractive' }],
  'with five passages': ragOf(5, words),
  'with five passages, typographic quotes': ragOf(5, typeset),
  'with five passages, Chinese': ragOf(5, chinese.repeat(2)),
  'with 64 passages': ragOf(64, words),
}

function ragOf(passages: number, text: string): unknown[] {
  const texts = Array.from({ length: passages }, (_, at) => ({
    id: `handbook:${at}`,
    text: text.repeat(13),
    score: 0.5 + at / 100,
  }))
  return [{ question: 'Why is the sky blue, and since when do we know?', passages: texts, temperature: 0.2 }]
}

export async function keys(stage: Stage): Promise<Found> {
  const rows = []
  let ragMicros = Number.NaN
  for (const [name, subject] of Object.entries(subjects)) {
    // Passes of some milliseconds, so that other programs leave the best of them alone.
    const times = name === 'with 64 passages' ? 50 : 500
    const micros: number[] = []
    for (let each = 0; each <= stage.rounds; each++) {
      let best = Infinity
      for (let pass = 0; pass < 20; pass++) {
        const began = performance.now()
        for (let at = 0; at < times; at++) keyOf(subject)
        best = Math.min(best, ((performance.now() - began) / times) * 1_000)
      }
      if (each > 0) micros.push(best)
    }
    rows.push({
      scenario: 'keys',
      arguments: name,
      jsonBytes: Buffer.byteLength(JSON.stringify(subject)),
      microseconds: round(median(micros)),
    })
    if (name === 'with five passages') ragMicros = median(micros)
  }
  const collisions = different.filter(([, a, b]) => keyOf(a) === keyOf(b)).length
  const apart = same.filter(([, a, b]) => keyOf(a) !== keyOf(b)).length
  using f = cached((_given: unknown) => 1, { name: 'refuses' })
  let accepted = 0
  for (const [, value] of refused)
    await f(value).then(
      () => accepted++,
      () => {},
    )
  return {
    rows,
    gates: [
      atMost('keys: µs for the key of a question with five passages', ragMicros, 10),
      atMost(`keys: collisions in ${different.length} pitfalls`, collisions, 0),
      atMost(`keys: of ${same.length} pairs that mean the same, with two keys`, apart, 0),
      atMost(`keys: of ${refused.length} arguments without a canonical form, accepted`, accepted, 0),
    ],
  }
}
