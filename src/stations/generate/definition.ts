// "What is a lock?" wants the sentence that begins with the lock and says what it is.

/** What a question wants to have defined, in lower case; undefined when it asks for something else. */
export function topicOf(question: string): string | undefined {
  const asked = question.normalize('NFKC').trim().toLowerCase()
  for (const pattern of wanted) {
    const topic = pattern.exec(asked)?.[1]?.trim()
    if (topic !== undefined && topic !== '') return topic
  }
  return undefined
}

const wanted = [
  /^(?:what(?:'s|’s| is| are)|define) (?:an? |the )?([\p{L}\p{N}][^,;:?!.]{0,40}?)(?: in [\p{L}\p{N} ]{1,30})?\??$/u,
  /^what does (?:an? |the )?([^,;:?!.]{1,40}?) (?:mean|stand for)\??$/u,
  /^(?:请问)?什么(?:是|叫做?)([^，。？?！!,]{1,30})[?？]?$/u,
  /^([^，。？?！!,]{1,30}?)(?:是什么(?:意思)?|是指什么|指的是什么|的定义是什么)[?？]?$/u,
]

/**
 * How well a sentence defines a topic: 1 when it begins with it and says what it is or how it is called otherwise, 0.5
 * when it gives it as the name of something, 0.4 when it only begins with it.
 */
export function defines(topic: string, sentence: string): number {
  const text = sentence
    .normalize('NFKC')
    .toLowerCase()
    .replace(/^[\s\p{P}\p{S}]+/u, '')
  const start = /^(?:an? |the )/.exec(text)?.[0].length ?? 0
  const one = topic.length > 4 && /[^s]s$/.test(topic) ? topic.slice(0, -1) : topic
  if (!text.startsWith(one, start)) return text.includes(`(${topic})`) ? 0.5 : 0
  const after = text.slice(start + one.length).replace(/^(?:e?s)?(?!\p{L})["'”’`*]*/u, '')
  if (/^\s*\([^)]{1,60}\)/.test(after) || says.test(after)) return 1
  return /^\p{L}/u.test(after) ? 0 : 0.4
}

/** What follows the topic of a definition, up to the verb or colon. */
const says =
  /^\s*(?:,[^,]{1,60},\s*)?(?:(?:is|are|means?|refers? to|denotes?|describes?|stands? for|makes?|keeps?|lets?)\b|:|是|指|即|就是|意思|意味|让|使|保证|表示)/
