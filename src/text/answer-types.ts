// What kind of thing a question asks for (a date, a number, a person …) and whether a sentence holds one. English and
// Chinese; question classes after Li & Roth, "Learning Question Classifiers", COLING 2002, reduced to what words show.

import { foldHan } from './han-folding.ts'

/** `measure` is a length, weight or area; `manner` answers how, `definition` answers what is. */
export type AnswerType =
  | 'date'
  | 'number'
  | 'money'
  | 'percent'
  | 'duration'
  | 'measure'
  | 'person'
  | 'place'
  | 'reason'
  | 'manner'
  | 'definition'

/** Types whose answer holds a figure. */
export const figureTypes: ReadonlySet<AnswerType> = new Set(['number', 'money', 'percent', 'duration', 'measure'])

/** Types that are told by a word beside the answer ("because"), so that the word may stand in the question too. */
const cueTypes: ReadonlySet<AnswerType> = new Set(['reason', 'manner', 'definition'])

const month =
  '(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)'
const numberWord =
  '(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|billion|trillion|dozen|half|third|quarter|twice|once)'
const hanDigit = '[0-9零〇一二三四五六七八九十百千万亿两]'
// The hundred most frequent surnames of mainland China, roughly by frequency.
const surname =
  '王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤'

const latinPatterns: Record<AnswerType, RegExp> = {
  date: new RegExp(
    `\\b(1[0-9]{3}|20[0-9]{2})s?\\b|\\b${month}\\b\\.?\\s*\\d{0,2}|\\b\\d{1,2}(?:st|nd|rd|th)?\\s+century|\\b\\d+\\s*(?:bc|ad|bce|ce)\\b|\\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\\b|\\b\\d{1,2}:\\d{2}\\b|\\b\\d{1,2}\\s*(?:a\\.?m|p\\.?m)\\b`,
    'gi',
  ),
  number: new RegExp(`\\d[\\d.,]*|\\b${numberWord}\\b`, 'gi'),
  money: /[$€£¥]\s*\d[\d.,]*|\d[\d,.]*\s*(?:dollars?|euros?|pounds?|usd|eur|gbp|yuan|rmb|yen|cents?|million|billion)/gi,
  percent: /\d[\d.,]*\s*(?:%|percent|per cent)/gi,
  duration: new RegExp(
    `(?:\\d[\\d.,]*|\\b${numberWord}\\b)[\\s-]*(?:second|minute|hour|day|week|month|year|decade|centur)`,
    'gi',
  ),
  measure:
    /\d[\d.,]*\s*(?:-\s*)?(?:km|m|cm|mm|ft|feet|foot|inch(?:es)?|miles?|meters?|metres?|kilomet(?:er|re)s?|acres?|hectares?|square|sq|kg|tons?|tonnes?|pounds?|lbs?|°|degrees?)(?![a-z])/gi,
  person:
    /\b[A-Z][\p{L}'.-]+(?:\s+(?:[A-Z][\p{L}'.-]*|de|van|von|of|the|bin|al|la|da))*\s+[A-Z][\p{L}'.-]+|\b[A-Z][\p{L}'-]+/gu,
  place: /\b(?:in|at|from|near|to|of|on)\s+(?:the\s+)?[A-Z][\p{L}'-]+|[A-Z][\p{L}'-]+,\s+[A-Z]/gu,
  reason:
    /\b(?:because|since|due to|owing to|so that|as a result|in order to|caused? by|thanks to|reason|therefore|thus|hence|led to|to (?:avoid|ensure|make|prevent|allow|reduce|increase|protect))\b/gi,
  manner: /\b(?:by|through|using|via|with|first|then|step)\b/gi,
  definition: /\b(?:is|are|was|were|means|refers? to|known as|called|defined as)\b/gi,
}

