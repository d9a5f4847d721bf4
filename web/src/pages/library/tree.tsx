// The column on the left: sections with how many are in each, and folders.

import { useState } from 'preact/hooks'
import type { DocumentInfo } from '../../../../src/core/document.ts'
import { number } from '../../language.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Icon } from '../../parts/icon.tsx'
import { useLoaded } from '../../parts/loaded.tsx'
import { go } from '../../router.ts'
import { beforeRecent, type View } from './documents.ts'
import { t } from './words.ts'

export interface Folder {
  collection: string
  documents: number
  passages: number
}

const sections = ['all', 'recent', 'failed', 'quarantined', 'removed'] as const

/** Documents of a state that are counted. */
const counted = 100

/** The address of a view. */
export function addressOf(section: View['section'], folder?: string): string {
  if (folder !== undefined) return `/library?folder=${encodeURIComponent(folder)}`
  return section === 'all' ? '/library' : `/library?view=${section}`
}

/** The sections and folders. `changes` counts up when they may have changed. */
export function Tree({ view, folders, changes }: { view: View; folders: readonly Folder[]; changes: number }) {
  const [naming, setNaming] = useState(false)
  const all = folders.reduce((sum, { documents }) => sum + documents, 0)
  const opened = view.folder
  const shown =
    opened === undefined || folders.some(({ collection }) => collection === opened)
      ? folders
      : [...folders, { collection: opened, documents: 0, passages: 0 }]
  return (
    <aside class="lib-tree" aria-label={t('sections')}>
      <ul class="num">
        {sections.map((section) => (
          <li key={section}>
            <a
              href={addressOf(section)}
              aria-current={view.section === section && opened === undefined ? 'true' : undefined}
            >
              <span class="grow ell">{t(section)}</span>
              {section === 'all' ? (
                <span class="n">{number(all)}</span>
              ) : (
                <Count of={section === 'recent' ? `after=${beforeRecent()}` : `status=${section}`} changes={changes} />
              )}
            </a>
          </li>
        ))}
      </ul>
      <h2>{t('folders')}</h2>
      <ul class="num">
        {shown.map(({ collection, documents }) => (
          <li key={collection}>
            <a href={addressOf('all', collection)} aria-current={opened === collection ? 'true' : undefined}>
              <Icon name="folder" />
              <span class="grow ell">{folderName(collection)}</span>
              <span class="n">{number(documents)}</span>
            </a>
          </li>
        ))}
        <li>
          <button type="button" onClick={() => setNaming(true)}>
            <Icon name="plus" />
            <span class="ell">{t('folder.new')}</span>
          </button>
        </li>
      </ul>
      {naming && <NewFolder onClose={() => setNaming(false)} />}
    </aside>
  )
}

/** What a collection is called here. */
export function folderName(collection: string): string {
  return collection === 'default' ? t('folder.default') : collection
}

function Count({ of, changes }: { of: string; changes: number }) {
  const { value } = useLoaded<{ documents: DocumentInfo[]; next?: string }>(
    `/v1/documents?${of}&limit=${counted}#${changes}`,
  )
  if (value === undefined) return null
  return (
    <span class="n">
      {number(value.documents.length)}
      {value.next !== undefined && '+'}
    </span>
  )
}

function NewFolder({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('')
  const open = (event: Event): void => {
    event.preventDefault()
    if (name.trim() === '') return
    onClose()
    go(addressOf('all', name.trim()))
  }
  return (
    <Dialog title={t('folder.new')} onClose={onClose}>
      <form onSubmit={open}>
        <label class="lib-label">
          {t('folder.name')}
          <input
            class="field"
            autofocus
            maxLength={120}
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <p class="sm sec">{t('folder.what')}</p>
        <div class="dialog-acts">
          <Button kind="primary" submit disabled={name.trim() === ''}>
            {t('folder.make')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
