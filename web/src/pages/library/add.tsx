// Where documents come in: dropped, chosen, or fetched from a link; and what is on its way.

import { useEffect, useRef, useState } from 'preact/hooks'
import type { Added } from '../../../../src/core/factory.ts'
import { ApiError, sendJson } from '../../api/client.ts'
import { bytes } from '../../language.ts'
import { Button } from '../../parts/button.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Countdown } from '../../parts/notice.tsx'
import { filesIn, filesOf, linkOf } from './dropped.ts'
import { Queue } from './queue.tsx'
import { folderName } from './tree.tsx'
import { upload } from './uploads.ts'
import { t } from './words.ts'

export interface AddProps {
  /** Where it goes; undefined for no folder. */
  folder: string | undefined
  /** The most bytes of one file, where that is known. */
  maxBytes: number | undefined
  onAdded: (added: Added) => void
}

/** The drop zone, its buttons, the link and the queue. */
export function Add({ folder, maxBytes, onAdded }: AddProps) {
  const [over, setOver] = useState(false)
  const [link, setLink] = useState<string | undefined>()
  const files = useRef<HTMLInputElement>(null)
  const folders = useRef<HTMLInputElement>(null)
  useWholePage(setOver, (transfer) => {
    const dropped = linkOf(transfer)
    if (dropped !== undefined) setLink(dropped)
    else void filesOf(transfer).then((found) => upload(found, folder))
  })
  const chosen = (input: HTMLInputElement): void => {
    if (input.files) upload(filesIn(input.files), folder)
    input.value = ''
  }
  return (
    <>
      <div class={`lib-drop${over ? ' over' : ''}`}>
        <Icon name="upload" size={20} />
        <div class="grow">
          <b>{over ? t('drop.now') : t('drop')}</b>
          <span class="sm sec num">
            {maxBytes === undefined ? t('drop.what.any') : t('drop.what', { n: bytes(maxBytes) })}{' '}
            {folder !== undefined && t('drop.into', { folder: folderName(folder) })}
          </span>
        </div>
        <div class="lib-drop-acts">
          <Button onClick={() => files.current?.click()}>{t('files')}</Button>
          <Button onClick={() => folders.current?.click()}>{t('folder')}</Button>
          <Button
            kind="ghost"
            icon="link"
            expanded={link !== undefined}
            onClick={() => setLink((now) => (now === undefined ? '' : undefined))}
          >
            {t('link')}
          </Button>
        </div>
        <input ref={files} type="file" multiple hidden onChange={(event) => chosen(event.currentTarget)} />
        <input
          ref={(input) => {
            folders.current = input
            if (input) input.webkitdirectory = true
          }}
          type="file"
          multiple
          hidden
          onChange={(event) => chosen(event.currentTarget)}
        />
      </div>
      {link !== undefined && (
        <Link key={link} initial={link} folder={folder} onAdded={onAdded} onClose={() => setLink(undefined)} />
      )}
      <Queue />
    </>
  )
}

function Link(props: {
  initial: string
  folder: string | undefined
  onAdded: (added: Added) => void
  onClose: () => void
}) {
  const [url, setUrl] = useState(props.initial)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<ApiError | undefined>()
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => input.current?.focus(), [])
  const fetchIt = async (): Promise<void> => {
    if (url.trim() === '' || busy) return
    setBusy(true)
    setError(undefined)
    try {
      const { folder: collection } = props
      props.onAdded(
        await sendJson<Added>('POST', '/v1/documents/link', { url: url.trim(), ...(collection && { collection }) }),
      )
      props.onClose()
    } catch (reason) {
      if (reason instanceof ApiError) setError(reason)
    } finally {
      setBusy(false)
    }
  }
  return (
    <form
      class="lib-link"
      onSubmit={(event) => {
        event.preventDefault()
        void fetchIt()
      }}
      onKeyDown={(event) => event.key === 'Escape' && props.onClose()}
    >
      <input
        ref={input}
        class="field"
        type="url"
        inputMode="url"
        placeholder="https://"
        aria-label={t('link.address')}
        aria-invalid={error !== undefined}
        aria-describedby="lib-link-error"
        value={url}
        onInput={(event) => setUrl(event.currentTarget.value)}
      />
      <Button kind="primary" submit disabled={busy || url.trim() === ''}>
        {busy ? t('link.fetching') : t('link.add')}
      </Button>
      <Button kind="ghost" onClick={props.onClose}>
        {t('cancel')}
      </Button>
      <div id="lib-link-error" class="lib-link-error sm" role="alert">
        {error?.retryAfterMs !== undefined && error.status === 429 ? (
          <Countdown ms={error.retryAfterMs} onDone={() => void fetchIt()}>
            {(s) => t('queue.again', { s })}
          </Countdown>
        ) : (
          error && <span lang="en">{error.detail}</span>
        )}
      </div>
    </form>
  )
}

/** Something may be dropped anywhere on the page: the browser would open it instead. */
function useWholePage(setOver: (over: boolean) => void, onDrop: (transfer: DataTransfer) => void): void {
  const drop = useRef(onDrop)
  drop.current = onDrop
  useEffect(() => {
    const leaving = new AbortController()
    const { signal } = leaving
    let depth = 0
    const carries = (event: DragEvent): boolean =>
      event.dataTransfer?.types.some((type) => type === 'Files' || type === 'text/uri-list') ?? false
    const mark = (by: number): void => {
      depth = Math.max(0, depth + by)
      setOver(depth > 0)
    }
    document.addEventListener('dragenter', (event) => carries(event) && mark(1), { signal })
    document.addEventListener('dragleave', (event) => carries(event) && mark(-1), { signal })
    document.addEventListener('dragover', (event) => carries(event) && event.preventDefault(), { signal })
    document.addEventListener(
      'drop',
      (event) => {
        if (!carries(event) || event.dataTransfer === null) return
        event.preventDefault()
        mark(-depth)
        drop.current(event.dataTransfer)
      },
      { signal },
    )
    return () => leaving.abort()
  }, [])
}
