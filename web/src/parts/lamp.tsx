// A state, encoded three ways: shape, word and colour.

import type { ComponentChildren } from 'preact'
import './lamp.css'

export type LampState = 'idle' | 'working' | 'backed-up' | 'stopped' | 'draining' | 'silent'

const colours: Record<LampState, string> = {
  idle: 's-off',
  working: 's-go',
  'backed-up': 's-wait',
  stopped: 's-stop',
  draining: 's-drain',
  silent: 's-off',
}

/** The shape in its colour. The word beside it is somebody else's: a lamp alone says nothing to a screen reader. */
export function Lamp({ state, size = 9 }: { state: LampState; size?: number }) {
  return (
    <svg
      class={`lamp ${colours[state]}`}
      viewBox="0 0 12 12"
      width={size}
      height={size}
      data-state={state}
      aria-hidden="true"
    >
      {shape(state)}
    </svg>
  )
}

/** The lamp and its word. */
export function State({ state, children }: { state: LampState; children: ComponentChildren }) {
  return (
    <span class={`st ${colours[state]}`}>
      <Lamp state={state} size={state === 'backed-up' || state === 'stopped' ? 11 : 9} />
      {children}
    </span>
  )
}

function shape(state: LampState) {
  switch (state) {
    case 'working':
      return <circle cx="6" cy="6" r="5" fill="currentColor" />
    case 'backed-up':
      return <path class="lamp-edge" d="M6 1.2 11.2 10.5H.8z" fill="currentColor" stroke-linejoin="round" />
    case 'stopped':
      return <rect x="1.2" y="1.2" width="9.6" height="9.6" rx="1.2" fill="currentColor" />
    case 'draining':
      return (
        <>
          <circle cx="6" cy="6" r="4.25" fill="none" stroke="currentColor" stroke-width="1.5" />
          <path d="M6 1a5 5 0 0 0 0 10z" fill="currentColor" />
        </>
      )
    case 'idle':
      return <circle cx="6" cy="6" r="4.25" fill="none" stroke="currentColor" stroke-width="1.5" />
    case 'silent':
      return (
        <circle cx="6" cy="6" r="4.25" fill="none" stroke="currentColor" stroke-width="1.5" stroke-dasharray="2 2.4" />
      )
  }
}
