// Numbers in a text, by value: digits with separators and scales ("1,577", "1.5 million", "3万5千"), English number
// words and Chinese numerals, so that a figure can be compared however it is written.

/** A number that stands in a text. Offsets count UTF-16 units. */
export interface NumberFact {
  start: number
  end: number
  text: string
  /** What it is worth, scale included: "1.5 million" is 1500000. The sign is left to the words around it. */
  value: number
  percent: boolean
  /** It names its scale ("million", "亿"): tables often say it once in a header instead. */
  scaled: boolean
  /** Significant digits as written, for comparing a rounded figure. */
  digits: number
  /** Small and spelled out ("one of them", "两者"): evidence when it is there, no claim worth checking. */
  weak: boolean
}

const scales: Record<string, number> = {
  hundred: 100,
  thousand: 1e3,
  million: 1e6,
  billion: 1e9,
  trillion: 1e12,
  mn: 1e6,
  bn: 1e9,
  十: 10,
  百: 100,
  千: 1e3,
  万: 1e4,
  亿: 1e8,
  兆: 1e12,
}
const letterScales: Record<string, number> = { k: 1e3, m: 1e6, b: 1e9 }

const words: Record<string, number> = Object.fromEntries(
  (
    'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen ' +
    'eighteen nineteen twenty'
  )
    .split(' ')
    .map((word, value) => [word, value]),
)
'thirty forty fifty sixty seventy eighty ninety'.split(' ').forEach((word, index) => (words[word] = 30 + 10 * index))
words.dozen = 12

const hanDigits: Record<string, number> = {
  零: 0,
  〇: 0,
  一: 1,
  二: 2,
  两: 2,
  三: 3,
  四: 4,
  五: 5,
  六: 6,
  七: 7,
  八: 8,
  九: 9,
}

const wordAlternatives = Object.keys(words).join('|')
const anyWord = `(?:${wordAlternatives}|hundred|thousand|million|billion|trillion)`
const digitsPattern =
  /(?<![A-Za-z0-9_.])(?<currency>[$€£¥])?\s?(?<figure>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?![\d]|\.\d)(?:(?<letter>[kKmMbB])(?![A-Za-z0-9])|[ \u00a0-]?(?<scale>hundred|thousand|million|billion|trillion|mn|bn)s?(?![A-Za-z])|\s?(?<han>[十百千万亿兆]+(?:\d+[十百千万亿]*)*))?(?:\s?(?<percent>%|percent|per cent))?/gi
const wordsPattern = new RegExp(
  `(?<![A-Za-z])(?:a\\s+(?=hundred|thousand|million|billion|dozen))?${anyWord}(?:[\\s-]+(?:and\\s+)?${anyWord})*(?![A-Za-z])`,
  'gi',
)
const hanPattern = /(?<![\d.])[零〇一二两三四五六七八九十百千万亿]+(?!分之)/g

/** Numbers of a text in order. Digits inside a name ("GPT-4", "1.2.3") are no numbers. Fold Chinese before. */
export function numbersIn(text: string): NumberFact[] {
  const plain = narrow(text)
  const found: NumberFact[] = []
  for (const match of plain.matchAll(digitsPattern)) {
    // The 4 of "GPT-4".
    if (/[A-Z]-$/.test(plain.slice(Math.max(0, match.index - 2), match.index))) continue
    const fact = digitsFact(match)
    if (fact) found.push({ ...fact, text: text.slice(fact.start, fact.end) })
  }
  for (const match of plain.matchAll(wordsPattern)) {
    const value = englishValue(match[0])
    if (value === undefined) continue
    const end = match.index + match[0].length
    if (overlaps(found, match.index, end)) continue
    found.push({
      start: match.index,
      end,
      text: text.slice(match.index, end),
      value,
      percent: /^\s?(?:%|percent|per cent)/i.test(plain.slice(end)),
      scaled: /illion|thousand|hundred/i.test(match[0]),
      digits: significantDigits(String(value)),
      weak: value <= 12,
    })
  }
  for (const match of plain.matchAll(hanPattern)) {
    const value = chineseValue(match[0])
    const end = match.index + match[0].length
    if (value === undefined || overlaps(found, match.index, end)) continue
    found.push({
      start: match.index,
      end,
      text: text.slice(match.index, end),
      value,
      percent: plain.slice(0, match.index).endsWith('百分之'),
      scaled: /[万亿]/.test(match[0]),
      digits: significantDigits(String(value)),
      weak: match[0].length < 2 || value <= 10 || /^[十百千万亿]+$/.test(match[0]),
    })
  }
  return found.sort((one, other) => one.start - other.start)
}

/**
 * Whether a figure of an answer is borne out by a figure of a passage. Values must be equal ("1,577" is "1577" is
 * "1.577 thousand"). `scale` is what the passage says its figures are in (1e6 for "in millions"): then a bare figure
 * of the passage may also stand for that many. With `rounded` ("about", 约) or when the answer's figure names its scale,
 * the passage's figure rounded to as many digits as the answer shows, and at least two, is enough.
 */
