// What a key costs, and that none stands for two things.

import { cached, keyOf } from '../../src/cache/index.ts'
import { different, refused, same } from '../../src/cache/key.fixture.ts'
import { atMost, median, round } from '../harness.ts'
import type { Found, Stage } from './scenario.ts'

const word = 'Words of a passage, “quoted”, with\nlines and numbers like 3.14. '

/** Arguments as they come: a question with options, one with five passages (4.4 KB), one with 64 (some 60 KB). */
const subjects = {
  small: [{ question: 'Why is the sky blue?', top: 5, mode: 'extractive' }],
  rag: ragOf(5),
  large: ragOf(64),
}

function ragOf(passages: number): unknown[] {
  const texts = Array.from({ length: passages }, (_, at) => ({
    id: `handbook:${at}`,
    text: word.repeat(13),
    score: 0.5 + at / 100,
  }))
  return [{ question: 'Why is the sky blue, and since when do we know?', passages: texts, temperature: 0.2 }]
}

export async function keys(stage: Stage): Promise<Found> {
  const rows = []
  let ragMicros = Number.NaN
  for (const [name, subject] of Object.entries(subjects)) {
    const times = stage.many(name === 'large' ? 1_000 : 10_000)
    const micros: number[] = []
    for (let pass = 0; pass < 4 * stage.rounds; pass++) {
      const began = performance.now()
      for (let at = 0; at < times; at++) keyOf(subject)
      micros.push(((performance.now() - began) / times) * 1_000)
    }
    const best = Math.min(...micros)
    rows.push({
      scenario: 'keys',
      arguments: name,
      jsonBytes: JSON.stringify(subject).length,
      microsecondsMedian: round(median(micros)),
      microsecondsBest: round(best),
    })
    if (name === 'rag') ragMicros = median(micros)
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
