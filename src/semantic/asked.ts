// What kind of answer a question wants: a person, a time, a place, a reason, a way, a sum, a duration, or yes or no.

import { answerTypes, type AnswerType } from '../text/answer-types.ts'

/** `thing` is what "what" and "which" ask for where their noun does not tell more; absent where nothing tells. */
export type Asked =
  | 'person'
  | 'date'
  | 'place'
  | 'reason'
  | 'manner'
  | 'money'
  | 'duration'
  | 'number'
  | 'measure'
  | 'frequency'
  | 'name'
  | 'thing'
  | 'whether'

const kinds: ReadonlySet<AnswerType> = new Set<AnswerType & Asked>([
  'person',
  'date',
  'place',
  'reason',
  'manner',
  'money',
  'duration',
  'number',
  'measure',
])
/** Said before the question itself. */
const politeness =
  /^(?:(?:please|hi|hello|hey)[,!.]?\s+)*(?:(?:can|could|would|will) you (?:please )?(?:tell|explain|show|say|let)(?: (?:to )?(?:me|us))?(?: know)?|(?:do|would) you know|i(?: would|['’]d) like to know|i want to know|tell me)\s+/i
const manner =
  /\b(?:steps?|procedure|process|way|method)\b.{0,12}\b(?:to|for|of)\b|\bhow (?:can|may|could|would|to|do|does|did|should)\b|\bwhat (?:do|should|can|must|may) (?:i|we|you|one)(?: (?:have|need) to)? do\b/i
const reason = /\bwhat (?:has |have |had |is |was )?(?:caused|causes|causing|made|led to)\b|\breasons?\b|\bhow come\b/i
const author = /\bauthor\b|\bfounder\b/i
const fee =
  /\bfees?\b|\bcharges?\b|\bhow much .{0,30}\b(?:pay|paid|spend)\b|(?:费|价钱|价格).{0,5}(?:多少|几)|多少.{0,5}(?:费|钱)/i
const frequency = /\bhow (?:often|frequently)\b|\bintervals?\b|\bfrequency\b|多久.{0,8}一次|每隔多久|频率/i
const named = /\b(?:called|named|name of|names of)\b|叫什么|又叫|又名|别名|别称|俗称|俗名|名字|名称/i
const thing = /\b(?:what|which)\b|什么|哪/i
const auxiliary =
  /^(?:is|are|was|were|am|do|does|did|can|could|may|might|will|would|shall|should|has|have|had|must|isn|aren|wasn|weren|don|doesn|didn|can|couldn|won|wouldn|shouldn)(?:['’]t)?\b/i
const whether = /吗[？?。！!\s]*$|是否|能否|可否|(.)[不没]\1|有没有|是不是/
const interrogative = /谁|什么|哪|几|多少|多久|多长|多大|怎么|如何|怎样|为何|何时|何处/
const asking = /\b(?:who|whom|whose|when|where|why|how|what|which)\b/i

const due = /\bdeadline\b|\bdue date\b/i
const tells: Readonly<Record<string, Asked>> = {
  who: 'person',
  whom: 'person',
  whose: 'person',
  when: 'date',
  where: 'place',
  why: 'reason',
}

/** Expects Simplified characters. */
export function askedOf(question: string): Asked | undefined {
  let text = question.trim().replace(politeness, '')
  if (/\p{Script=Han}/u.test(text)) {
    if (whether.test(text) && !interrogative.test(text.replace(/什么时候都|几乎/g, ''))) return 'whether'
    if (text.includes('作者')) return 'person'
    if (/导致|造成/.test(text)) return 'reason'
    if (/做什么|怎么做|怎么办/.test(text)) return 'manner'
  } else {
    if (auxiliary.test(text)) return 'whether'
    if (reason.test(text)) return 'reason'
    if (author.test(text)) return 'person'
    if (manner.test(text)) return 'manner'
    const word = asking.exec(text)?.[0].toLowerCase()
    if (word === undefined) return undefined
    const told = tells[word]
    if (told) return told
    if (due.test(text)) return 'date'
    // "What happens when …" asks for no time.
    text = text.replace(/\b(?:who|whom|whose|when|where|why)\b/gi, ' ')
  }
  if (frequency.test(text)) return 'frequency'
  if (fee.test(text)) return 'money'
  const [type] = answerTypes(text)
  if (type !== undefined && isAsked(type)) return type
  if (!thing.test(text)) return undefined
  return named.test(text) ? 'name' : 'thing'
}

function isAsked(type: AnswerType): type is AnswerType & Asked {
  return kinds.has(type)
}

/** Amounts of any kind are asked for in each other's words: "how many days", "how much", "what is the length". */
const amounts: ReadonlySet<Asked> = new Set<Asked>(['money', 'duration', 'number', 'measure'])
/** "Which team", "what is the price". */
const things: ReadonlySet<Asked> = new Set<Asked>([...amounts, 'thing', 'person'])

/** Whether two questions want answers of different kinds. */
export function wantsOther(one: Asked | undefined, other: Asked | undefined): boolean {
  if (one === other || one === undefined || other === undefined) return false
  if (one === 'name' || other === 'name') return one !== 'person' && other !== 'person'
  if (one === 'thing' || other === 'thing') return !things.has(one === 'thing' ? other : one)
  const [vague, exact] = one === 'number' || one === 'measure' ? [one, other] : [other, one]
  return !((vague === 'number' || vague === 'measure') && amounts.has(exact))
}
