// The Library page: where documents come in, how far each is, and what is inside of them.

import { useEffect, useRef, useState } from 'preact/hooks'
import type { DocumentInfo, DocumentStatus } from '../../../../src/core/document.ts'
import { useKeys } from '../../keyboard.ts'
import { Button } from '../../parts/button.tsx'
import { ForGood } from '../../parts/for-good.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Failed, useLoaded } from '../../parts/loaded.tsx'
import { Notice } from '../../parts/notice.tsx'
import { show } from '../../parts/toast.tsx'
import { go, query } from '../../router.ts'
import { actsOn } from './acts.ts'
import { Add } from './add.tsx'
import { useDocuments, type View } from './documents.ts'
import { Hits } from './hits.tsx'
import { Preview } from './preview.tsx'
import { Table } from './table.tsx'
import { folderName, Tree, type Folder } from './tree.tsx'
import { onAdded } from './uploads.ts'
import { Why } from './why.tsx'
import { t } from './words.ts'
import './library.css'

const sections = ['recent', 'failed', 'quarantined', 'removed'] as const
const statuses = ['ready', 'loading', 'waiting', 'failed', 'quarantined'] as const

interface House {
  health: { models: { embedder?: string } }
  settings: { key: string; values?: Record<string, unknown> }[]
}

/** The Library page. */
export function LibraryPage({ document: opened }: { document: string | undefined }) {
  const [status, setStatus] = useState<DocumentStatus | undefined>()
  const [text, setText] = useState('')
  const sought = useLater(text.trim(), 250)
  const [asked, setAsked] = useState<{ what: 'why' | 'remove'; document: DocumentInfo } | undefined>()
  const view: View = {
    section: sections.find((each) => each === query.value.get('view')) ?? 'all',
    folder: query.value.get('folder') ?? undefined,
    status,
  }
  const { value: house } = useLoaded<House>('/v1/status')
  const { value: me } = useLoaded<{ scopes: string[] }>('/v1/me')
  const mayChange = me?.scopes.includes('load') ?? false
  const embeds = house?.health.models.embedder !== undefined
  const list = useDocuments(view, { follows: mayChange, embeds })
  const changes = useLater(list.changes, 600)
  const folders = useLoaded<{ collections: Folder[] }>(`/v1/collections#${changes}`).value?.collections ?? []
  const acts = actsOn(list)
  const search = useRef<HTMLInputElement>(null)
  const added = useRef(list.added)
  added.current = list.added
  useEffect(
    () =>
      onAdded((one) => {
        added.current(one)
        if (one.outcome === 'unchanged') show(`${one.document.name}: ${t('added.same', { n: 1 })}`)
      }),
    [],
  )
  useKeys({ '/': () => search.current?.focus() })

  const close = (): void => {
    go(`/library${restOf()}`)
    const row = [...document.querySelectorAll<HTMLElement>('a[data-id]')].find((each) => each.dataset['id'] === opened)
    row?.focus({ preventScroll: true })
  }
  // On a phone the list is as long as the page, and another page begins at its top.
  const before = useRef(0)
  useEffect(() => {
    if (opened === undefined && before.current > 0) scrollTo(0, before.current)
  }, [opened])
  const remove = (one: DocumentInfo): void => {
    if (opened === one.id) close()
    void acts.remove(one)
  }
  const { documents, error } = list
  const maxBytes = house?.settings.find(({ key }) => key === 'uploads')?.values?.['maxBytes']
  return (
    <main
      id="main"
      class={`lib${opened === undefined ? '' : ' open'}`}
      onClickCapture={() => opened === undefined && (before.current = scrollY)}
    >
      <Tree view={view} folders={folders} changes={changes} />
      <div class="lib-mid">
        <h1>{headingOf(view)}</h1>
        {me && !mayChange && <Notice title={t('forbidden.title')}>{t('forbidden.what')}</Notice>}
        {mayChange && view.section !== 'removed' && (
          <Add
            folder={view.folder}
            maxBytes={typeof maxBytes === 'number' ? maxBytes : undefined}
            onAdded={list.added}
          />
        )}
        {view.section === 'removed' && <p class="lead">{t('trash.what')}</p>}
        {view.section === 'recent' && <p class="lead">{t('recent.what')}</p>}
        {view.section !== 'removed' && (
          <search class="lib-tool">
            <div class="lib-search">
              <Icon name="search" />
              <input
                ref={search}
                class="field"
                type="search"
                placeholder={t('search')}
                aria-label={t('search')}
                value={text}
                onInput={(event) => setText(event.currentTarget.value)}
                onKeyDown={(event) => {
                  if (event.key !== 'Escape' || text === '') return
                  event.preventDefault()
                  setText('')
                }}
              />
            </div>
            {(view.section === 'all' || view.section === 'recent') && sought === '' && (
              <Filter status={status} onChange={setStatus} />
            )}
            {sought === '' ? (
              <span class="sm sec num lib-totals">{totalsOf(folders, view)}</span>
            ) : (
              <Button kind="ghost" onClick={() => setText('')}>
                {t('search.clear')}
              </Button>
            )}
          </search>
        )}
        {sought !== '' && <Hits text={sought} folder={view.folder} opened={opened} />}
        {sought === '' && error && <Failed error={error} again={list.reload} />}
        {sought === '' && documents?.length === 0 && !list.hasMore && <Empty view={view} />}
        {sought === '' && documents !== undefined && documents.length > 0 && (
          <Table
            list={list}
            documents={documents}
            opened={opened}
            embeds={embeds}
            rest={restOf()}
            mayChange={mayChange}
            onRemove={remove}
            onRemoveForGood={(one) => setAsked({ what: 'remove', document: one })}
            onRestore={(one) => void acts.restore(one)}
            onRetry={(one) => void acts.retry(one)}
            onWhy={(one) => setAsked({ what: 'why', document: one })}
          />
        )}
      </div>
      {opened !== undefined && (
        <Preview
          id={opened}
          known={documents?.find(({ id }) => id === opened)}
          job={list.jobs.get(opened)}
          embeds={embeds}
          mayChange={mayChange}
          at={placeIn(query.value.get('at'))}
          query={query.value.get('q') ?? undefined}
          onClose={close}
          onRemove={remove}
          onRestore={(one) => void acts.restore(one)}
          onStop={(one) => void acts.stop(one)}
          onChanged={list.put}
        />
      )}
      {asked?.what === 'why' && (
        <Why
          document={asked.document}
          mayChange={mayChange}
          onRetry={() => void acts.retry(asked.document)}
          onRemove={() => remove(asked.document)}
          onClose={() => setAsked(undefined)}
        />
      )}
      {asked?.what === 'remove' && (
        <ForGood
          what={t('remove.now.what', { x: asked.document.name })}
          onYes={() => void acts.removeForGood(asked.document)}
          onClose={() => setAsked(undefined)}
        />
      )}
    </main>
  )
}

