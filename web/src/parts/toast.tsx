// What was just done, with the way back, and perhaps the way on: ten seconds, longer while it is looked at or asked
// about. `Z` undoes.

import { signal } from '@preact/signals'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { useKeys } from '../keyboard.ts'
import { t } from '../words.ts'
import { announce } from './announcer.tsx'
import { Button } from './button.tsx'
import './toast.css'

interface Toast {
  id: number
  sentence: string
  undo?: (() => void | Promise<void>) | undefined
  next?: ToastNext | undefined
}

/** What may be done next. */
export interface ToastNext {
  label: string
  act: () => void
}

/** How long it stands. */
const shownMs = 10_000

const toast = signal<Toast | undefined>(undefined)
let count = 0

/** Shows a sentence, how to undo what it tells of, and what may be done next. It takes the place of the one before. */
export function show(sentence: string, undo?: () => void | Promise<void>, next?: ToastNext): void {
  toast.value = { id: ++count, sentence, undo, next }
  announce(undo === undefined ? sentence : `${sentence} ${t('undo.key')}`)
}

/** Takes it away. */
export function hide(): void {
  toast.value = undefined
}

/** Where it is shown. Once on the page. */
export function Toasts() {
  const now = toast.value
  return now === undefined ? null : <Shown key={now.id} toast={now} />
}

function Shown({ toast: { sentence, undo, next } }: { toast: Toast }) {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const hold = (): void => clearTimeout(timer.current)
  const run = (): void => {
    hold()
    // In front of it stands a question that it led to, perhaps: no means that it can still be undone.
    timer.current = setTimeout(() => (document.querySelector('dialog[open]') ? run() : hide()), shownMs)
  }
  const place = useRef<HTMLDivElement>(null)
  // What ends above it has to know its height.
  useLayoutEffect(() => document.body.style.setProperty('--news', `${place.current?.offsetHeight ?? 0}px`))
  const back = (): void => {
    hide()
    void undo?.()
  }
  useEffect(() => {
    run()
    return hold
  }, [])
  useKeys({ z: () => (undo === undefined ? false : back()) })
  return (
    <div class="toast" ref={place} onMouseEnter={hold} onMouseLeave={run} onFocusIn={hold} onFocusOut={run}>
      <span class="grow">{sentence}</span>
      <span class="row">
        {next && (
          <Button kind="ghost" onClick={next.act}>
            {next.label}
          </Button>
        )}
        {undo && (
          <Button kind="ghost" icon="undo" hint="Z" onClick={back}>
            {t('undo')}
          </Button>
        )}
        <Button kind="ghost" icon="close" label={t('close')} onClick={hide} />
      </span>
    </div>
  )
}