const hanPatterns: Record<AnswerType, RegExp> = {
  date: new RegExp(
    `${hanDigit}{1,4}\\s*(?:年|月|日|号|世纪|时|点|年代)|公元|星期|周[一二三四五六日]|[春夏秋冬]季|清晨|凌晨|[0-9]{4}`,
    'g',
  ),
  number: new RegExp(`${hanDigit}+`, 'g'),
  money: new RegExp(`${hanDigit}[\\d.,]*\\s*(?:元|块|美元|万元|亿元|英镑|欧元|日元|港元|角|分|[万亿])`, 'g'),
  percent: /%|百分之|成(?!为|立|功)/g,
  duration: new RegExp(`${hanDigit}+\\s*个?(?:多|半)?(?:秒|分钟?|小时|天|日|周|星期|月|年|世纪|年代)`, 'g'),
  measure: new RegExp(
    `${hanDigit}[\\d.,]*\\s*(?:多|余)?(?:米|公里|千米|里|厘米|毫米|平方|公顷|亩|英里|英尺|吨|公斤|千克|克|度|℃|层)`,
    'g',
  ),
  person: new RegExp(
    `[${surname}][\\u4e00-\\u9fff]{1,2}|[\\u4e00-\\u9fff]{1,6}[·・•][\\u4e00-\\u9fff]{1,8}|[A-Z][a-z]+`,
    'g',
  ),
  place:
    /[\u4e00-\u9fff]{1,8}(?:省|市|县|区|州|国|镇|乡|村|岛|山|河|湖|海|洋|路|街|道|站|港|洲|城|寺|宫|院|馆|大学|学校|地区|部|边)|位于|坐落|在[\u4e00-\u9fff]/g,
  reason: /因为|由于|因此|所以|为了|原因|导致|因而|以便|使得|故而?|出于|鉴于|是因|缘于|造成|引起/g,
  manner: /通过|利用|采用|使用|方法|步骤|首先|然后|可以|打开|点击|选择|以.{1,12}方式/g,
  definition: /是|指|即|称为|叫做|意思|定义|：|:/g,
}

/** What asks for which type; `alone` types are added only when nothing before them was. Each may add a fallback. */
interface Cue {
  pattern: RegExp
  types: AnswerType[]
  /** Only when no type has been found yet. */
  alone?: boolean
  /** Not when this type has been found. */
  unless?: AnswerType
}

const latinCues: Cue[] = [
  {
    pattern: /\bhow much (?:money|did .* cost|does .* cost|is .* worth)|\bprice\b|\bcost\b|\bsalary\b|\bbudget\b/,
    types: ['money', 'number'],
  },
  { pattern: /\bpercent(age)?\b|\bproportion\b/, types: ['percent', 'number'] },
  {
    pattern: /\bhow long\b|\bhow many (?:years|days|months|weeks|hours|minutes)/,
    types: ['duration', 'number'],
  },
  {
    pattern: /\bhow (?:tall|high|far|deep|wide|big|large|heavy|fast|hot|cold)\b/,
    types: ['measure', 'number'],
  },
  {
    pattern:
      /\bhow (?:many|much|old|often)\b|\bwhat (?:number|amount|is the (?:total |maximum |minimum |average )?(?:number|amount|population|rate|limit))|\bpopulation\b/,
    types: ['number'],
    alone: true,
  },
  {
    pattern: /\bwhen\b|\b(?:what|which) (?:year|date|day|month|decade|century|time|period)|\bwhat's the date/,
    types: ['date'],
  },
  {
    pattern:
      /\bwho(?:m|se)?\b|\bwhich (?:person|player|president|king|scientist|author)|\bwhat (?:person|player|man|woman)/,
    types: ['person'],
  },
  {
    pattern:
      /\bwhere\b|\b(?:what|which) (?:city|country|state|place|county|region|location|town|continent|area|river|street|building|stadium)/,
    types: ['place'],
  },
  {
    pattern: /\bwhy\b|\bwhat (?:caused?|is the reason|was the reason|reason)|\bfor what (?:reason|purpose)|\bpurpose\b/,
    types: ['reason'],
  },
  { pattern: /^how (?:do|does|did|can|is|are|to|should|was|were)\b/, types: ['manner'], alone: true },
  {
    pattern: /\bwhat (?:name|is the name)|\bwhat was the name|\bnamed?\b|\bcalled\b/,
    types: ['person'],
    alone: true,
  },
]

