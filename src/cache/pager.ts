// Those who wait for news of a key in this process. News that is lost costs them their time limit, never more.

import { Register } from '../core/register.ts'
import type { News } from './level.ts'

export class Pager {
  readonly #listening = new Register<string, Set<Listener>>()

  /** Listens from now on: what is called before the wait is not lost. */
  listen(key: string): News {
    const listening = this.#listening.get(key) ?? new Set<Listener>()
    this.#listening.set(key, listening)
    const listener = new Listener(() => {
      listening.delete(listener)
      if (listening.size === 0 && this.#listening.get(key) === listening) this.#listening.delete(key)
    })
    listening.add(listener)
    return listener
  }

  /** Whether anybody listens. */
  has(key: string): boolean {
    return this.#listening.has(key)
  }

  call(key: string): void {
    for (const listener of this.#listening.get(key) ?? []) listener.call()
  }

  close(): void {
    for (const listening of this.#listening.values()) for (const listener of listening) listener.call()
  }
}

class Listener implements News {
  readonly #leave: () => void
  #called = false
  #wake: (() => void) | undefined

  constructor(leave: () => void) {
    this.#leave = leave
  }

  call(): void {
    this.#called = true
    this.#wake?.()
  }

  wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', wake)
        this.#wake = undefined
        this.#called = false
        resolve()
      }
      const timer = setTimeout(wake, ms)
      signal.addEventListener('abort', wake, { once: true })
      this.#wake = wake
      if (this.#called || signal.aborted) wake()
    })
  }

  [Symbol.dispose](): void {
    this.#leave()
  }
}
