// The key that requests are signed with: kept for this tab only, and forgotten with it.

import { signal } from '@preact/signals'
import { read, write } from '../kept.ts'

const store = ((): Storage | undefined => {
  try {
    return globalThis.sessionStorage
  } catch {
    return undefined
  }
})()

/** The key in use; undefined when none is. */
export const key = signal(read(store, 'andon.key'))

/** Whether the server answered the last request with "not signed in". */
export const signInNeeded = signal(false)

/** Signs further requests with this key. */
export function signIn(secret: string): void {
  key.value = secret.trim()
  signInNeeded.value = false
  write(store, 'andon.key', key.value)
}

/** Forgets the key. */
export function signOut(): void {
  key.value = undefined
  write(store, 'andon.key', undefined)
}
