// Passages that were found inside documents, with the words that were searched for marked; each opens its place.

import { useEffect, useState } from 'preact/hooks'
import type { Found } from '../../../../src/core/question.ts'
import { ApiError, sendJson } from '../../api/client.ts'
import { langOfText } from '../../language.ts'
import { query as address } from '../../router.ts'
import { announce } from '../../parts/announcer.tsx'
import { Failed } from '../../parts/loaded.tsx'
import { Countdown, Notice } from '../../parts/notice.tsx'
import { t } from './words.ts'

/** Characters of a passage that are shown. */
const shownLength = 320

/** What is found for these words, in one folder or in all. */
export function Hits({
  text,
  folder,
  opened,
}: {
  text: string
  folder: string | undefined
  opened: string | undefined
}) {
  const [found, setFound] = useState<readonly Found[] | undefined>()
  const [error, setError] = useState<ApiError | undefined>()
  const [round, setRound] = useState(0)
  useEffect(() => {
    const leaving = new AbortController()
    const filter = folder === undefined ? {} : { filter: { collections: [folder] } }
    sendJson<{ found: Found[] }>('POST', '/v1/search', { text, k: 20, ...filter }, { signal: leaving.signal }).then(
      (reply) => {
        setFound(reply.found)
        setError(undefined)
        announce(t('search.found', { n: reply.found.length }))
      },
      (reason: unknown) => reason instanceof ApiError && setError(reason),
    )
    return () => leaving.abort()
  }, [text, folder, round])
  const again = (): void => setRound((count) => count + 1)
  if (error?.status === 429)
    return (
      <Notice>
        <Countdown key={round} ms={error.retryAfterMs ?? 2000} onDone={again}>
          {(s) => t('search.busy', { s })}
        </Countdown>
      </Notice>
    )
  if (error) return <Failed error={error} again={again} />
  if (found === undefined) return null
  if (found.length === 0) return <Notice title={t('search.none')}>{t('search.none.what')}</Notice>
  return (
    <section class="lib-hits">
      <p class="sm sec num">{t('search.found', { n: found.length })}</p>
      <ul>
        {found.map(({ passage }) => (
          <li key={passage.id}>
            <a
              href={placeOf(passage.documentId, passage.start, passage.end, text)}
              aria-current={opened === passage.documentId ? 'true' : undefined}
            >
              <span class="row">
                <b class="ell">{passage.documentName}</b>
                <span class="grow ell mut xs">{passage.headings.join(' › ')}</span>
                {passage.page !== undefined && <span class="mut xs num nowrap">{t('pages', { n: passage.page })}</span>}
              </span>
              <span class="lib-hit" lang={langOfText(passage.text)}>
                <Marked text={passage.text} query={text} />
              </span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  )
}

function placeOf(id: string, start: number, end: number, text: string): string {
  const query = new URLSearchParams(address.value)
  query.set('at', `${start}-${end}`)
  query.set('q', text)
  return `/library/${encodeURIComponent(id)}?${query}`
}

/** The part of a passage around the first word that was searched for, with all of them marked. */
function Marked({ text, query }: { text: string; query: string }) {
  const words = wordsIn(query)
  const pattern = words.length === 0 ? undefined : new RegExp(`(${words.join('|')})`, 'giu')
  const from = pattern === undefined ? 0 : richest(text, pattern)
  const part = text.slice(from, from + shownLength).replaceAll(/\s*\n+/g, ' ')
  const pieces = pattern === undefined ? [part] : part.split(pattern)
  return (
    <>
      {from > 0 && '… '}
      {pieces.map((piece, index) => (index % 2 === 1 ? <mark key={index}>{piece}</mark> : piece))}
      {from + shownLength < text.length && ' …'}
    </>
  )
}

/** Where the part begins that has most of the different words. */
function richest(text: string, pattern: RegExp): number {
  const matches = [...text.matchAll(pattern)].slice(0, 500)
  let best = { at: 0, count: 0 }
  for (const [from, { index: at }] of matches.entries()) {
    const near = matches.slice(from).filter(({ index }) => index < at + shownLength - 100)
    const count = new Set(near.map(([word]) => word.toLowerCase())).size
    if (count > best.count) best = { at, count }
  }
  return best.at <= 100 ? 0 : best.at - 60
}

/** Words worth marking: of Chinese, whose words have no spaces between, pairs of characters. */
function wordsIn(query: string): string[] {
  const words = query.match(/[\p{Letter}\p{Number}]+/gu) ?? []
  return words
    .flatMap((word) => {
      if (!/\p{Script=Han}/u.test(word)) return word.length > 2 ? [`\\b${word}`] : []
      return word.length <= 2 ? [word] : Array.from({ length: word.length - 1 }, (_, at) => word.slice(at, at + 2))
    })
    .sort((a, b) => b.length - a.length)
}