/** What the address says of the view, and not of the document. */
function restOf(): string {
  const kept = new URLSearchParams(query.value)
  kept.delete('at')
  kept.delete('q')
  return kept.size === 0 ? '' : `?${kept}`
}

function Filter(props: { status: DocumentStatus | undefined; onChange: (status: DocumentStatus | undefined) => void }) {
  return (
    <label class="lib-filter">
      <Icon name="filter" />
      <span class="vh">{t('filter')}</span>
      <select
        value={props.status ?? ''}
        onChange={({ currentTarget }) => props.onChange(statuses.find((each) => each === currentTarget.value))}
      >
        <option value="">{t('filter.all')}</option>
        {statuses.map((each) => (
          <option key={each} value={each}>
            {t(`filter.${each}`)}
          </option>
        ))}
      </select>
    </label>
  )
}

function Empty({ view: { section, status } }: { view: View }) {
  if (section !== 'all' || status !== undefined)
    return <p class="lib-empty sec">{section === 'all' ? t('empty') : t(`empty.${section}`)}</p>
  return <Notice title={t('empty')}>{t('empty.what')}</Notice>
}

function headingOf({ section, folder }: View): string {
  if (folder !== undefined) return folderName(folder)
  return section === 'all' ? t('library') : t(section)
}

function totalsOf(folders: readonly Folder[], { folder, section }: View): string {
  if (section !== 'all') return ''
  const all = folders.filter(({ collection }) => folder === undefined || collection === folder)
  return t('totals', {
    a: all.reduce((sum, { documents }) => sum + documents, 0),
    b: all.reduce((sum, { passages }) => sum + passages, 0),
  })
}

/** `120-180`, as it stands in an address. */
function placeIn(text: string | null): { start: number; end: number } | undefined {
  const [, start, end] = /^(\d{1,15})-(\d{1,15})$/.exec(text ?? '') ?? []
  return start === undefined || end === undefined ? undefined : { start: Number(start), end: Number(end) }
}

/** A value once it has not changed for a while. */
function useLater<Value>(value: Value, ms: number): Value {
  const [later, setLater] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setLater(value), ms)
    return () => clearTimeout(timer)
  }, [value, ms])
  return later
}
