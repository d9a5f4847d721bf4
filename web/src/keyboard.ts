// Keys that work everywhere on a page. Single characters are inert while somebody types, and can be turned off;
// `Escape` always works. What stands in front is asked first: a dialog before its page,
// a part before the page it stands in.

import { signal } from '@preact/signals'
import { useLayoutEffect, useState } from 'preact/hooks'
import { kept } from './kept.ts'

/** Whether single characters do anything. */
export const shortcuts = kept('shortcuts', ['on', 'off'], 'on')

/** Whether the list of keys is shown. */
export const keysShown = signal(false)

/**
 * What to do at a key: `/`, `n`, `[`, `1`, `z`, `?`, `Escape`, `ArrowLeft`, `Shift+S`, or two characters with a space
 * for one after the other (`g l`). A handler that returns false leaves the key to others.
 */
export type Keys = Record<string, (event: KeyboardEvent) => void | false>

interface Layer {
  /** In which order they were first shown: what stands inside of another, or in front of it, comes later. */
  order: number
  keys: Keys
  /** Whether nothing behind it is asked. */
  modal: boolean
}

const layers: Layer[] = []
let shown = 0
let before: { key: string; at: number } | undefined

/** How long the second of two characters may take. */
const pairMs = 1500

/**
 * Does these things at these keys for as long as the component is shown. While a modal one is, the keys of what stands
 * behind it do nothing.
 */
export function useKeys(keys: Keys, { modal = false } = {}): void {
  const [layer] = useState<Layer>(() => ({ order: ++shown, keys, modal }))
  layer.keys = keys
  // As soon as it is seen: a key that comes before the next frame is for it already.
  useLayoutEffect(() => {
    layers.push(layer)
    layers.sort((a, b) => b.order - a.order)
    return () => void layers.splice(layers.indexOf(layer), 1)
  }, [])
}

document.addEventListener('keydown', (event) => {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return
  const isCharacter = event.key.length === 1
  if (isCharacter && (shortcuts.value === 'off' || types(event.target))) return
  if (!isCharacter && event.key !== 'Escape' && types(event.target)) return
  const name = nameOf(event)
  const pair = before !== undefined && event.timeStamp - before.at < pairMs ? `${before.key} ${name}` : undefined
  before = isCharacter ? { key: name, at: event.timeStamp } : undefined
  if (pair !== undefined && done(pair, event)) {
    before = undefined
    return
  }
  done(name, event)
})

function done(name: string, event: KeyboardEvent): boolean {
  for (const { keys, modal } of layers) {
    const handler = keys[name]
    if (handler !== undefined && handler(event) !== false) {
      event.preventDefault()
      return true
    }
    if (modal) return true
  }
  return false
}

/** Letters are named without regard to Shift or Caps Lock, unless Shift is held: `n`, `Shift+N`. */
function nameOf(event: KeyboardEvent): string {
  if (/^\p{Letter}$/u.test(event.key))
    return event.shiftKey ? `Shift+${event.key.toUpperCase()}` : event.key.toLowerCase()
  return event.key
}

/** Whether what is typed there is text. */
export function types(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement)
    return true
  return target instanceof HTMLInputElement && !/^(button|checkbox|radio|submit|reset|file|range)$/.test(target.type)
}