const hanCues: Cue[] = [
  { pattern: /多少(钱|元|块)|价格|票价|费用|售价|造价|几块|几元/, types: ['money', 'number'] },
  { pattern: /百分之|比例|占.*多少|几成/, types: ['percent', 'number'] },
  {
    pattern: /多久|多长时间|几(天|年|个月|小时|分钟|周)(?!代|份)|多少(天|年|个月|小时|分钟)/,
    types: ['duration', 'number'],
  },
  {
    pattern: /多(高|长|宽|深|远|大|重|厚)|面积|海拔|高度|长度|宽度|体重|身高|距离/,
    types: ['measure', 'number'],
    alone: true,
  },
  {
    pattern:
      /哪(一)?(年|月|日|天|个月|一天|个世纪|个年代|段时间|个时期)|何时|什么时候|几(月|号|点|日)|时间|日期|何年|什么年代|年份|生日/,
    types: ['date'],
    unless: 'duration',
  },
  {
    pattern: /多少|几(个|次|名|人|座|位|种|条|级|部|所|届|支|集|章|层|只|本|家|项|类|分|场)|人数|数量|第几|人口/,
    types: ['number'],
    alone: true,
  },
  { pattern: /谁|何人|哪(一)?(位|名|个人)|什么人|人物是|作者|导演|创始人|主演|校长|主席|总统/, types: ['person'] },
  {
    pattern:
      /哪里|哪儿|何地|何处|在哪|哪(一)?个?(国|省|市|县|区|城|地|州|洲|岛|镇|村|路)|什么(地方|位置|国家|城市|省)|地点|位于|位置|起点|首都/,
    types: ['place'],
    unless: 'date',
  },
  { pattern: /为什么|为何|原因|何故|怎么会|缘由|因何/, types: ['reason'] },
  { pattern: /怎么(?!样|会)|如何|怎样|方法|步骤|方式/, types: ['manner'], alone: true },
  { pattern: /是什么|什么是|什么意思|定义|含义|指什么/, types: ['definition'], alone: true },
]

const han = /[\u4e00-\u9fff]/

/** The types of thing that a question asks for, most likely first; empty when its words do not tell. */
export function answerTypes(question: string): AnswerType[] {
  const folded = foldHan(question)
  const chinese = han.test(folded)
  const text = chinese ? folded : folded.toLowerCase()
  const types: AnswerType[] = []
  for (const cue of chinese ? hanCues : latinCues) {
    if (cue.alone && types.length > 0) continue
    if (cue.unless && types.includes(cue.unless)) continue
    if (!cue.pattern.test(text)) continue
    for (const type of cue.types) if (!types.includes(type)) types.push(type)
  }
  return types
}

/** A stretch of text that could be an answer of some type. Offsets count UTF-16 units of the text searched. */
export interface TypedSpan {
  start: number
  text: string
}

/**
 * Where `sentence` holds something of `type` that `question` does not say already (words like "because" count always).
 * Both texts must be folded by `foldHan`, which keeps offsets. At most `limit` spans (default 12), in order.
 */
export function typedSpans(type: AnswerType, question: string, sentence: string, limit = 12): TypedSpan[] {
  const chinese = han.test(sentence)
  const lower = question.toLowerCase()
  const patterns = [chinese ? hanPatterns[type] : latinPatterns[type]]
  if (chinese && type !== 'person' && type !== 'place') patterns.push(latinPatterns[type])
  const spans: TypedSpan[] = []
  for (const pattern of patterns) {
    for (const match of sentence.matchAll(pattern)) {
      if (spans.length >= limit) return spans
      if (type === 'person' && !chinese && match.index === 0 && match[0].length < 4) continue
      if (!cueTypes.has(type) && lower.includes(match[0].toLowerCase())) continue
      spans.push({ start: match.index, text: match[0] })
    }
  }
  return spans
}

/**
 * Whether a sentence holds the kind of thing asked for: 1 for the first type, 0.6 for a later one, else 0.
 * Both texts must be folded by `foldHan`.
 */
export function typeScore(types: readonly AnswerType[], question: string, sentence: string): number {
  for (const [place, type] of types.entries()) {
    if (typedSpans(type, question, sentence, 1).length > 0) return place === 0 ? 1 : 0.6
  }
  return 0
}
