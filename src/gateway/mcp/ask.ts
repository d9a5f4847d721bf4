// The tool `ask`: a question in, an answer with numbered citations out.

import { z } from 'zod'
import { phrasesFor } from '../../answering/phrases.ts'
import { AndonError } from '../../core/errors.ts'
import type { AnswerEnd, AnswerEvent, Citation, Question } from '../../core/question.ts'
import { citation } from '../replies-passages.ts'
import { recomputedFigure } from '../replies-tools.ts'
import { count } from '../replies-parts.ts'
import { questionText, sessionId } from '../schemas.ts'
import { ownTool } from './own-tool.ts'
import { addressOf, placeOf } from './places.ts'
import { filterIn, searchedIn } from './searched-in.ts'
import type { Errand } from './visit.ts'

const input = z.strictObject({
  question: questionText.describe('A whole question, in any language.'),
  ...searchedIn,
  sessionId: sessionId.optional().describe('A conversation to go on with: any name. Follow-ups are understood.'),
  mode: z.enum(['auto', 'extractive']).optional().describe('extractive: sentences of the documents, and no model.'),
  tools: z.boolean().optional().describe("Whether the answer may use Andon's other tools. Default: by its options."),
})

const output = z.strictObject({
  answerId: z.string(),
  text: z.string().describe('Markdown; [n] points to the citation with this marker.'),
  citations: z.array(
    citation.extend({
      marker: count.describe('The n of [n].'),
      uri: z.string().describe('The cited place as a resource.'),
    }),
  ),
  confidence: z
    .enum(['answered', 'uncertain', 'refused'])
    .describe('How well the documents support it. refused: they do not say.'),
  mode: z.enum(['generated', 'extractive']),
  model: z.string().exactOptional(),
  unsupported: z.array(z.string()).describe('Sentences that no passage confirms.'),
  figures: z.array(recomputedFigure).exactOptional().describe('Figures that were worked out again.'),
  toolRuns: z
    .array(z.strictObject({ name: z.string(), ok: z.boolean() }))
    .exactOptional()
    .describe('The tools that the answer used.'),
  notes: z.array(z.string()).describe('Why the answer is less than it could be, for people.'),
  sessionId: z.string().exactOptional(),
})

/** The tool `ask`. It stands in the lane of questions. */
export const askTool = ownTool({
  name: 'ask',
  title: 'Ask the documents',
  description:
    'Answers a question from the documents kept in Andon, with numbered citations of the exact places. Says so when the documents do not tell.',
  scope: 'ask',
  input,
  output,
  async run({ question, collections, filter, sessionId, mode, tools }, errand) {
    return answered(
      {
        text: question,
        ...filterIn({ collections, filter }),
        ...(sessionId === undefined ? {} : { sessionId }),
        ...(mode === undefined ? {} : { mode }),
        ...(tools === undefined ? {} : { tools }),
        ...(errand.budgetMs === undefined ? {} : { budgetMs: errand.budgetMs }),
      },
      errand,
    )
  },
})

async function answered(question: Question, errand: Errand): Promise<{ text: string; value: z.output<typeof output> }> {
  const { factory, visit, caller } = errand
  using _place = await visit.enter('question', caller.signal)
  const cited = new Map<number, Citation>()
  const doubtful: { start: number; end: number }[] = []
  let written = ''
  let end: AnswerEnd | undefined
  for await (const event of factory.ask(question, caller)) {
    if (event.type === 'text-delta') written += event.text
    else if (event.type === 'citation') cited.set(event.marker, event.citation)
    else if (event.type === 'sentence-checked' && !event.supported) doubtful.push(event)
    else if (event.type === 'answer-end') end = event
    const words = happening(event, written)
    if (words !== undefined) errand.progress(words)
  }
  if (end === undefined) throw new AndonError('internal', 'The answer ended without its last event.')
  if (cited.size === 0) for (const [index, each] of end.citations.entries()) cited.set(index + 1, each)
  const citations = [...cited]
    .sort(([one], [other]) => one - other)
    .map(([marker, each]) => ({ ...each, marker, uri: addressOf(each.documentId, each) }))
  const { id, text, confidence, mode, model, figures, toolRuns } = end
  const unsupported = doubtful.map(({ start, end: stop }) => text.slice(start, stop).trim())
  const notes = end.degraded.map(({ message }) => message)
  return {
    text: [
      text,
      citations.map((each) => `[${each.marker}] ${placeOf(each)} (document ${each.documentId})`).join('\n'),
      ...(unsupported.length === 0 ? [] : [`(${phrasesFor(question.text).unconfirmed(unsupported)})`]),
      ...notes.map((note) => `(${note})`),
    ]
      .filter((part) => part !== '')
      .join('\n\n'),
    value: {
      answerId: id,
      text,
      citations,
      confidence,
      mode,
      ...(model === undefined ? {} : { model }),
      unsupported,
      ...(figures === undefined ? {} : { figures }),
      ...(toolRuns === undefined ? {} : { toolRuns: toolRuns.map(({ name, ok }) => ({ name, ok })) }),
      notes,
      ...(end.sessionId === undefined ? {} : { sessionId: end.sessionId }),
    },
  }
}

/** What a waiting client is told of an event. */
function happening(event: AnswerEvent, written: string): string | undefined {
  switch (event.type) {
    case 'stage-start':
      return event.stage
    case 'passages-found':
      return `${event.passages.length} passages found`
    case 'sentence-checked':
      return written.slice(event.start, event.end).trim() || undefined
    case 'tool-call':
      return `calling ${event.name}`
    case 'tool-approval':
      return `${event.approval.tool} waits for a person's word in Andon (approval ${event.approval.id})`
    case 'answer-degraded':
      return event.degradation.message
    default:
      return undefined
  }
}
