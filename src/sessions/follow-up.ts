// A question that leans on the one before ("And for the next one?", "那2020年呢？") becomes a whole question, by rules:
// the question before plus the words of its own, or the question before with one part exchanged.

import { ownWords, parallelPart } from './own-words.ts'
import type { Turn } from '../core/question.ts'

/** Where to go in a list, table or page from what answered before. */
export type Navigation = 'next' | 'previous' | 'last' | 'first'

export interface FollowUp {
  /** The question to ask instead; the question itself when it stands alone. */
  resolved: string
  followUp: boolean
  /** It asks for a neighbour of what answered before: see `neighbourOf`. */
  navigation?: Navigation
  /**
   * Other readings worth trying, best first; among them the question as asked where it may stand alone, because a short
   * whole question looks like a follow-up. Keep the reading that answers best: see `betterOf`.
   */
  alternatives: string[]
}

const opening = /^(?:and|what about|how about|or|so|then|also|but)\b|^(?:那么?|还有|還有|另外|然后|然後|而)/i
const pointing =
  /\b(?:it|its|they|them|their|theirs|that|this|those|these|one|ones|he|she|him|his|her|hers|same|former|latter|next|previous|following|last|above|below|there)\b|[它他她]|[这這那](?:个|個|些|种|種|样|樣|里|裡|家|位|项|項|是|会|會|有|时|時|本|部|座|款|次)|上述|前者|后者|後者|该(?![死当])|該(?![死當])|其中|[上下前后後]一|呢\s*[?？]?$|[最]后|最後/i
const openingOnly = /呢\s*[?？]?$/

const navigations: [RegExp, Navigation][] = [
  [/\b(?:the |its )?(?:last|final)\b(?! (?:year|month|week|quarter|time|night|decade|century)s?\b)|最[后後]/i, 'last'],
  [/\bthe (?:very )?first\b|第一[个個项項条條行节節种種]|首[个個项項]/i, 'first'],
  [
    /\b(?:above|previous|preceding|prior)\b|\b(?:one|item|row|level) (?:before|up)\b|\bnext\b[^.?]*\bup\b|[上前]一|上面|之前的?那/i,
    'previous',
  ],
  [
    /\b(?:next|below|following)\b|\bafter (?:that|this|it)\b|\b(?:one|item|row|level) (?:after|down)\b|[下后後]一|下面|接下来|接下來|之[后後]的?那/i,
    'next',
  ],
]

/** A follow-up has at most this many words of its own; with no sign of leaning at all, at most one. */
const mostOwnWords = 3
/** In a longer question a pronoun stands for something of its own: "a member who left their team". */
const mostLeaningWords = 6

/**
 * Reads a question in the light of what was said before. Without an earlier question it always stands alone. Rules
 * only: costs microseconds, knows English and Chinese, and errs towards follow-up for short questions.
 */
export function resolveFollowUp(question: string, turns: readonly Turn[]): FollowUp {
  const before = turns.findLast(({ role }) => role === 'user')
  const alone: FollowUp = { resolved: question, followUp: false, alternatives: [] }
  if (before === undefined || question.trim() === '') return alone
  const own = ownWords(question)
  const leans = opening.test(question.trim()) || pointing.test(question)
  if (!(leans && own.length <= mostOwnWords) && own.length > 1)
    return leans && own.length <= mostLeaningWords ? leaning(question, before) : alone
  if (!leans && own.length === 1 && isWholeQuestion(question)) return alone

  const earlier = (before.resolved ?? before.text).trim()
  const navigation = navigations.find(([pattern]) => pattern.test(question))?.[1]
  const joined = own.length === 0 ? earlier : `${earlier} ${own.join(' ')}`
  const parallel =
    navigation === undefined && (opening.test(question.trim()) || openingOnly.test(question.trim()) || !leans)
  const exchanged = parallel ? parallelPart(earlier, own.join(' ')) : undefined
  // "And for …?" and questions without a word of their own never stand alone.
  const bare = own.length > 0 && !opening.test(question.trim()) ? [question] : []
  const readings = [...(exchanged === undefined ? [] : [exchanged]), joined, ...bare]
  const [resolved = question, ...alternatives] = [...new Set(readings)]
  return { resolved, followUp: true, ...(navigation === undefined ? {} : { navigation }), alternatives }
}

/** One of several readings of a question with what came of it. */
export interface Reading {
  /** The refusal score of its answer. */
  score: number
}

/**
 * The reading to keep: the highest refusal score, the earlier one among equals. The first is what the rules prefer, and
 * yields only to one that is better by more than `lead` (default 0.5: scores of different questions wobble that much).
 */
export function betterOf<Item extends Reading>(readings: readonly [Item, ...Item[]], lead = 0.5): Item {
  const [first, ...others] = readings
  let best = first
  for (const reading of others) {
    if (reading.score > best.score + (best === first ? lead : 0)) best = reading
  }
  return best
}

/** A longer question that points back ("When did they move their office there?") may still stand alone: both are tried. */
function leaning(question: string, before: Turn): FollowUp {
  const pronouns =
    /\b(?:it|its|they|them|their|he|she|him|his|her)\b|[它他她]|^(?:这|這|那|该|該)|上述|前者|后者|後者/i.test(question)
  if (!pronouns) return { resolved: question, followUp: false, alternatives: [] }
  const earlier = (before.resolved ?? before.text).trim()
  return { resolved: question, followUp: true, alternatives: [`${earlier} ${question}`] }
}

/** "What is Andon?": a question word, a verb and a thing need nothing before them. */
function isWholeQuestion(question: string): boolean {
  return (
    /^(?:what|who|where|when|which|how|why|is|are|do|does|did|can)\b.*\b(?:is|are|was|were|do|does|did|can|to|means?)\b/i.test(
      question.trim(),
    ) || /什么|什麼|谁|誰|哪|怎|如何|为何|為何|多少|几|幾|吗|嗎/.test(question)
  )
}
