// News of a registry: what came, went, or was switched.

import { announceTrouble } from '../core/channels.ts'
import type { Tool, ToolMode } from './tool.ts'

export type RegistryChange =
  | { type: 'registered' | 'unregistered' | 'enabled' | 'disabled'; tool: Tool }
  /** It is described otherwise now: whoever permitted it permitted `before`. */
  | { type: 'changed'; tool: Tool; before: Tool }
  | { type: 'mode-changed'; mode: ToolMode }

export type ChangeListener = (change: RegistryChange) => void

/** Tells listeners, each once; one that throws is reported and harms nobody. */
export class Changes {
  readonly #listeners = new Set<ChangeListener>()

  /** Dispose what is returned to hear no more. */
  listen(listener: ChangeListener): Disposable {
    const own: ChangeListener = (change) => listener(change)
    this.#listeners.add(own)
    return { [Symbol.dispose]: () => void this.#listeners.delete(own) }
  }

  tell(change: RegistryChange): void {
    for (const listener of this.#listeners) {
      try {
        listener(change)
      } catch (reason) {
        announceTrouble('tools', reason)
      }
    }
  }
}
