// A button: plain, primary, ghost, or one that stops something; large ones are for fingers.

import type { ComponentChildren, Ref } from 'preact'
import { Icon, type IconName } from './icon.tsx'
import './button.css'

export interface ButtonProps {
  children?: ComponentChildren
  onClick?: (event: MouseEvent) => void
  kind?: 'plain' | 'primary' | 'ghost' | 'stop'
  icon?: IconName
  /** What it does, for a button that shows only its icon; also its tooltip. */
  label?: string
  /** The key that does the same, shown beside the words. */
  hint?: string
  large?: boolean
  submit?: boolean
  disabled?: boolean
  pressed?: boolean
  expanded?: boolean
  class?: string
  inner?: Ref<HTMLButtonElement>
}

/** A button. */
export function Button(props: ButtonProps) {
  const { children, kind = 'plain', icon, label, hint } = props
  const kinds = { plain: '', primary: ' pri', ghost: ' ghost', stop: ' stop' }
  const only = children === undefined && icon !== undefined ? ' only' : ''
  return (
    <button
      ref={props.inner ?? null}
      type={props.submit ? 'submit' : 'button'}
      class={`btn${kinds[kind]}${props.large ? ' lg' : ''}${only} ${props.class ?? ''}`}
      onClick={props.onClick}
      disabled={props.disabled}
      aria-label={label}
      title={children === undefined ? label : undefined}
      aria-pressed={props.pressed}
      aria-expanded={props.expanded}
    >
      {icon && <Icon name={icon} />}
      {children}
      {hint && <kbd aria-hidden="true">{hint}</kbd>}
    </button>
  )
}
