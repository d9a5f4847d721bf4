// A document, opened at a place: a window of its text with the cited passage marked, which grows as it is scrolled.

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { DocumentInfo } from '../../../src/core/document.ts'
import { ApiError, getJson } from '../api/client.ts'
import { types } from '../keyboard.ts'
import { langOfText } from '../language.ts'
import { Button } from './button.tsx'
import { Blocks, breaksIn, type Place } from './document-view-blocks.tsx'
import { FindBar, useSearch } from './document-view-find.tsx'
import { grown, piecesOfText, textOf, windowAt, type TextWindow } from './document-view-window.ts'
import { t } from './document-view-words.ts'
import { Lamp } from './lamp.tsx'
import { Failed } from './loaded.tsx'
import './document-view.css'

/** What is shown, for whoever stands around it. */
export interface DocumentState {
  kind: 'loading' | 'shown' | 'changed' | 'gone' | 'deleted' | 'failed'
  document?: DocumentInfo
  /** Where the passage stands: its page, or its lines. */
  page?: number
  lines?: { from: number; to: number }
}

export interface DocumentViewProps {
  documentId: string
  /** The passage: character offsets into the stored plain text. */
  start?: number | undefined
  end?: number | undefined
  /** What stood there when it was cited. */
  quote?: string | undefined
  /** What is searched for from the start. */
  query?: string | undefined
  /** Without its own title: whoever shows it has one. */
  headerless?: boolean
  /** Without the search inside. Default: with it. */
  findless?: boolean
  /** Whether the focus goes to the passage, unless somebody writes. Default true. */
  focus?: boolean
  onState?: (state: DocumentState) => void
  /** With it the header has a button that closes. */
  onClose?: () => void
}

/** Characters up to which lines are counted from the document's start. */
const countable = 2_000_000

type Shown =
  | { kind: 'loading' }
  | { kind: 'failed'; error: ApiError }
  | { kind: 'deleted'; document?: DocumentInfo }
  | { kind: 'shown' | 'changed' | 'gone'; window: TextWindow; passage: { start: number; end: number } | undefined }

