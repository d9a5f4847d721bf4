// Where a question is written: kept across reloads, never sent while an input method composes. While an answer is under
// way it can be stopped, or the next question put behind it.

import { effect, signal } from '@preact/signals'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { offlineSince } from '../../api/connection.ts'
import { read, write } from '../../kept.ts'
import { Button } from '../../parts/button.tsx'
import { Icon } from '../../parts/icon.tsx'
import { asking, tab } from './running.ts'
import { chosen, collections, look } from './scope.ts'
import { lookForTools, offered, withTools } from './tool-switch.ts'
import { t } from './words.ts'
import './composer.css'

/** What is being written; after a reload also what was asked and not answered yet. */
export const draft = signal(read(tab(), 'andon.draft') ?? asking() ?? '')

effect(() => write(tab(), 'andon.draft', draft.value === '' ? undefined : draft.value))

/** Whether the composer wants the focus. */
const wanted = signal(0)

/** Puts the focus where a question is written. */
export function focusComposer(): void {
  wanted.value += 1
}

export interface ComposerProps {
  /** Present while an answer is under way. */
  onStop: (() => void) | undefined
  queued: string | undefined
  onUnqueue: () => void
  onAsk: (question: string) => void
}

/** The composer. */
export function Composer({ onStop, queued, onUnqueue, onAsk }: ComposerProps) {
  const field = useRef<HTMLTextAreaElement>(null)
  const text = draft.value
  const isOffline = offlineSince.value !== undefined
  const count = wanted.value
  useEffect(() => void look(), [])
  useEffect(() => void lookForTools(), [])
  // Before the next key: who asked for it with one types on.
  useLayoutEffect(() => {
    if (count > 0) field.current?.focus()
  }, [count])
  useLayoutEffect(() => {
    const area = field.current
    if (area === null) return
    area.style.height = '0'
    area.style.height = `${Math.min(area.scrollHeight, 200)}px`
  }, [text])
  const send = (): void => {
    const question = draft.value.trim()
    if (question === '') return
    draft.value = ''
    onAsk(question)
  }
  const stops = onStop !== undefined && text.trim() === ''
  return (
    <div class="comp">
      {queued !== undefined && (
        <p class="queued sm sec">
          <span class="grow ell">{t('sends.next', { q: queued })}</span>
          <button type="button" class="link" onClick={onUnqueue}>
            {t('cancel')}
          </button>
        </p>
      )}
      <form
        class="box"
        onSubmit={(event) => {
          event.preventDefault()
          send()
        }}
        onClick={(event) => event.target === event.currentTarget && field.current?.focus()}
      >
        <textarea
          ref={field}
          rows={1}
          value={text}
          aria-label={t('question')}
          placeholder={t('placeholder')}
          maxLength={20_000}
          onInput={(event) => (draft.value = event.currentTarget.value)}
          onKeyDown={(event) => {
            // 229: an input method that says so only this way.
            if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return
            event.preventDefault()
            send()
          }}
        />
        <div class="row">
          <Scope />
          <ToolSwitch />
          <span class="grow" />
          {isOffline ? (
            <span class="xs mut">{t('sends.back')}</span>
          ) : (
            <span class="xs mut hints" aria-hidden="true">
              <kbd>↵</kbd> {t('ask')} <kbd>⇧</kbd> <kbd>↵</kbd> {t('newline')}
            </span>
          )}
          {stops ? (
            <Button class="send" icon="stop" label={t('stop')} onClick={onStop} />
          ) : (
            <Button class="send" kind="primary" icon="send" label={t('send')} submit disabled={text.trim() === ''} />
          )}
        </div>
      </form>
    </div>
  )
}

function Scope() {
  const found = collections.value
  if (found === undefined) return <span class="chip" />
  const all = found.reduce((sum, { documents }) => sum + documents, 0)
  return (
    <label class="chip">
      <Icon name="document" />
      <span class="vh">{t('scope')}</span>
      <select class="num" value={chosen.value} onChange={(event) => (chosen.value = event.currentTarget.value)}>
        <option value="">{t('scope.one', { name: t('all'), n: all })}</option>
        {found.map(({ collection, documents }) => (
          <option key={collection} value={collection}>
            {t('scope.one', { name: collection, n: documents })}
          </option>
        ))}
      </select>
    </label>
  )
}

/** Whether the answer may call tools; nothing where there are none. */
function ToolSwitch() {
  const count = offered.value
  if (count === 0) return null
  const isOn = withTools.value === 'on'
  return (
    <button
      type="button"
      class="chip tool-switch"
      role="switch"
      aria-checked={isOn}
      title={t('tools.may')}
      onClick={() => (withTools.value = isOn ? 'off' : 'on')}
    >
      <Icon name="tool" />
      <span class="num">{t('tools.on', { n: count })}</span>
      {!isOn && <span aria-hidden="true">· {t('tools.off')}</span>}
    </button>
  )
}
