// Numerals as exact numbers: digits with separators and scales ("1,234.5", "1.5 million", "3万5千"), and Chinese
// characters ("三万五千", "二〇〇八").

import { powerOfTen, Rational } from './rational.ts'

const scales: Record<string, number> = {
  hundred: 2,
  thousand: 3,
  million: 6,
  mn: 6,
  mio: 6,
  billion: 9,
  bn: 9,
  trillion: 12,
  tn: 12,
  十: 1,
  百: 2,
  千: 3,
  万: 4,
  亿: 8,
  兆: 12,
}
const digits = '零一二三四五六七八九'
const hanDigit: Record<string, number> = { 〇: 0, 两: 2 }
for (const [value, digit] of Array.from(digits).entries()) hanDigit[digit] = value

/** "million" as 1000000. */
export function scaleNamed(word: string): Rational | undefined {
  const power = scales[word.toLowerCase().replace(/(?<=[a-z]{4})s$/, '')]
  return power === undefined ? undefined : powerOfTen(power)
}

/** Reads digits with commas, underscores or thin spaces between thousands. They must be in place. */
export function digitsValue(text: string): Rational {
  return Rational.parse(text.replace(/[,_\u00a0\u2009\u202f]/g, ''))
}

/** Whether a character may be a part of a Chinese numeral. */
export function isHanNumeral(character: string): boolean {
  return character in hanDigit || /^[十百千万亿]$/.test(character)
}

/** Reads a Chinese numeral; digits of our kind may stand among its units ("1.5亿", "3万5千"). Undefined when it is none. */
export function hanValue(numeral: string): Rational | undefined {
  if (!/[十百千万亿]/.test(numeral)) {
    const text = Array.from(numeral, (digit) => hanDigit[digit] ?? '').join('')
    return /^\d+$/.test(text) && text.length === Array.from(numeral).length ? Rational.parse(text) : undefined
  }
  let [total, section] = [Rational.zero, Rational.zero]
  let current: Rational | undefined
  for (const [part] of numeral.matchAll(/\d+(?:\.\d+)?|./gu)) {
    const digit = /^\d/.test(part)
      ? Rational.parse(part)
      : part in hanDigit
        ? Rational.of(hanDigit[part] ?? 0)
        : undefined
    const power = scales[part]
    if (digit !== undefined) current = digit
    else if (power === undefined) return undefined
    else if (power < 4) {
      section = section.plus((current ?? (section.sign === 0 ? Rational.one : Rational.zero)).times(powerOfTen(power)))
      current = undefined
    } else {
      const before = section.plus(current ?? Rational.zero)
      const counted = before.sign === 0 && total.sign === 0 ? Rational.one : before
      total = power === 8 ? total.plus(counted).times(powerOfTen(8)) : total.plus(counted.times(powerOfTen(power)))
      ;[section, current] = [Rational.zero, undefined]
    }
  }
  return total.plus(section).plus(current ?? Rational.zero)
}
