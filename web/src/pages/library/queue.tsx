// What is on its way up: how far it is, why it waits, and why it was not taken.

import { useEffect, useState } from 'preact/hooks'
import { Button } from '../../parts/button.tsx'
import { Lamp } from '../../parts/lamp.tsx'
import { cancelUpload, cancelUploads, uploads, type Upload } from './uploads.ts'
import { t } from './words.ts'

/** Rows that are shown at most: a folder may have thousands. */
const most = 12

/** The queue; nothing while there is none. */
export function Queue() {
  const all = uploads.value
  const open = all.filter(({ state }) => state !== 'done')
  const again = open.some(({ state }) => state === 'again')
  const [, tick] = useState(0)
  useEffect(() => {
    if (!again) return undefined
    const timer = setInterval(() => tick((count) => count + 1), 500)
    return () => clearInterval(timer)
  }, [again])
  if (open.length === 0) return null
  const going = open.filter(({ state }) => state !== 'refused')
  // Those that are under way or were refused are seen before those that only wait.
  const rows = open.toSorted((a, b) => Number(a.state === 'waiting') - Number(b.state === 'waiting')).slice(0, most)
  return (
    <section class="lib-queue num" aria-label={t('queue.name')}>
      <p class="row sm">
        <span class="grow" role="status">
          {t('queue.some', { a: all.length - open.length, b: all.length })}
        </span>
        {going.length > 1 && (
          <Button kind="ghost" onClick={cancelUploads}>
            {t('cancel.all')}
          </Button>
        )}
      </p>
      <ul>
        {rows.map((each) => (
          <Row key={each.id} upload={each} />
        ))}
      </ul>
      {open.length > most && <p class="sm mut">{t('queue.more', { n: open.length - most })}</p>}
    </section>
  )
}

function Row({ upload }: { upload: Upload }) {
  const { id, name, state, part, reason } = upload
  const refused = state === 'refused'
  return (
    <li data-state={state}>
      <span class="grow ell">{name}</span>
      {!refused && <progress max={1} value={part} aria-label={name} />}
      <span class="lib-queue-word sm sec">{wordOf(upload)}</span>
      <Button
        kind="ghost"
        icon="close"
        label={`${refused ? t('dismiss') : t('cancel')}: ${name}`}
        onClick={() => cancelUpload(id)}
      />
      {refused && (
        <p class="sm" role="alert">
          <Lamp state="backed-up" size={11} /> <span lang="en">{reason}</span>
        </p>
      )}
    </li>
  )
}

function wordOf({ state, part, againAt = 0 }: Upload): string {
  switch (state) {
    case 'sending':
      return t('queue.sending', { p: Math.floor(part * 100) })
    case 'storing':
      return t('queue.storing')
    case 'again':
      return t('queue.again', { s: Math.max(0, Math.ceil((againAt - Date.now()) / 1000)) })
    case 'offline':
      return t('queue.offline')
    case 'refused':
      return t('queue.refused')
    default:
      return t('queue.waiting')
  }
}
