// Says the answer: the documents' own sentences, composed and cited.

import type { AnswerEvent, Citation, Confidence, Passage, Usage } from './core/question.ts'
import type { Findings } from './finding.ts'
import { composeExtract } from './stations/generate/extract-answer.ts'
import type { Meant } from './understanding.ts'

/** What was said. */
export interface Said {
  text: string
  mode: 'generated' | 'extractive'
  /** Whether it is a whole answer; a model that failed in the middle leaves a part. */
  complete: boolean
  confidence: Confidence
  citations: Citation[]
  unsupported: number
  citationsRemoved: number
  usage?: Usage
}

/** Quotes the documents: the whole answer, or what follows the part that a model left. */
export async function* sayExtract(
  meant: Meant,
  findings: Findings,
  part: Said | undefined,
): AsyncGenerator<AnswerEvent, Said> {
  const passages = new Map<string, Passage>(findings.passages.map(({ passage }) => [passage.id, passage]))
  const composed = composeExtract(meant.asked, findings.extraction, passages)
  yield { type: 'text-delta', text: composed.text }
  for (const [at, citation] of composed.citations.entries()) yield { type: 'citation', marker: at + 1, citation }
  return {
    text: composed.text,
    mode: 'extractive',
    complete: true,
    confidence: composed.confidence,
    citations: composed.citations,
    unsupported: 0,
    citationsRemoved: 0,
  }
}

export interface SayingParts {
  placeholder?: never
}
export async function* sayGenerated(): AsyncGenerator<AnswerEvent, Said> {
  throw new Error('later')
}
