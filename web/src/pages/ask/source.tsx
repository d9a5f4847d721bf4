// The source beside the answer: the cited passage in its document, and the list of all sources. On a phone it is a
// sheet at the bottom that leaves the cited sentence in sight.

import { useEffect, useState } from 'preact/hooks'
import type { Citation } from '../../../../src/core/question.ts'
import { langOf, langOfText, language } from '../../language.ts'
import { useKeys } from '../../keyboard.ts'
import { Button } from '../../parts/button.tsx'
import { DocumentView, type DocumentState } from '../../parts/document-view.tsx'
import { Icon } from '../../parts/icon.tsx'
import { t as frame } from '../../words.ts'
import { close, opened, show, step, type Opened } from './opened.ts'
import { linesOf } from './where.ts'
import { t } from './words.ts'

/** The source, while one is open. */
export function Source() {
  const now = opened.value
  return now === undefined ? null : <Shown now={now} />
}

function Shown({ now }: { now: Opened }) {
  const { sources, at, of, question } = now
  const source = sources[at]
  const [state, setState] = useState<DocumentState | undefined>()
  useKeys({
    Escape: close,
    '[': () => step(-1),
    ']': () => step(1),
  })
  useEffect(() => {
    // The sheet comes up from below: the sentence it belongs to moves out of its way.
    if (!matchMedia('(max-width: 900px)').matches) return
    document.querySelector(`[data-cite="${of}.${at + 1}"]`)?.scrollIntoView({ block: 'center' })
  }, [of, at])
  if (source === undefined) return null
  const foreign = foreignTo(source.quote, question)
  return (
    <aside class="source" aria-label={t('source')}>
      <header>
        <div class="row">
          <span class="cite" aria-expanded="true" aria-hidden="true">
            {at + 1}
          </span>
          <h2 class="grow ell" lang={langOfText(source.title)}>
            {source.title}
          </h2>
          <span class="loc num">
            <Location source={source} all={sources} state={state} />
          </span>
          <Button
            kind="ghost"
            icon="left"
            label={t('source.previous')}
            disabled={at === 0}
            onClick={() => step(-1)}
            class="wide"
          />
          <Button
            kind="ghost"
            icon="right"
            label={t('source.next')}
            disabled={at === sources.length - 1}
            onClick={() => step(1)}
            class="wide"
          />
          <Button kind="ghost" icon="close" label={frame('close')} onClick={close} />
        </div>
        <p class="crumb row">
          <span class="grow ell">{crumb(source)}</span>
          {foreign && <span class="nowrap">{foreign}</span>}
        </p>
      </header>
      <DocumentView
        key={source.documentId}
        documentId={source.documentId}
        start={source.start}
        end={source.end}
        quote={source.quote}
        headerless
        findless
        onState={setState}
      />
      <footer>
        <ol class="sources-beneath" aria-label={t('sources')}>
          {sources.map((each, index) => (
            <li key={`${each.passageId} ${each.start}`}>
              <button type="button" aria-current={index === at ? 'true' : undefined} onClick={() => show(index)}>
                <SourceLine source={each} number={index + 1} all={sources} open={index === at} />
              </button>
            </li>
          ))}
        </ol>
        <div class="row sheet-steps">
          <Button kind="ghost" icon="left" label={t('source.previous')} disabled={at === 0} onClick={() => step(-1)} />
          <span class="grow sm mut num">{t('source.of', { a: at + 1, b: sources.length })}</span>
          <Button
            kind="ghost"
            icon="right"
            label={t('source.next')}
            disabled={at === sources.length - 1}
            onClick={() => step(1)}
          />
          <a class="btn ghost" href={inLibrary(source)}>
            <Icon name="open" />
            {t('source.open')}
          </a>
        </div>
      </footer>
    </aside>
  )
}

/** One source in a list: its number, its document and headings, its page or lines. */
export function SourceLine({
  source,
  number,
  all,
  open = false,
}: {
  source: Citation
  number: number
  all: readonly Citation[]
  open?: boolean
}) {
  const headings = source.headings.filter((each) => each !== source.title)
  const name = [source.title, headings.at(-1)].filter((each) => each !== undefined).join(' › ')
  return (
    <>
      <span class="cite" aria-expanded={open ? 'true' : undefined} aria-hidden="true">
        {number}
      </span>
      <span class="vh">{t('source.n', { n: number })} </span>
      <span class="grow ell" lang={langOfText(name)}>
        {name}
      </span>
      <span class="loc num">
        <Location source={source} all={all} />
      </span>
    </>
  )
}

function Location({
  source,
  all,
  state,
}: {
  source: Citation
  all: readonly Citation[]
  state?: DocumentState | undefined
}) {
  const page = state?.page ?? source.page
  if (page !== undefined) return <>{t('page', { n: page })}</>
  const lines = state?.lines ?? linesOf(source, all)
  if (lines === undefined) return null
  return <>{lines.from === lines.to ? t('line', { a: lines.from }) : t('lines', { a: lines.from, b: lines.to })}</>
}

function crumb({ documentName, headings }: Citation): string {
  return [documentName, ...headings].join(' › ')
}

/** The document at the cited place, in the library. */
function inLibrary({ documentId, start, end }: Citation): string {
  return `/library/${encodeURIComponent(documentId)}?at=${start}-${end}`
}

/** That a passage is in another language than the question; undefined when it is not. */
function foreignTo(quote: string, question: string): string | undefined {
  const own = langOf(language.value)
  const quoted = langOfText(quote) ?? own
  return quoted === (langOfText(question) ?? own) ? undefined : t(quoted === 'en' ? 'language.en' : 'language.zh')
}