export function sameNumber(
  claim: NumberFact,
  evidence: NumberFact,
  options: { scale?: number; rounded?: boolean } = {},
): boolean {
  const values = [evidence.value]
  if (options.scale !== undefined && !evidence.scaled && !evidence.percent) values.push(evidence.value * options.scale)
  return values.some((value) => {
    if (Math.abs(claim.value - value) <= 1e-9 * Math.abs(value)) return true
    if (!(options.rounded || claim.scaled) || claim.digits < 2 || value === 0) return false
    return Number(value.toPrecision(claim.digits)) === Number(claim.value.toPrecision(claim.digits))
  })
}

/** What a text says its figures are in ("in millions", "单位：万元"): the factor, or undefined. */
export function statedScale(text: string): number | undefined {
  const english = /\(?\b(?:in|\$|usd|amounts in)\s*(?:\w+\s+){0,3}(thousand|million|billion)s?\b/i.exec(text)
  if (english?.[1]) return scales[english[1].toLowerCase()]
  const chinese = /单位\s*[:：]?[^\n]{0,6}?([千万百亿]+)/.exec(text)
  return chinese?.[1] ? Array.from(chinese[1]).reduce((factor, unit) => factor * (scales[unit] ?? 1), 1) : undefined
}

function overlaps(found: NumberFact[], start: number, end: number): boolean {
  return found.some((fact) => fact.start < end && start < fact.end)
}

/** Full-width digits and marks as ASCII, length kept. */
function narrow(text: string): string {
  return text.replace(/[０-９．，％＄]/g, (character) => String.fromCharCode(character.charCodeAt(0) - 0xfee0))
}

function digitsFact(match: RegExpExecArray): Omit<NumberFact, 'text'> | undefined {
  const groups = match.groups ?? {}
  const figure = groups.figure
  if (figure === undefined) return undefined
  const lead = match[0].indexOf(figure)
  const start = match.index + (groups.currency === undefined ? lead : 0)
  let end = match.index + match[0].length
  let value = Number(figure.replaceAll(',', ''))
  let scaled = false
  if (groups.scale !== undefined) {
    value *= scales[groups.scale.toLowerCase()] ?? 1
    scaled = true
  } else if (groups.letter !== undefined) {
    // "5m" is five metres more often than five million, unless it is money.
    if (groups.currency === undefined) end -= groups.letter.length
    else {
      value *= letterScales[groups.letter.toLowerCase()] ?? 1
      scaled = true
    }
  } else if (groups.han !== undefined) {
    value = mixedValue(figure.replaceAll(',', '') + groups.han) ?? value
    scaled = true
  }
  return {
    start,
    end,
    value,
    percent: groups.percent !== undefined,
    scaled,
    digits: significantDigits(figure),
    weak: false,
  }
}

/** Digits that count: without leading zeros, and without the trailing zeros of a whole number. */
function significantDigits(figure: string): number {
  const bare = figure.replaceAll(',', '')
  const digits = bare.replace('.', '').replace(/^0+/, '')
  return Math.max(1, bare.includes('.') ? digits.length : digits.replace(/0+$/, '').length)
}

function englishValue(phrase: string): number | undefined {
  let total = 0
  let group = 0
  let seen = false
  for (const part of phrase.toLowerCase().split(/[\s-]+/)) {
    if (part === 'and') continue
    if (part === 'a') {
      group = 1
      continue
    }
    const scale = scales[part]
    const value = words[part]
    if (value !== undefined) group = value === 12 && part === 'dozen' ? Math.max(1, group) * 12 : group + value
    else if (scale === 100) group = Math.max(1, group) * 100
    else if (scale !== undefined) {
      total += Math.max(1, group) * scale
      group = 0
    } else return undefined
    seen = true
  }
  return seen ? total + group : undefined
}

/** A numeral in Chinese characters: by place ("二〇〇八") or with units ("三万五千"). */
function chineseValue(numeral: string): number | undefined {
  if (!/[十百千万亿]/.test(numeral)) return Number(Array.from(numeral, (digit) => hanDigits[digit] ?? '').join(''))
  return mixedValue(numeral)
}

/** Units may follow digits of either script: "1.5亿", "3万5千", "十二". */
function mixedValue(numeral: string): number | undefined {
  let total = 0
  let section = 0
  let current: number | undefined
  for (const [part] of numeral.matchAll(/\d+(?:\.\d+)?|./gu)) {
    const digit = /^\d/.test(part) ? Number(part) : hanDigits[part]
    const unit = scales[part]
    if (digit !== undefined) current = digit
    else if (unit === undefined) return undefined
    else if (unit < 1e4) {
      section += (current ?? (section === 0 ? 1 : 0)) * unit
      current = undefined
    } else {
      const before = section + (current ?? 0)
      total = unit === 1e8 && total > 0 ? (total + before) * unit : total + (before === 0 ? 1 : before) * unit
      section = 0
      current = undefined
    }
  }
  return total + section + (current ?? 0)
}
