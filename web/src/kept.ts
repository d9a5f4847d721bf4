// Choices that this browser keeps. A browser that keeps nothing loses them with the tab.

import { signal, type Signal } from '@preact/signals'

/** A signal whose value is kept under `andon.<name>` in this browser; anything that is not among `values` is `initial`. */
export function kept<Value extends string>(name: string, values: readonly Value[], initial: Value): Signal<Value> {
  const found = read(localStore(), `andon.${name}`)
  const value = signal(values.find((each) => each === found) ?? initial)
  let first = true
  value.subscribe((now) => {
    if (!first) write(localStore(), `andon.${name}`, now)
    first = false
  })
  return value
}

/** What a store keeps under a key; undefined when it keeps nothing. */
export function read(store: Storage | undefined, key: string): string | undefined {
  try {
    return store?.getItem(key) ?? undefined
  } catch {
    return undefined
  }
}

/** Keeps a value, or forgets it when there is none. Never throws. */
export function write(store: Storage | undefined, key: string, value: string | undefined): void {
  try {
    if (value === undefined) store?.removeItem(key)
    else store?.setItem(key, value)
  } catch {
    // Full, or not allowed: the choice holds for as long as the tab does.
  }
}

/** What this browser keeps across tabs; undefined where it keeps nothing. */
export function localStore(): Storage | undefined {
  try {
    return globalThis.localStorage
  } catch {
    return undefined
  }
}
