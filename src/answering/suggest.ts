// Up to three questions that the documents answer next, without a model: from the sections beside what was cited, and
// those that were found and not cited. Only such whose own words find their section again.

import { openCall, remaining } from '../core/call.ts'
import type { Citation, Confidence, Filter, Passage, Turn } from '../core/question.ts'
import { one, type Call } from '../core/station.ts'
import { SpanTimer } from '../observe/span.ts'
import type { Findings, FindingParts } from './find.ts'
import type { Order } from './order.ts'
import { languageOf, questionsIn, termsOf, topicOf, type Topic } from './topics.ts'

const most = 3
/** Topics that are tried: each costs a search. */
const tried = 5
/** Among so many passages found by a question, one of its section must be. */
const foundAmong = 3
/** Passages before and behind a cited one that are looked at. */
const around = { back: 2, on: 5 }
/** Of one document. */
const mostOfDocument = 2
/** With less time left than so many times what looking may take, nothing is suggested. */
const worth = 5

export interface Suggesting {
  asked: string
  turns: readonly Turn[]
  filter: Filter
  findings: Findings
  said: { citations: readonly Citation[]; confidence: Confidence }
}

/** Suggests questions, best first; none when none suggests itself, or little time is left. Never fails. */
export async function suggest(
  { asked, turns, filter, findings, said }: Suggesting,
  call: Call,
  order: Order,
  parts: FindingParts,
): Promise<string[]> {
  const language = languageOf(asked)
  const budgetMs = parts.options.answers.suggestMs
  if (language === undefined || budgetMs === 0) return []
  if (remaining(call) < worth * budgetMs) {
    order.skipped.push('suggest')
    return []
  }
  const timer = new SpanTimer(call, { station: 'suggest' })
  // A call of its own: its searches are not those of the answer.
  using own = openCall({ tenant: call.tenant, signal: call.signal, budgetMs, ...(call.key ? { key: call.key } : {}) })
  try {
    // Of a refusal there is nothing to be beside of.
    const neighbours = said.confidence === 'refused' ? [] : await beside(said.citations, own, parts)
    const asking = new Set(termsOf(findings.text))
    const others = uncited(findings, said.citations).filter((each) => isNear(each, asking))
    const before = [asked, findings.text, ...turns.flatMap(questionsOf)].map((text) => new Set(termsOf(text)))
    const sections = new Set(said.citations.map(({ documentId, headings }) => sectionKey(documentId, headings)))
    const within = (passage: Passage): Topic[] => questionsIn(passage, placesIn(passage, said.citations), language)
    const beyond = (passage: Passage): Topic[] =>
      sections.has(sectionKey(passage.documentId, passage.headings)) ? [] : [topicOf(passage, language) ?? []].flat()
    const topics = chosen([
      ...findings.passages.flatMap(({ passage }) =>
        placesIn(passage, said.citations).length > 0 ? within(passage) : [],
      ),
      ...[...neighbours, ...others].flatMap((passage) => [beyond(passage), within(passage)].flat()),
    ])
      .filter(({ terms }) => !before.some((words) => terms.every((term) => words.has(term))))
      .slice(0, tried)
    const holds = await Promise.all(topics.map((topic) => findsItself(topic, filter, own, parts)))
    const questions = topics.flatMap(({ question }, at) => (holds[at] ? question : [])).slice(0, most)
    timer.done(order.phrases.suggested(questions.length))
    return questions
  } catch (reason) {
    timer.failed(reason)
    call.signal.throwIfAborted()
    order.skipped.push('suggest')
    return []
  }
}

/** The passages around the first places cited. */
async function beside(citations: readonly Citation[], call: Call, { index }: FindingParts): Promise<Passage[]> {
  const ids = new Set<string>()
  for (const { passageId } of citations.slice(0, 2)) {
    const cut = passageId.lastIndexOf('.')
    const ordinal = Number(passageId.slice(cut + 1))
    // What follows comes before what precedes.
    for (let step = 1; step <= around.on; step++) ids.add(`${passageId.slice(0, cut)}.${ordinal + step}`)
    for (let step = 1; step <= Math.min(around.back, ordinal); step++)
      ids.add(`${passageId.slice(0, cut)}.${ordinal - step}`)
  }
  if (ids.size === 0) return []
  const found = new Map((await index.passagesById(call.tenant, [...ids])).map((passage) => [passage.id, passage]))
  return [...ids].flatMap((id) => found.get(id) ?? [])
}

function uncited({ passages, others }: Findings, citations: readonly Citation[]): Passage[] {
  const cited = new Set(citations.map(({ passageId }) => passageId))
  return [...passages, ...others].map(({ passage }) => passage).filter(({ id }) => !cited.has(id))
}

/** Whether the headings of a passage say something of what was asked: that its text does is no kinship. */
function isNear({ title, headings }: Passage, asking: ReadonlySet<string>): boolean {
  return headings.some((heading) => heading !== title && termsOf(heading).some((term) => asking.has(term)))
}

function questionsOf({ role, text, resolved }: Turn): string[] {
  return role === 'user' ? [text, ...(resolved === undefined ? [] : [resolved])] : []
}

function placesIn({ id }: Passage, citations: readonly Citation[]): number[] {
  return citations.flatMap(({ passageId, start }) => (passageId === id ? start : []))
}

/** No two alike, and not all of one document. */
function chosen(topics: readonly Topic[]): Topic[] {
  const seen = new Set<string>()
  const ofDocument = new Map<string, number>()
  return topics.filter(({ terms, passage: { documentId } }) => {
    const key = [...terms].sort().join(' ')
    const count = ofDocument.get(documentId) ?? 0
    if (seen.has(key) || count >= mostOfDocument) return false
    seen.add(key)
    ofDocument.set(documentId, count + 1)
    return true
  })
}

async function findsItself(topic: Topic, filter: Filter, call: Call, { search }: FindingParts): Promise<boolean> {
  const { documentId, headings } = topic.passage
  const { found } = await one(search, { text: topic.question, filter, k: foundAmong }, call)
  const section = sectionKey(documentId, headings)
  return found.some(({ passage }) => sectionKey(passage.documentId, passage.headings) === section)
}

function sectionKey(documentId: string, headings: readonly string[]): string {
  return `${documentId}\0${headings.join('\0')}`
}
