// How long one check of a sentence takes, with passages taken apart before: tells whether it may run on the main loop.
//
//   node bench/eval-answers/time-check.ts

import type { Passage } from '../../src/core/question.ts'
import { checkSentence } from '../../src/stations/verify/check.ts'
import { sourceOf } from '../../src/stations/verify/support.ts'
import type { Source } from '../../src/stations/verify/support.ts'

const words =
  'the factory opened in Leeds in 1962 and employed 1,577 people under its director Ada Marsh until the roof'
const passages: Passage[] = Array.from({ length: 6 }, (_, number) => {
  const text = Array.from({ length: 10 }, (__, line) => `On day ${number * 10 + line} ${words} number ${line} leaked.`)
  return {
    id: `d${number}.1.0`,
    documentId: `d${number}`,
    documentName: `d${number}`,
    title: 'Acme',
    collection: 'default',
    headings: [],
    kind: 'paragraph',
    ordinal: 0,
    start: 0,
    end: 1_000,
    text: text.join(' '),
  }
})
const kept = new Map<string, Source>()
const prepare = (passage: Passage): Source => {
  const known = kept.get(passage.id) ?? sourceOf(passage)
  kept.set(passage.id, known)
  return known
}
const sentences = ['The factory opened in Leeds in 1962.', 'It employed 1,578 people on 5 March 1962 under Ada Marsh.']
const times: number[] = []
for (let round = 0; round < 2_000; round++) {
  const sentence = `${sentences[round % 2] ?? ''} ${round}`
  const started = performance.now()
  checkSentence({ sentence, cited: ['d1.1.0', 'd2.1.0'], passages }, prepare)
  times.push(performance.now() - started)
}
const sorted = times.slice(100).sort((one, other) => one - other)
const at = (share: number): number => Number((sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(3))
console.log(
  JSON.stringify({ milliseconds: { p50: at(0.5), p99: at(0.99), first: Number((times[0] ?? 0).toFixed(1)) } }),
)
