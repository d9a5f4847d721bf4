// Takes the step that a follow-up asks for: from what was cited last to the neighbouring row, item or section, which
// then answers before anything that was searched.

import type { Call } from '../core/station.ts'
import type { Passage } from '../core/question.ts'
import type { Findings } from './find.ts'
import { neighbourOf } from '../sessions/navigate.ts'
import type { Library, PassageIndex } from '../stores/store.ts'
import type { Step } from './understand.ts'

export interface NavigatingParts {
  library: Pick<Library, 'text' | 'blocks'>
  index: Pick<PassageIndex, 'passagesById'>
}

/** A longer document is not walked through on the loop that serves everybody. */
const longest = 2_000_000
/** How far the neighbour's passage may be from the cited one. */
const reach = { back: 20, on: 60 }

/** The findings with the neighbour in front; unchanged when there is none. */
export async function takeStep(step: Step, findings: Findings, call: Call, parts: NavigatingParts): Promise<Findings> {
  const { documentId, passageId, start, end } = step.from
  const [text, blocks] = await Promise.all([
    parts.library.text(call.tenant, documentId, { start: 0, end: longest + 1 }),
    parts.library.blocks(call.tenant, documentId),
  ])
  if (text === undefined || blocks === undefined || text.length > longest) return findings
  const span = neighbourOf({
    text,
    blocks,
    cited: { start, end },
    navigation: step.navigation,
    question: step.question,
  })
  if (!span) return findings
  const passage = await passageAround(span.start, passageId, call, parts.index)
  const [top] = findings.passages
  if (!passage || !top) return findings
  const until = Math.min(span.end, passage.end)
  const { extraction } = findings
  const neighbour = {
    passageId: passage.id,
    start: span.start,
    end: until,
    text: text.slice(span.start, until),
    score: top.score,
  }
  const others = extraction.sentences.filter(
    (sentence) => sentence.end <= span.start || sentence.start >= until || sentence.passageId !== passage.id,
  )
  const scored = {
    ...(findings.passages.find((each) => each.passage.id === passage.id) ?? top),
    passage,
    score: top.score,
  }
  const rest = findings.passages.filter((each) => each.passage.id !== passage.id)
  // Where its document was found anyway, it takes no place from another document.
  const known = rest.some((each) => each.passage.documentId === documentId)
  return {
    ...findings,
    passages: known ? [...rest, scored] : [scored, ...rest],
    extraction: {
      ...extraction,
      sentences: [neighbour, ...others].slice(0, Math.max(1, extraction.sentences.length)),
      continuation: [],
      confidence: extraction.confidence === 'refused' ? 'uncertain' : extraction.confidence,
    },
  }
}

/** The passage that holds a place, looked for around one that is known. */
async function passageAround(
  place: number,
  near: string,
  call: Call,
  index: NavigatingParts['index'],
): Promise<Passage | undefined> {
  const cut = near.lastIndexOf('.')
  const ordinal = Number(near.slice(cut + 1))
  const from = Math.max(0, ordinal - reach.back)
  const ids = Array.from({ length: ordinal + reach.on - from }, (_, at) => `${near.slice(0, cut)}.${from + at}`)
  const passages = await index.passagesById(call.tenant, ids)
  return passages.find(({ start, end }) => start <= place && place < end)
}