/** Shows a document around a place. */
export function DocumentView(props: DocumentViewProps) {
  const { documentId: id, start, end, quote, query = '' } = props
  const [shown, setShown] = useState<Shown>({ kind: 'loading' })
  const [round, setRound] = useState(0)
  const window = 'window' in shown ? shown.window : undefined
  const passage = 'passage' in shown ? shown.passage : undefined
  const firstLine = useFirstLine(window)
  const scroller = useRef<HTMLDivElement>(null)
  /** What the next layout scrolls to: a place, or the block that must stay where it is. */
  const target = useRef<{ to: number; focus: boolean } | { keep: string; top: number } | undefined>(undefined)
  const busy = useRef<AbortController>(undefined)
  const search = useSearch(id, window?.length, () => passage?.start ?? topOf(scroller.current), query)

  useEffect(() => {
    const leaving = new AbortController()
    busy.current?.abort()
    // Another place in the same document: what is there stays until the place is.
    setShown((now) => ('window' in now && now.window.document.id === id ? now : { kind: 'loading' }))
    void opened(id, { start, end, quote }, leaving.signal).then((now) => {
      if (leaving.signal.aborted) return
      const place = 'passage' in now ? now.passage : undefined
      target.current = place && { to: place.start, focus: props.focus ?? true }
      setShown(now)
    })
    return () => leaving.abort()
  }, [id, start, end, quote, round])

  useLayoutEffect(() => {
    const paper = scroller.current
    const wanted = target.current
    target.current = undefined
    if (paper === null || wanted === undefined) return
    if ('keep' in wanted) {
      const block = paper.querySelector(`[data-at="${wanted.keep}"]`)
      if (block) paper.scrollTop += block.getBoundingClientRect().top - wanted.top
      return
    }
    const mark = [...paper.querySelectorAll('mark')].find((each) => Number(each.dataset['at']) >= wanted.to)
    if (mark === undefined) return
    scrollTo(paper, mark)
    // Who began to write meanwhile writes on.
    if (wanted.focus && !types(document.activeElement)) mark.focus({ preventScroll: true })
  })

  // The match that is looked at is brought into the window, and into sight.
  const at = search.matches[search.current]
  useEffect(() => {
    if (at === undefined || window === undefined) return
    if (at >= window.start && at + query.length <= window.end) {
      const mark = scroller.current?.querySelector<HTMLElement>('mark.current')
      if (scroller.current && mark) scrollTo(scroller.current, mark)
      return
    }
    const leaving = new AbortController()
    void windowAt(id, at, at, leaving.signal).then((next) => {
      target.current = { to: at, focus: false }
      setShown((now) => ('window' in now ? { ...now, window: next } : now))
    }, ignored)
    return () => leaving.abort()
  }, [at, window?.document.id])

  const grow = (where: 'above' | 'below'): void => {
    if (window === undefined || (busy.current && !busy.current.signal.aborted)) return
    const growing = new AbortController()
    busy.current = growing
    void grown(window, where, growing.signal)
      .then((next) => {
        if (growing.signal.aborted) return
        target.current = kept(scroller.current, next)
        setShown((now) => ('window' in now && now.window === window ? { ...now, window: next } : now))
      }, ignored)
      .finally(() => growing.abort())
  }
  const onScroll = (): void => {
    const paper = scroller.current
    if (paper === null || window === undefined) return
    if (paper.scrollTop < 600 && window.start > 0) grow('above')
    else if (paper.scrollHeight - paper.scrollTop - paper.clientHeight < 900 && window.end < window.length)
      grow('below')
  }

  const lines = linesOf(window, passage, firstLine)
  const page = pageOf(window, passage)
  useEffect(() => {
    const document = window?.document ?? (shown.kind === 'deleted' ? shown.document : undefined)
    props.onState?.({ kind: shown.kind, ...(document && { document }), ...(page && { page }), ...(lines && { lines }) })
  }, [shown.kind, window?.document, page, lines?.from, lines?.to])

  const length = search.query.trim().length
  const places: Place[] = [
    ...(passage ? [{ ...passage, kind: 'passage' as const }] : []),
    ...search.matches.map((match, index) => ({
      start: match,
      end: match + length,
      kind: index === search.current ? ('current' as const) : ('match' as const),
    })),
  ].filter((place) => window !== undefined && place.start < window.end && place.end > window.start)

  return (
    <section class="dv" aria-label={window?.document.title ?? t('document')}>
      {!props.headerless && (
        <header class="dv-head">
          <h2 class="grow ell">{window?.document.title ?? t('document')}</h2>
          <span class="dv-loc num">{page ? t('page', { n: page }) : lines && linesSaid(lines)}</span>
          {props.onClose && <Button kind="ghost" icon="close" label={t('close')} onClick={props.onClose} />}
        </header>
      )}
      {(shown.kind === 'changed' || shown.kind === 'gone' || shown.kind === 'deleted') && (
        <Since kind={shown.kind} quote={quote} />
      )}
      {shown.kind === 'loading' && (
        <p class="dv-wait sm mut" role="status">
          {t('reading')}
        </p>
      )}
      {shown.kind === 'failed' && (
        <div class="dv-wait">
          <Failed error={shown.error} again={() => setRound((count) => count + 1)} />
        </div>
      )}
      {window && (
        <div
          class={`paper${window.document.pages === undefined ? ' lined' : ''}`}
          ref={scroller}
          tabindex={0}
          role="region"
          aria-label={window.document.name}
          onScroll={onScroll}
        >
          {window.start > 0 && <Button onClick={() => grow('above')}>{t('more')}</Button>}
          <article lang={langOfText(window.text.slice(0, 20_000))}>
            <Blocks window={window} places={places} firstLine={firstLine} />
          </article>
          {window.end < window.length && <Button onClick={() => grow('below')}>{t('more')}</Button>}
        </div>
      )}
      {window && !props.findless && <FindBar search={search} length={window.length} />}
    </section>
  )
}

/** Where the passage stands, in words: `lines 8–12`. */
export function linesSaid({ from, to }: { from: number; to: number }): string {
  return from === to ? t('line.one', { a: from }) : t('line.more', { a: from, b: to })
}

function Since({ kind, quote }: { kind: 'changed' | 'gone' | 'deleted'; quote: string | undefined }) {
  const alone = kind === 'deleted' && quote === undefined
  return (
    <div class="dv-since" role="status">
      <p class="degraded">
        <Lamp state="idle" />
        <span>{t(alone ? 'deleted.alone' : kind)}</span>
      </p>
      {kind !== 'changed' && quote !== undefined && <blockquote lang={langOfText(quote)}>{quote}</blockquote>}
    </div>
  )
}

