// The documents as a table: name, size, state, how far each is, and beneath it what is wrong and what to do about it.

import { useEffect, useMemo, useRef } from 'preact/hooks'
import type { DocumentInfo } from '../../../../src/core/document.ts'
import type { JobView } from '../../../../src/core/factory.ts'
import { bytes, language } from '../../language.ts'
import { Button } from '../../parts/button.tsx'
import { State } from '../../parts/lamp.tsx'
import type { Listed } from './documents.ts'
import { isCopy, progressOf, type Bar, type Progress } from './stages.ts'
import { t as frame } from '../../words.ts'
import { t } from './words.ts'

export interface TableProps {
  list: Listed
  documents: readonly DocumentInfo[]
  /** The one that is looked at. */
  opened: string | undefined
  embeds: boolean
  /** What the address says of the view: it stays when a document is opened. */
  rest: string
  /** Whether the reader may change anything. */
  mayChange: boolean
  onRemove: (document: DocumentInfo) => void
  onRemoveForGood: (document: DocumentInfo) => void
  onRestore: (document: DocumentInfo) => void
  onRetry: (document: DocumentInfo) => void
  onWhy: (document: DocumentInfo) => void
}

/** The table. Arrows go from name to name, Enter opens, Delete removes. */
export function Table(props: TableProps) {
  const { list, documents } = props
  const acts = useRef(props)
  acts.current = props
  const onKeyDown = (event: KeyboardEvent): void => {
    const link = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>('a[data-id]') : null
    if (link === null) return
    const links = [...document.querySelectorAll<HTMLElement>('.lib-files a[data-id]')]
    const at = links.indexOf(link)
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      links[at + (event.key === 'ArrowDown' ? 1 : -1)]?.focus()
    } else if (event.key === 'Delete' && props.mayChange) {
      event.preventDefault()
      const found = documents.find(({ id }) => id === link.dataset['id'])
      if (found === undefined || found.status === 'removed') return
      // The focus goes on: the row is gone in a moment.
      ;(links[at + 1] ?? links[at - 1])?.focus()
      props.onRemove(found)
    }
  }
  return (
    <>
      <table class="lib-files num" onKeyDown={onKeyDown}>
        <thead>
          <tr>
            <th scope="col">{t('name')}</th>
            <th scope="col">{t('size')}</th>
            <th scope="col">{t('state')}</th>
            <th scope="col">
              <span class={documents[0]?.status === 'removed' ? 'vh' : undefined}>{t('stages')}</span>
            </th>
          </tr>
        </thead>
        {documents.map((each) => (
          <Kept
            key={each.id}
            document={each}
            job={list.jobs.get(each.id)}
            opened={props.opened === each.id}
            embeds={props.embeds}
            mayChange={props.mayChange}
            acts={acts}
          />
        ))}
      </table>
      {list.hasMore && <More onSeen={list.more} />}
    </>
  )
}

interface RowProps {
  document: DocumentInfo
  job: JobView | undefined
  opened: boolean
  embeds: boolean
  mayChange: boolean
  acts: { readonly current: TableProps }
}

/** Made again only when something of its own changed: there may be thousands. */
function Kept(props: RowProps) {
  const { document, job, opened, embeds, mayChange } = props
  return useMemo(() => <Row {...props} />, [document, job, opened, embeds, mayChange, language.value])
}

function Row({ document, job, opened, embeds, mayChange, acts }: RowProps) {
  const { id, name, size, pages, passages, status, sameAs, warnings, reason } = document
  const progress = progressOf(document, job, embeds)
  const troubled = status === 'failed' || status === 'quarantined'
  const copied = isCopy(document)
  const beneath = troubled || copied || warnings.length > 0
  const { lamp, word, percent } = progress
  return (
    <tbody class={opened ? 'sel' : undefined} data-status={status}>
      <tr class={beneath ? 'hasw' : undefined}>
        <th scope="row">
          <a
            href={`/library/${encodeURIComponent(id)}${acts.current.rest}`}
            data-id={id}
            aria-current={opened ? 'true' : undefined}
            title={name}
          >
            {name}
          </a>
        </th>
        <td class="sec nowrap">{pages === undefined ? bytes(size) : t('pages', { n: pages })}</td>
        <td>
          <State state={lamp}>{word}</State>
        </td>
        <td class="nowrap">
          <Bars progress={progress} />
          <span class="sec">
            {percent !== undefined
              ? t('percent', { n: percent })
              : status === 'ready' && t('passages', { n: passages })}
            {status === 'removed' && mayChange && (
              <span class="lib-acts">
                <Button kind="ghost" onClick={() => acts.current.onRestore(document)}>
                  {t('restore')}
                </Button>
                <Button kind="ghost" onClick={() => acts.current.onRemoveForGood(document)}>
                  {frame('for-good')}
                </Button>
              </span>
            )}
            {troubled && (
              <button type="button" class="lib-act" onClick={() => acts.current.onWhy(document)}>
                {t('why')}
              </button>
            )}
          </span>
        </td>
      </tr>
      {beneath && (
        <tr class="why">
          <td colSpan={4}>
            {troubled && <span lang="en">{reason}</span>}
            {troubled && mayChange && (
              <span class="lib-acts">
                <button type="button" class="lib-act" onClick={() => acts.current.onRetry(document)}>
                  {t('retry')}
                </button>
                <button type="button" class="lib-act" onClick={() => acts.current.onRemove(document)}>
                  {t('remove')}
                </button>
              </span>
            )}
            {!troubled && copied && sameAs && (
              <p>
                {t('same.before')}
                <a href={`/library/${encodeURIComponent(sameAs.id)}`}>
                  {sameAs.collection === 'default' ? '' : `${sameAs.collection}/`}
                  {sameAs.name}
                </a>
                {t('same.after')}
              </p>
            )}
            {!troubled && warnings.length > 0 && <p lang="en">{warnings[0]}</p>}
          </td>
        </tr>
      )}
    </tbody>
  )
}

/** The four bars, and the same in words. */
function Bars({ progress: { bars } }: { progress: Progress }) {
  return (
    <span class="lib-bars">
      {bars.map((bar) => (
        <i key={bar.name} class={bar.kind} title={said(bar)} aria-hidden="true">
          {bar.kind === 'now' && <b style={{ width: `${Math.max(8, bar.part * 100)}%` }} />}
        </i>
      ))}
      <span class="vh">{bars.map(said).join(', ')}</span>
    </span>
  )
}

function said({ name, kind }: Bar): string {
  return t(`stage.${kind === 'quarantined' ? 'failed' : kind}`, { s: t(`stage.${name}`) })
}

/** The next page is read when the end of this one comes near. */
function More({ onSeen }: { onSeen: () => void }) {
  const end = useRef<HTMLDivElement>(null)
  const seen = useRef(onSeen)
  seen.current = onSeen
  useEffect(() => {
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && seen.current(), {
      rootMargin: '600px',
    })
    if (end.current) observer.observe(end.current)
    return () => observer.disconnect()
  })
  return (
    <div class="lib-more" ref={end}>
      <Button onClick={onSeen}>{t('more')}</Button>
    </div>
  )
}
