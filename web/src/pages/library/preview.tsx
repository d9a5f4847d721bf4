// One document, beside the list: what it is, what may be changed about it, and its text.

import { useEffect, useRef, useState } from 'preact/hooks'
import type { DocumentInfo } from '../../../../src/core/document.ts'
import type { JobView } from '../../../../src/core/factory.ts'
import { bytes, clock, day, langOfText, number } from '../../language.ts'
import { Button } from '../../parts/button.tsx'
import { DocumentView } from '../../parts/document-view.tsx'
import { State } from '../../parts/lamp.tsx'
import { Failed, useLoaded } from '../../parts/loaded.tsx'
import { useKeys } from '../../keyboard.ts'
import { download } from './acts.ts'
import { Describe } from './describe.tsx'
import { progressOf } from './stages.ts'
import { folderName } from './tree.tsx'
import { t } from './words.ts'

export interface PreviewProps {
  id: string
  /** As the list has it, where it does. */
  known: DocumentInfo | undefined
  job: JobView | undefined
  embeds: boolean
  mayChange: boolean
  /** The place to open it at, and what was searched for. */
  at: { start: number; end: number } | undefined
  query: string | undefined
  onClose: () => void
  onRemove: (document: DocumentInfo) => void
  onRestore: (document: DocumentInfo) => void
  onStop: (document: DocumentInfo) => void
  onChanged: (document: DocumentInfo) => void
}

/** The panel. */
export function Preview(props: PreviewProps) {
  const { id, known, mayChange, onClose } = props
  const { value, error, reload } = useLoaded<DocumentInfo>(`/v1/documents/${encodeURIComponent(id)}`)
  const read = value?.id === id ? value : undefined
  // Whichever is newer.
  const document = read && known && known.updatedAt > read.updatedAt ? known : (read ?? known)
  const panel = useRef<HTMLElement>(null)
  useKeys({ Escape: onClose })
  // On a phone it covers the list.
  useEffect(() => {
    if (matchMedia('(max-width: 900px)').matches) panel.current?.querySelector('button')?.focus()
  }, [id])
  return (
    <aside class="lib-prev" aria-label={t('preview')} ref={panel}>
      <header>
        <div class="row">
          <h2 class="grow ell" lang={document && langOfText(document.name)} title={document?.name}>
            {document?.name ?? '…'}
          </h2>
          {document && document.status !== 'removed' && (
            <Button kind="ghost" icon="download" label={t('download')} onClick={() => void download(document)} />
          )}
          {document && mayChange && document.status !== 'removed' && (
            <Button kind="ghost" icon="trash" label={t('remove')} onClick={() => props.onRemove(document)} />
          )}
          <Button kind="ghost" icon="close" label={t('close')} onClick={onClose} />
        </div>
        {document && <About {...props} document={document} onChanged={(next) => (props.onChanged(next), reload())} />}
      </header>
      {error && !document && (
        <div class="lib-pad">
          {error.status === 404 ? (
            <DocumentView documentId={id} headerless findless />
          ) : (
            <Failed error={error} again={reload} />
          )}
        </div>
      )}
      {document && <Text key={`${id}.${document.version}`} {...props} document={document} />}
    </aside>
  )
}

function About(props: PreviewProps & { document: DocumentInfo }) {
  const { document, job, embeds, mayChange } = props
  const [editing, setEditing] = useState(false)
  const { title, name, pages, passages, size, addedAt, mediaType, collection, metadata, warnings, status } = document
  const { lamp, word, percent } = progressOf(document, job, embeds)
  if (editing)
    return (
      <Describe
        document={document}
        onClose={() => setEditing(false)}
        onSaved={(next) => {
          setEditing(false)
          props.onChanged(next)
        }}
      />
    )
  return (
    <>
      {title !== name && (
        <p class="sm sec" lang={langOfText(title)}>
          {title}
        </p>
      )}
      <dl class="num">
        {status !== 'ready' && (
          <>
            <dt>{t('state')}</dt>
            <dd>
              <State state={lamp}>{word}</State> {percent !== undefined && t('percent', { n: percent })}
            </dd>
          </>
        )}
        {pages !== undefined && <Fact name={t('fact.pages')}>{number(pages)}</Fact>}
        <Fact name={t('fact.passages')}>{number(passages)}</Fact>
        <Fact name={t('fact.size')}>{bytes(size)}</Fact>
        <Fact name={t('fact.added')}>
          {day(addedAt)} {clock(addedAt)}
        </Fact>
        <Fact name={t('fact.type')}>{mediaType}</Fact>
        {collection !== 'default' && <Fact name={t('fact.folder')}>{folderName(collection)}</Fact>}
        {Object.entries(metadata).map(([key, value]) => (
          <Fact key={key} name={key}>
            {typeof value === 'string' ? value : JSON.stringify(value)}
          </Fact>
        ))}
      </dl>
      {warnings.length > 0 && (
        <details class="sm sec">
          <summary>
            {t('warnings')} · {number(warnings.length)}
          </summary>
          <ul lang="en">
            {warnings.map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        </details>
      )}
      {mayChange && (
        <p class="lib-prev-acts">
          {status === 'removed' ? (
            <Button icon="undo" onClick={() => props.onRestore(document)}>
              {t('restore')}
            </Button>
          ) : (
            <Button kind="ghost" icon="edit" onClick={() => setEditing(true)}>
              {t('edit')}
            </Button>
          )}
          {(status === 'waiting' || status === 'loading') && (
            <Button kind="ghost" icon="stop" onClick={() => props.onStop(document)}>
              {t('stop')}
            </Button>
          )}
        </p>
      )}
    </>
  )
}

function Fact({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  )
}

function Text({ document, at, query }: PreviewProps & { document: DocumentInfo }) {
  const { id, version, status, reason } = document
  // Before its first version there is no text to ask for.
  if (version === 0 || status === 'removed')
    return (
      <p class="lib-pad sm sec">{reason ? <span lang="en">{reason}</span> : status !== 'removed' && t('text.none')}</p>
    )
  return <DocumentView documentId={id} start={at?.start} end={at?.end} query={at ? undefined : query} headerless />
}
