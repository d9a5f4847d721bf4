// What a follow-up adds of its own: its words without those that only point or ask; and which part of the question
// before it stands for. Works by patterns, without a dictionary, so that it can run anywhere at once.

import { isEnglishStopWord } from '../text/stop-words.ts'

const pointers = new Set(
  `one ones next previous preceding prior following last final first above below after before that this type level
  category item items row entry listed list down up same thing another else again then okay ok please`.split(/\s+/),
)

/** Chinese that points or asks; the longer ones first. */
const chineseFiller =
  /那么|還有|还有|另外|然后|然後|什么时候|什麼時候|为什么|為什麼|为何|為何|怎么样|怎麼樣|怎么|怎麼|如何|什么|什麼|多少|哪[个個里裡些位年]?|谁|誰|是不是|是否|请问|請問|[这這那][个個些种種样樣里裡]?|第一[个個项項条條]|[上下前后後]一?[个個项項条條行级級位节節层層种種]|接下来|接下來|下面|上面|最[后後](?:一[个個项項条條行])?|之[前后後]|的|了|是|在|呢|吗|嗎|吧|啊|呀|有|几|幾|它们?|他们?|她们?|它們|他們|她們|其|该|該|也|和|与|與|又|再|还|還|对|對|从|從|到|把|被|给|給|一个|一個/g

/** The words of a question that say something, as written, in order. Chinese stays in runs. */
export function ownWords(question: string): string[] {
  const words: string[] = []
  const marked = question.replace(chineseFiller, ' ')
  for (const [word] of marked.matchAll(
    /\d{1,4}(?:年(?:\d{1,2}月)?|月|季度|[章节節日号號])|\p{Script=Han}+|[`#@$]?(?:(?!\p{Script=Han})[\p{L}\p{N}])[^\s,;!?，。；！？、（）()"“”\p{Script=Han}]*/gu,
  )) {
    if (/\p{Script=Han}/u.test(word)) {
      words.push(word)
      continue
    }
    const bare = word.replace(/['’]s$/i, '').replace(/[.:`'’]+$/, '')
    const lower = bare.toLowerCase().replace(/^[`#@$]/, '')
    if (bare === '' || isEnglishStopWord(lower) || pointers.has(lower)) continue
    words.push(bare.replace(/^`/, ''))
  }
  return words
}

/** Kinds of thing that can stand for each other, most telling first: each whole, and as found in a question. */
const shapes = [
  { thing: /(?:1[0-9]|20)\d{2}(?:年(?:\d{1,2}月)?)?/, before: '(?<![\\w.])', after: '(?![\\w.]\\d|\\w)' },
  { thing: /`[^`\n]+`|[#@][\w-]+/, before: '', after: '' },
  { thing: /[A-Z][A-Za-z]*[A-Z][A-Za-z\d]*/, before: '(?<!\\w)', after: '(?!\\w)' },
  { thing: /第[一二三四五六七八九十\d]+[章节節季部期]/, before: '', after: '' },
  { thing: /\d+(?:\.\d+)?(?:st|nd|rd|th)?/, before: '(?<!\\w)', after: '(?!\\w)' },
  // A name, but not the capital that the question begins with.
  { thing: /[A-Z]\p{L}+(?:\s+[A-Z]\p{L}+)*/u, before: '(?<=[\\p{L},] )', after: '' },
].map(({ thing, before, after }) => ({
  whole: new RegExp(`^(?:${thing.source})$`, 'u'),
  inside: new RegExp(`${before}(?:${thing.source})${after}`, 'gu'),
}))

/**
 * The earlier question with the one part exchanged that `part` stands for ("CFO" for CEO, "2020" for 2019), or undefined
 * when it has no part of the same shape or more than one.
 */
export function parallelPart(earlier: string, part: string): string | undefined {
  if (part === '') return undefined
  for (const { whole, inside } of shapes) {
    if (!whole.test(part)) continue
    const [match, another] = earlier.matchAll(inside)
    if (match === undefined || another !== undefined) continue
    if (match[0] === part) return undefined
    return earlier.slice(0, match.index) + part + earlier.slice(match.index + match[0].length)
  }
  return tailExchanged(earlier, part)
}

/** "… for books?" and "for laptops?": what follows the last preposition, when it is short. */
function tailExchanged(earlier: string, part: string): string | undefined {
  const tail = /^(.*\b(?:for|of|in|at|by|about|from|to|with)(?: (?:the|an?))? )((?:[\w&/'-]+ ?){1,3})(\?*)$/is.exec(
    earlier,
  )
  const [, head, , end] = tail ?? []
  return head === undefined || end === undefined ? undefined : `${head}${part}${end}`
}
