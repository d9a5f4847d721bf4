// An answer as it is copied: its text without what the reader left out, and its sources, numbered.

import type { Told } from './telling.ts'
import { t } from './words.ts'

/** The text to copy. */
export function copyOf(told: Told, leftOut: readonly number[]): string {
  let text = told.text
  for (const { start, end } of told.checked.toReversed())
    if (leftOut.includes(start))
      text = text.slice(0, start).trimEnd() + (text[start - 1] === '\n' ? '\n' : '') + text.slice(end)
  const used = new Set([...text.matchAll(/\[(\d+)\]/g)].map(([, number]) => Number(number)))
  const sources = told.citations.flatMap((source, index) => {
    if (!used.has(index + 1)) return []
    const headings = source.headings.filter((each) => each !== source.title)
    const page = source.page === undefined ? '' : `, ${t('page', { n: source.page })}`
    return [`[${index + 1}] ${[source.title, ...headings].join(' › ')} (${source.documentName}${page})`]
  })
  return [text.trim(), ...(sources.length === 0 ? [] : ['', t('sources'), ...sources]), ''].join('\n')
}
