// The figures of a question: numbers with their units, dates and versions, each written one way, so that two questions
// have the same figures when the lists are the same.

import { datesIn } from '../text/date-facts.ts'
import { numbersIn } from '../text/number-facts.ts'

/** Ways of writing a unit; the first is how it is compared. */
const units = `
second seconds sec secs s 秒 秒钟
minute minutes min mins 分钟
hour hours hr hrs h 小时 钟头 个小时
day days 天 日
week weeks wk 周 星期 个星期
month months 个月
year years yr yrs 年 岁
usd $ dollar dollars 美元 美金
eur € euro euros 欧元
gbp £ pound pounds 英镑
cny ¥ yuan rmb 元 块 人民币
jpy yen 日元
quarter quarters 季度 个季度
percent % per-cent
km kilometer kilometers kilometre kilometres 公里 千米
m meter meters metre metres 米
cm centimeter centimeters centimetre centimetres 厘米
mm 毫米
mile miles 英里
foot feet ft 英尺
inch inches 英寸
kg kilogram kilograms 公斤 千克
g gram grams 克
mg milligram milligrams 毫克
ton tons tonne tonnes 吨
l liter liters litre litres 升
ml milliliter milliliters millilitre millilitres 毫升
v volt volts 伏 伏特
w watt watts 瓦 瓦特
kw kilowatt kilowatts 千瓦
a amp amps ampere 安培
celsius °c 摄氏度 ℃
fahrenheit °f 华氏度
kb kilobyte kilobytes
mb megabyte megabytes 兆字节
gb gigabyte gigabytes
tb terabyte terabytes
`
const unitOf = new Map(
  units
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [unit = '', ...others] = line.split(' ')
      return [unit, ...others].map((way) => [way, unit] as const)
    }),
)
const chineseUnits = [...unitOf.keys()]
  .filter((way) => /\p{Script=Han}|[%℃]/u.test(way))
  .sort((a, b) => b.length - a.length)
const currencies = /[$€£¥]/
const ordinals = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth', 'tenth']
const ordinal = new RegExp(`\\b(?:${ordinals.join('|')})\\b|\\b(\\d+)(?:st|nd|rd|th)\\b`, 'gi')
const quarter = /\bq([1-4])\b|\b(first|second|third|fourth) quarter\b/gi
/** Numbers with several dots are names of versions. */
const version = /(?<![\w.])v?\d+(?:\.\d+){2,}(?![\w.])/gi

/** The figures of a text, sorted, and the text with blanks in their place. Expects Simplified characters. */
export function figuresOf(text: string): { figures: string[]; rest: string } {
  const figures: string[] = []
  let rest = text
  const take = (start: number, end: number, figure: string): void => {
    figures.push(figure)
    rest = rest.slice(0, start) + ' '.repeat(end - start) + rest.slice(end)
  }
  const takeAll = (pattern: RegExp, figure: (match: RegExpMatchArray) => string): void => {
    for (const match of rest.matchAll(pattern)) take(match.index, match.index + match[0].length, figure(match))
  }
  takeAll(version, ([whole]) => `v${whole.toLowerCase().replace(/^v/, '')}`)
  takeAll(quarter, ([, number, word = '']) => `${number ?? ordinals.indexOf(word.toLowerCase()) + 1} quarter`)
  for (const { year, month, day, start, end } of datesIn(rest))
    take(start, end, month === undefined ? String(year) : [year, month, day].map((part) => part ?? '').join('-'))
  takeAll(ordinal, ([whole, number]) => String(number ?? ordinals.indexOf(whole.toLowerCase()) + 1))
  for (const { value, percent, weak, start, end } of numbersIn(rest)) {
    // "one of them", "一个" count nothing; "周五" is a day.
    if ((weak && value <= 1) || /(?:周|星期|礼拜)$/.test(rest.slice(0, start))) continue
    const currency = currencies.exec(rest.slice(Math.max(0, start - 1), end))
    const after = percent || currency ? undefined : unitAfter(rest.slice(end))
    const unit = percent ? 'percent' : currency ? unitOf.get(currency[0]) : after?.unit
    take(start, end + (after?.length ?? 0), unit === undefined ? String(value) : `${value} ${unit}`)
  }
  return { figures: figures.sort(), rest }
}

/** The unit that a text begins with, and how much of the text it takes. */
function unitAfter(text: string): { unit: string; length: number } | undefined {
  const gap = /^[\s-]*/.exec(text)?.[0].length ?? 0
  const trimmed = text.slice(gap)
  const way = /^[a-z°]+/i.exec(trimmed)?.[0] ?? chineseUnits.find((each) => trimmed.startsWith(each)) ?? ''
  const unit = unitOf.get(way) ?? unitOf.get(way.toLowerCase())
  return unit === undefined ? undefined : { unit, length: gap + way.length }
}
