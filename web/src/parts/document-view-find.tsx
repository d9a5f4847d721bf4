// Searching inside one document: the whole of it, piece by piece, wherever its window stands.

import { useEffect, useState } from 'preact/hooks'
import { useKeys } from '../keyboard.ts'
import { Button } from './button.tsx'
import { piecesOfText } from './document-view-window.ts'
import { t } from './document-view-words.ts'
import { Icon } from './icon.tsx'

/** Characters that are searched at most, and matches that are counted. */
const farthest = 8_000_000
const mostMatches = 2_000

/** What is searched for, and where it stands. */
export interface Search {
  query: string
  setQuery: (query: string) => void
  /** Offsets, in order. */
  matches: readonly number[]
  /** Whether all was searched. */
  done: boolean
  /** Which match is looked at; -1 for none. */
  current: number
  move: (by: 1 | -1) => void
}

/** Searches a document of this length. `from` is where its reader stands: the first match behind it is looked at first. */
export function useSearch(id: string, length: number | undefined, from: () => number, initial = ''): Search {
  const [query, setQuery] = useState(initial)
  const [matches, setMatches] = useState<readonly number[]>([])
  const [done, setDone] = useState(false)
  const [current, setCurrent] = useState(-1)
  useEffect(() => setQuery(initial), [id, initial])
  useEffect(() => {
    setMatches([])
    setCurrent(-1)
    setDone(false)
    const wanted = query.trim()
    if (wanted === '' || length === undefined) return undefined
    const leaving = new AbortController()
    const timer = setTimeout(() => void search(wanted, length, leaving.signal), 200)
    return () => {
      clearTimeout(timer)
      leaving.abort()
    }
  }, [id, query, length])

  async function search(wanted: string, whole: number, signal: AbortSignal): Promise<void> {
    const found: number[] = []
    const place = from()
    const pattern = patternOf(wanted)
    let base = 0
    let tail = ''
    try {
      for await (const piece of piecesOfText(id, { start: 0, end: Math.min(whole, farthest) }, signal)) {
        // What stands across two pieces is found with the end of the one before.
        const text = tail + piece
        for (const { index } of text.matchAll(pattern)) {
          const at = base - tail.length + index
          if (found.length < mostMatches && at > (found.at(-1) ?? -1)) found.push(at)
        }
        base += piece.length
        tail = text.slice(text.length - wanted.length + 1)
        if (found.length >= mostMatches) break
      }
    } catch {
      // Nobody answers: the page says so above.
    }
    if (signal.aborted) return
    setMatches(found)
    const next = found.findIndex((at) => at >= place)
    setCurrent(found.length === 0 ? -1 : Math.max(0, next))
    setDone(true)
  }

  const move = (by: 1 | -1): void => {
    if (matches.length > 0) setCurrent((at) => (at + by + matches.length) % matches.length)
  }
  return { query, setQuery, matches, done, current, move }
}

/** The field, how many there are, and the way to the next. */
export function FindBar({ search, length }: { search: Search; length: number }) {
  const { query, matches, done, current } = search
  useKeys({ Escape: () => (query === '' ? false : search.setQuery('')) })
  return (
    <search class="dv-find num">
      <div class="dv-field">
        <Icon name="search" />
        <input
          type="search"
          class="field"
          placeholder={t('find')}
          aria-label={t('find')}
          value={query}
          onInput={(event) => search.setQuery(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape' && query !== '') {
              event.preventDefault()
              event.stopPropagation()
              search.setQuery('')
            }
            if (event.key !== 'Enter' || event.isComposing) return
            event.preventDefault()
            search.move(event.shiftKey ? -1 : 1)
          }}
        />
      </div>
      <span class="sec nowrap" role="status">
        {query.trim() === '' || !done
          ? ''
          : matches.length === 0
            ? t('find.none')
            : t(matches.length >= mostMatches ? 'find.more' : 'find.count', { a: current + 1, b: matches.length })}
        {done && length > farthest && <span class="vh">{t('find.far', { n: farthest })}</span>}
      </span>
      <Button
        kind="ghost"
        icon="left"
        label={t('find.previous')}
        disabled={matches.length === 0}
        onClick={() => search.move(-1)}
      />
      <Button
        kind="ghost"
        icon="right"
        label={t('find.next')}
        disabled={matches.length === 0}
        onClick={() => search.move(1)}
      />
    </search>
  )
}

/** Finds the words as they were typed, whatever their case and the white space between them. */
function patternOf(wanted: string): RegExp {
  const escaped = wanted.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&').replaceAll(/\s+/g, '\\s+')
  return new RegExp(escaped, 'giu')
}
