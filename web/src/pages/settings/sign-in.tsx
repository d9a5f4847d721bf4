// The field for a key, and what stands around it when the server lets nobody in without one.

import { useId, useState } from 'preact/hooks'
import type { ApiError } from '../../api/client.ts'
import { key, signIn } from '../../api/key.ts'
import { Button } from '../../parts/button.tsx'
import { State } from '../../parts/lamp.tsx'
import { t } from './words.ts'

/** What is shown in the place of the settings. */
export function SignIn({ error }: { error: ApiError }) {
  return (
    <section id="key">
      <h1>{t('sign-in.title')}</h1>
      <p class="lead">{t('sign-in.lead')}</p>
      <div class="panel sign-in">
        {key.value !== undefined && (
          <div role="alert">
            <State state="stopped">
              <span lang="en">{error.detail}</span>
            </State>
          </div>
        )}
        <KeyField onKey={signIn} first />
        <p class="sec sm">{t('key.what')}</p>
      </div>
    </section>
  )
}

/** A field for a key. The key is not shown while it is pasted. */
export function KeyField({ onKey, first = false }: { onKey: (key: string) => void; first?: boolean }) {
  const [written, setWritten] = useState('')
  const id = useId()
  return (
    <form
      class="key-field"
      onSubmit={(event) => {
        event.preventDefault()
        if (written.trim() !== '') onKey(written)
      }}
    >
      <label class="vh" for={id}>
        {t('key')}
      </label>
      <input
        id={id}
        class="field"
        type="password"
        autocomplete="off"
        spellcheck={false}
        placeholder={t('key.shape')}
        value={written}
        autofocus={first}
        onInput={(event) => setWritten(event.currentTarget.value)}
      />
      <Button submit kind={first ? 'primary' : 'plain'}>
        {t('sign-in')}
      </Button>
    </form>
  )
}
