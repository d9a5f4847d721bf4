// What is said about a document, changed: its title, and facts by name.

import { useState } from 'preact/hooks'
import type { DocumentInfo } from '../../../../src/core/document.ts'
import type { Plain } from '../../../../src/core/plain.ts'
import { ApiError, sendJson } from '../../api/client.ts'
import { Button } from '../../parts/button.tsx'
import { show } from '../../parts/toast.tsx'
import { t } from './words.ts'

interface Fact {
  id: number
  key: string
  value: string
}

/** A form in the place of the facts. */
export function Describe(props: {
  document: DocumentInfo
  onSaved: (document: DocumentInfo) => void
  onClose: () => void
}) {
  const { id, title: before, metadata } = props.document
  const [title, setTitle] = useState(before)
  const [facts, setFacts] = useState<readonly Fact[]>(() =>
    Object.entries(metadata).map(([key, value], at) => ({ id: at, key, value: written(value) })),
  )
  const [error, setError] = useState('')
  const [busy, setBusy] = useState(false)
  const change = (fact: Fact): void => setFacts(facts.map((each) => (each.id === fact.id ? fact : each)))
  const save = async (): Promise<void> => {
    setBusy(true)
    try {
      const body = { ...(title.trim() === before ? {} : { title: title.trim() }), metadata: changed(metadata, facts) }
      const path = `/v1/documents/${encodeURIComponent(id)}`
      props.onSaved(await sendJson<DocumentInfo>('PATCH', path, body))
      show(t('saved'))
    } catch (reason) {
      if (reason instanceof ApiError) setError(reason.detail)
      setBusy(false)
    }
  }
  return (
    <form
      class="lib-describe"
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.preventDefault()
        props.onClose()
      }}
    >
      <label class="lib-label">
        {t('title')}
        <input
          class="field"
          autofocus
          maxLength={1024}
          value={title}
          onInput={(event) => setTitle(event.currentTarget.value)}
        />
      </label>
      <fieldset>
        <legend>{t('metadata')}</legend>
        {facts.map((fact) => (
          <div class="row" key={fact.id}>
            <input
              class="field"
              aria-label={t('metadata.key')}
              placeholder={t('metadata.key')}
              value={fact.key}
              onInput={(event) => change({ ...fact, key: event.currentTarget.value })}
            />
            <input
              class="field"
              aria-label={t('metadata.value')}
              placeholder={t('metadata.value')}
              value={fact.value}
              onInput={(event) => change({ ...fact, value: event.currentTarget.value })}
            />
            <Button
              kind="ghost"
              icon="close"
              label={t('metadata.drop', { x: fact.key })}
              onClick={() => setFacts(facts.filter((each) => each.id !== fact.id))}
            />
          </div>
        ))}
        <Button
          kind="ghost"
          icon="plus"
          onClick={() =>
            setFacts([...facts, { id: Math.max(-1, ...facts.map((each) => each.id)) + 1, key: '', value: '' }])
          }
        >
          {t('metadata.add')}
        </Button>
      </fieldset>
      {error !== '' && (
        <p role="alert" class="sm" lang="en">
          {error}
        </p>
      )}
      <div class="row">
        <Button kind="primary" submit disabled={busy}>
          {t('save')}
        </Button>
        <Button kind="ghost" onClick={props.onClose}>
          {t('cancel')}
        </Button>
      </div>
    </form>
  )
}

function written(value: Plain): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Keys that were changed or added; null for those that are gone. A value that was no text and did not change stays so. */
function changed(before: Readonly<Record<string, Plain>>, facts: readonly Fact[]): Record<string, Plain | null> {
  const change: Record<string, Plain | null> = {}
  const named = facts.filter(({ key }) => key.trim() !== '')
  for (const key of Object.keys(before)) if (!named.some((fact) => fact.key.trim() === key)) change[key] = null
  for (const { key, value } of named) {
    const old = before[key.trim()]
    if (old === undefined || written(old) !== value) change[key.trim()] = value
  }
  return change
}
