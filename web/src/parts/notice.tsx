// What happened, what still works, and the one thing to do: degraded, too much at once, failed, no connection.

import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { offlineSince, retryMs } from '../api/connection.ts'
import { signInNeeded } from '../api/key.ts'
import { clock } from '../language.ts'
import { t } from '../words.ts'
import { Lamp, State, type LampState } from './lamp.tsx'
import './notice.css'

export interface NoticeProps {
  /** The state and its word, above the title. */
  state?: { lamp: LampState; word: string }
  /** Left out where the children begin with one of their own, as a countdown does. */
  title?: string
  children?: ComponentChildren
  actions?: ComponentChildren
}

/** A panel in the place of what could not be shown. */
export function Notice({ state, title, children, actions }: NoticeProps) {
  return (
    <section class="panel notice">
      {state && <State state={state.lamp}>{state.word}</State>}
      {title && <h3>{title}</h3>}
      {children && <div class="notice-text num">{children}</div>}
      {actions && <div class="notice-acts">{actions}</div>}
    </section>
  )
}

/** One sentence above an answer that is less than it could be: a grey ring, not an alarm. */
export function Degraded({ children }: { children: ComponentChildren }) {
  return (
    <p class="degraded">
      <Lamp state="idle" />
      <span>{children}</span>
    </p>
  )
}

/** One sentence while nobody answers; nothing else. */
export function Offline() {
  const since = offlineSince.value
  if (since === undefined) return null
  return (
    <p class="offline" role="status">
      <Lamp state="silent" size={11} />
      <span class="num">{t('offline', { t: clock(since), s: retryMs / 1000 })}</span>
    </p>
  )
}

/** One sentence while the server asks for a key. */
export function SignedOut() {
  if (!signInNeeded.value) return null
  return (
    <p class="offline" role="status">
      <Lamp state="idle" size={11} />
      <span>{t('sign-in')}</span>
      <a href="/settings">{t('sign-in.do')}</a>
    </p>
  )
}

/** Counts down and then does it: `children` is given the seconds left. */
export function Countdown({
  ms,
  onDone,
  children,
}: {
  ms: number
  onDone: () => void
  children: (seconds: number) => ComponentChildren
}) {
  const [left, setLeft] = useState(ms)
  useEffect(() => {
    const end = performance.now() + ms
    const tick = (): void => {
      const now = Math.max(0, end - performance.now())
      setLeft(now)
      if (now > 0) return
      clearInterval(timer)
      onDone()
    }
    const timer = setInterval(tick, 250)
    return () => clearInterval(timer)
  }, [ms])
  return (
    <>
      {children(Math.ceil(left / 1000))}
      <progress class="countdown" max={ms} value={ms - left} aria-hidden="true" />
    </>
  )
}
