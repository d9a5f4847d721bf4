// Who does it and who has it done: "Who hired Smith?", "Who did Smith hire?", "谁打了他", "他打了谁".

/** What the one who is asked for does, or has done; absent where nobody is asked for, or only who somebody is. */
export type Role = 'does' | 'has it done'

const who = /\bwho(?:m|ever)?\b/i
const doesByEnd = /\bby whom\b|\bwho\b.*\bby\s*[?.!]*$/i
const hasBy = /\bwho(?:\s+\w+){0,3}\s+(?:was|were|is|are|been|being|be|got|gets|get)\b.*\bby\b/i
const inverted =
  /\bwhom\b|\bwho (?:did|do|does|didn['’]t|don['’]t|doesn['’]t)\b|\bwho (?:can|could|should|must|may|might|will|would|shall|has|have|had) (?:i|we|you|he|she|they|it|one|the|a|an|my|our|your)\b/i
const identity = /\bwho(?: (?:is|are|was|were|am)\b|['’]s\b)/i

const agent = /谁(?!是)(?=[^的？?。！!\s了呢啊呀]+)/
const agentLater = /[由被让]谁|是谁(?![？?。！!\s呢啊呀]*$)/
const isWho = /[是为叫]谁|谁是/
const patient = /谁[了呢啊呀的]*[？?。！!\s]*$/

/** Expects Simplified characters. */
export function roleOf(question: string): Role | undefined {
  if (question.includes('谁')) {
    if (agentLater.test(question)) return 'does'
    if (isWho.test(question)) return undefined
    if (patient.test(question)) return 'has it done'
    return agent.test(question) ? 'does' : undefined
  }
  if (!who.test(question)) return undefined
  if (doesByEnd.test(question)) return 'does'
  if (hasBy.test(question) || inverted.test(question)) return 'has it done'
  return identity.test(question) ? undefined : 'does'
}
