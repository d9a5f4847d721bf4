// What the words around a figure say that it is: a sum, a difference, a change in percent, a share, an average, so many
// times, so much per something, so many years. In English and Chinese; Chinese is folded before.

import type { Figure } from './figure.ts'
import type { Kind } from './operations.ts'

const change =
  /\b(?:increas|decreas|grew|grow|ris[ei]|rose|fell|fall|declin|drop|gain|improv|reduc|shr[aiu]nk|jump|surg|up\b|down\b|higher|lower|chang|year[- ]over[- ]year|yoy|expand|contract(?:ed|ion)|climb|slump|soar|doubl)|增|降|升|减|涨|跌|同比|环比|变化|提高|下滑/i
const share =
  /\b(?:of|share|portion|proportion|percentage|accounts?|accounted|represent|compris|made up|ratio|margin|rate|yield|payout|conversion)\b|占|比例|比重|比率|率|份额/i
const difference =
  /\b(?:difference|differ|gap|more|less|fewer|exceed|by|remain|left|excess|shortfall|surplus|deficit|spread|ahead|behind|apart|older|younger|longer|shorter|taller|higher|lower|extra|balance)\b|相差|差|多|少|超|剩|余|净/i
const sum =
  /\b(?:total(?:l?ing|s|l?ed)?|sum|combined|together|altogether|aggregate|overall|in all|both|add|adding|cumulative|entire)\b|合计|总|共|之和|累计|加起来|全部/i
const average = /\b(?:average|averag|mean|on average)\w*\b|平均|均/i
const per =
  /\b(?:per|each|every|apiece|a (?:day|year|month|week|person|share|unit)|density|rate|earnings)\b|每|人均|单位|均/i
const times = /^[\s-]?(?:times|fold|x\b|×)(?!\s*[\d(])|^\s?倍/i
const years = /^[\s-]?(?:years?|yrs?)\b|^\s?(?:余|多)?(?:周?年|岁)/i

/** What a figure of a sentence can be. `said` are the kinds that its words name; the others are only possible. */
export function kindsOf(figure: Figure, sentence: string): { said: Kind[]; possible: Kind[] } {
  const before = sentence.slice(Math.max(0, figure.fact.start - 90), figure.fact.start)
  const after = sentence.slice(figure.fact.end, figure.fact.end + 60)
  const around = `${before} ${after}`
  const asTimes = times.test(after)
  if (figure.class === 'year') return { said: [], possible: [] }
  if (asTimes) return { said: ['times'], possible: [] }
  if (years.test(after) && figure.class === 'plain') return { said: ['years'], possible: [] }
  const said: Kind[] = []
  if (figure.class === 'points') return { said: ['difference'], possible: [] }
  if (figure.class === 'percent') {
    if (change.test(around)) said.push('change')
    if (share.test(around)) said.push('share')
    if (difference.test(around) && /point|百分点/i.test(after)) said.push('difference')
    if (average.test(around)) said.push('average')
    return { said, possible: ['change', 'share'] }
  }
  if (sum.test(around)) said.push('sum')
  if (average.test(around)) said.push('average', 'per')
  if (change.test(around) || difference.test(around)) said.push('difference')
  if (per.test(around)) said.push('per')
  if (/\b(?:ratio|multiple)\b|比率|倍/i.test(around)) said.push('times')
  return { said: [...new Set(said)], possible: ['difference', 'sum'] }
}

/** How a kind is called, for a person. */
export const nameOf: Record<Kind, string> = {
  change: 'change in percent',
  share: 'share',
  difference: 'difference',
  sum: 'sum',
  average: 'average',
  per: 'quotient',
  times: 'ratio',
  years: 'number of years',
}
