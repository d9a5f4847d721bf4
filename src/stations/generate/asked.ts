// A question without the terms that only ask: "how many" and 多少天 name the kind of answer, which no text need repeat, so
// they must not count as something that is missing from it.

import { questionTokens } from '../../text/analyse.ts'
import { foldHan } from '../../text/han-folding.ts'
import { inverseFrequency } from '../search/query.ts'
import type { Query } from '../search/query.ts'

const asking = new RegExp(
  [
    String.raw`\bhow (?:many|much|long|often|far|old|soon)\b`,
    String.raw`\b(?:I|we|you) (?:get|need|want)\b`,
    // 是多少钱, 有几天: with the verb in front and what is counted behind.
    '[是有]?(?:多少|几)(?:[天年月日次个元块钱人岁米点]|小时|分钟|公里)?',
    '[是有在]?(?:什么|哪里|哪儿|哪个|哪些|谁|怎么|怎样)',
    // 我今年能, 我们要: whose it is and when it is asked.
    '[我你]们?(?:今年|今天|现在)?[能有会要]?',
  ].join('|'),
  'giu',
)

/** The query without what only asks; the same one when it has nothing of the kind, or nothing else. */
export function withoutAsking(query: Query): Query {
  const spans = Array.from(foldHan(query.text).matchAll(asking), ({ index, 0: { length } }) => [index, index + length])
  if (spans.length === 0) return query
  const unknown = inverseFrequency(query.statistics.passages, 0)
  const rarity = new Map(query.terms.map(({ term, idf }) => [term, idf]))
  const asks = new Set<string>()
  const says = new Set<string>()
  for (const { term, start, end } of questionTokens(query.text)) {
    const within = spans.some(([from = 0, to = 0]) => from <= start && end <= to)
    // A word across the edge that no passage holds was cut in the wrong place: 多少天年假 has no 天年.
    const across = () =>
      spans.some(([from = 0, to = 0]) => from < end && start < to) && (rarity.get(term) ?? 0) >= unknown
    if (within || across()) asks.add(term)
    else says.add(term)
  }
  const dropped = query.terms.filter(({ term }) => asks.has(term) && !says.has(term))
  const terms = query.terms.filter((one) => !dropped.includes(one))
  if (dropped.length === 0 || terms.length === 0) return query
  const total = query.total - dropped.reduce((sum, { weight, idf }) => sum + weight * idf, 0)
  return total > 0 ? { ...query, terms, total } : query
}