/** The document around its passage; where it says so no more, around where it says so now. */
async function opened(
  id: string,
  { start, end, quote }: { start: number | undefined; end: number | undefined; quote: string | undefined },
  signal: AbortSignal,
): Promise<Shown> {
  try {
    const asked = start === undefined || end === undefined ? undefined : { start, end }
    const window = await windowAt(id, asked?.start ?? 0, asked?.end ?? 0, signal)
    if (window.document.status === 'removed') return { kind: 'deleted', document: window.document }
    if (asked === undefined) return { kind: 'shown', window, passage: undefined }
    if (quote === undefined || textOf(window, asked.start, asked.end) === quote)
      return { kind: 'shown', window, passage: asked }
    const place = await found(id, quote, window.length, signal)
    if (place < 0) return { kind: 'gone', window: await windowAt(id, 0, 0, signal), passage: undefined }
    const passage = { start: place, end: place + quote.length }
    return { kind: 'changed', window: await windowAt(id, passage.start, passage.end, signal), passage }
  } catch (reason) {
    if (!(reason instanceof ApiError)) return { kind: 'loading' }
    if (reason.code !== 'not-found') return { kind: 'failed', error: reason }
    // Gone for good, or still in the trash, or there without a text.
    const document = await getJson<DocumentInfo>(`/v1/documents/${encodeURIComponent(id)}`, { signal }).catch(ignored)
    if (document === undefined || document.status === 'removed')
      return { kind: 'deleted', ...(document && { document }) }
    return { kind: 'failed', error: reason }
  }
}

async function found(id: string, quote: string, length: number, signal: AbortSignal): Promise<number> {
  let base = 0
  let tail = ''
  for await (const piece of piecesOfText(id, { start: 0, end: length }, signal)) {
    const text = tail + piece
    const index = text.indexOf(quote)
    if (index >= 0) return base - tail.length + index
    base += piece.length
    tail = text.slice(-quote.length)
  }
  return -1
}

/** The number of the window's first line. Pages are counted instead where there are any. */
function useFirstLine(window: TextWindow | undefined): number | undefined {
  const [counted, setCounted] = useState({ id: '', at: 0, line: 1 })
  const id = window?.document.id
  const paged = window?.document.pages !== undefined
  const line = window === undefined || paged ? undefined : lineFrom(window, counted)
  useEffect(() => {
    if (window === undefined || paged || line !== undefined || window.start > countable) return undefined
    const { start, document } = window
    const leaving = new AbortController()
    void (async () => {
      let count = 1
      for await (const piece of piecesOfText(document.id, { start: 0, end: start }, leaving.signal))
        count += breaksIn(piece)
      setCounted({ id: document.id, at: start, line: count })
    })().catch(ignored)
    return () => leaving.abort()
  }, [id, window?.start, line === undefined])
  // A window that moves on takes its count along.
  const start = window?.start
  useEffect(() => {
    if (id !== undefined && start !== undefined && line !== undefined) setCounted({ id, at: start, line })
  }, [id, start, line])
  return line
}

/** Told from a place in the window whose line is known. */
function lineFrom(window: TextWindow, known: { id: string; at: number; line: number }): number | undefined {
  if (window.start === 0) return 1
  const { id, at, line } = known
  if (id !== window.document.id) return undefined
  if (at >= window.start && at <= window.end) return line - breaksIn(textOf(window, window.start, at))
  return undefined
}

function linesOf(
  window: TextWindow | undefined,
  passage: { start: number; end: number } | undefined,
  firstLine: number | undefined,
): { from: number; to: number } | undefined {
  if (window === undefined || passage === undefined || firstLine === undefined) return undefined
  if (passage.start < window.start || passage.end > window.end) return undefined
  const from = firstLine + breaksIn(textOf(window, window.start, passage.start))
  return { from, to: from + breaksIn(textOf(window, passage.start, passage.end)) }
}

function pageOf(
  window: TextWindow | undefined,
  passage: { start: number; end: number } | undefined,
): number | undefined {
  if (passage === undefined) return undefined
  return window?.blocks.find((block) => block.end > passage.start && block.start <= passage.start)?.page
}

/** Where the first block in sight begins. */
function topOf(paper: HTMLElement | null): number {
  return Number(firstSeen(paper)?.dataset['at'] ?? 0)
}

/** The first block in sight that the next window has too, and where it stands. */
function kept(paper: HTMLElement | null, next: TextWindow): { keep: string; top: number } | undefined {
  const block = firstSeen(paper, (at) => at >= next.start && at < next.end)
  return block && { keep: block.dataset['at'] ?? '', top: block.getBoundingClientRect().top }
}

function firstSeen(paper: HTMLElement | null, good: (at: number) => boolean = () => true): HTMLElement | undefined {
  if (paper === null) return undefined
  const { top } = paper.getBoundingClientRect()
  return [...paper.querySelectorAll<HTMLElement>('.dv-block')].find(
    (block) => block.getBoundingClientRect().bottom > top && good(Number(block.dataset['at'])),
  )
}

/** A third from the top, so that what stands before it is seen too. */
function scrollTo(paper: HTMLElement, mark: HTMLElement): void {
  const place = mark.getBoundingClientRect()
  const { top, height } = paper.getBoundingClientRect()
  if (place.top > top + 24 && place.bottom < top + height * 0.8) return
  paper.scrollTop += place.top - top - height * 0.3
}

function ignored(): undefined {
  return undefined
}
