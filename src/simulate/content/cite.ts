// Answers from what stands in the prompt: the sentences that hold most of the question's words, each with the number of
// its passage; or that the passages do not say. A heading or a question tells nothing, and is said only where no other
// sentence fits. It understands nothing, which is why its answers can be foretold.
//
// Two forms of context are read: passages between fences, as Andon's own prompt has them, and lines that begin with
// a number in brackets.

import { splitSentences } from '../../text/sentences.ts'
import { askedTerms, heldTerms } from './overlap.ts'
import { isChinese, lastAsked } from './reply.ts'
import type { Asked } from './reply.ts'

/** Share of the question's words, by weight, that a sentence and its heading must hold. */
const enough = 0.5
/** How near to the best another sentence must come to be said too. */
const near = 0.8
const mostSentences = 3

interface Numbered {
  number: string
  heading: string
  text: string
}

interface Candidate {
  number: string
  text: string
  /** Neither a heading nor a question. */
  tells: boolean
  terms: Set<string>
  heading: Set<string>
}

/** The answer, or undefined when the prompt holds no passages at all. */
export function citeContext(asked: Asked): string | undefined {
  const passages = asked.messages.flatMap(({ role, content }) => (role === 'system' ? [] : passagesIn(content)))
  if (passages.length === 0) return undefined
  const question = questionIn(lastAsked(asked))
  const candidates = passages.flatMap(sentencesOf)
  const asks = askedTerms(question)
  const telling = choose(
    asks,
    candidates.filter(({ tells }) => tells),
  )
  const chosen = telling.length > 0 ? telling : choose(asks, candidates)
  if (chosen.length === 0)
    return isChinese(question) ? '[none] 这些段落没有说明所问的内容。' : '[none] The passages do not say this.'
  return chosen.map(cited).join(isChinese(question) ? '' : ' ')
}

function passagesIn(content: string): Numbered[] {
  const fenced = content.matchAll(/^=== (\S+) passage (\d+) ===\n(?:Source: ([^\n]*)\n)?([\s\S]*?)\n=== \1 end ===$/gm)
  const found = [...fenced].map(([, , number = '', heading = '', text = '']) => ({ number, heading, text }))
  if (found.length > 0) return found
  return [...content.matchAll(/^\[(\d{1,3})\][ \t]+(.+(?:\n(?!\[\d|\s*$).+)*)/gm)].map(
    ([, number = '', text = '']) => ({ number, heading: '', text }),
  )
}

/** What is asked: what stands behind the last "Question:" of a prompt, in either language, or else its last line. */
function questionIn(content: string): string {
  const marked = [...content.matchAll(/(?:^|\n)(?:Question|问题)\s*[:：]\s*([^\n]+)/g)].at(-1)?.[1]
  return marked ?? content.trim().split('\n').at(-1) ?? ''
}

function sentencesOf({ number, heading, text }: Numbered): Candidate[] {
  const above = heldTerms(heading)
  const titles = new Set(heading.replace(/(?: \(page \d+\))?(?:, document \S+)?$/, '').split(' › '))
  return splitSentences(text).flatMap(({ start, end }) => {
    const sentence = text.slice(start, end).replace(/\s+/g, ' ')
    // The mark of a passage that was cut, and headings, say nothing.
    if (sentence.length < 4 || sentence.startsWith('#') || sentence.endsWith(' …')) return []
    const tells = !/[?？][)"'”’）」』]*$/.test(sentence) && !titles.has(sentence)
    return [{ number, text: sentence, tells, terms: heldTerms(sentence), heading: above }]
  })
}

/** The best sentences, in the order in which they stand. Rare words count for more. */
function choose(asked: ReadonlySet<string>, candidates: readonly Candidate[]): Candidate[] {
  const weights = new Map<string, number>()
  for (const term of asked) {
    const holders = candidates.filter(({ terms }) => terms.has(term)).length
    weights.set(term, Math.log(1 + (candidates.length + 1) / (holders + 0.5)))
  }
  const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0)
  if (total === 0) return []
  const scored = candidates.map((candidate) => {
    let own = 0
    let whole = 0
    for (const [term, weight] of weights) {
      if (candidate.terms.has(term)) own += weight
      if (candidate.terms.has(term) || candidate.heading.has(term)) whole += weight
    }
    return { candidate, own: own / total, whole: whole / total }
  })
  const best = Math.max(...scored.map(({ own }) => own), 0)
  const said = new Set<string>()
  return scored
    .filter(({ own, whole }) => whole >= enough && own > 0 && own >= best * near)
    .map(({ candidate }) => candidate)
    .filter(({ text }) => !said.has(text) && said.add(text))
    .slice(0, mostSentences)
}

/** The sentence with its mark before the last stop. */
function cited({ text, number }: Candidate): string {
  const [stop = ''] = /[.!?。！？…]*$/.exec(text) ?? []
  const body = text.slice(0, text.length - stop.length).replace(/^[-*+•]\s+/, '')
  return `${body}${isChinese(body) ? '' : ' '}[${number}]${stop || (isChinese(body) ? '。' : '.')}`
}
