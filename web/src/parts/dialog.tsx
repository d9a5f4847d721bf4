// A question or a list in front of the page. The browser keeps the focus inside and gives it back afterwards.

import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { useKeys } from '../keyboard.ts'
import { t } from '../words.ts'
import { Button } from './button.tsx'
import './dialog.css'

export interface DialogProps {
  title: string
  onClose: () => void
  children: ComponentChildren
  /** Buttons; what has the attribute `autofocus` is where the focus begins. */
  actions?: ComponentChildren
}

/** Shown for as long as it is rendered; `Escape` and a click beside it ask to close. */
export function Dialog({ title, onClose, children, actions }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const before = document.activeElement
    dialog.current?.showModal()
    return () => {
      if (before instanceof HTMLElement) before.focus()
    }
  }, [])
  useKeys({ Escape: onClose }, { modal: true })
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      <div class="dialog-in">
        <header class="hd">
          <h2 id={id} class="grow">
            {title}
          </h2>
          <Button kind="ghost" icon="close" label={t('close')} onClick={onClose} />
        </header>
        {children}
        {actions && <div class="dialog-acts">{actions}</div>}
      </div>
    </dialog>
  )
}
