// The line to the host in a worker: what it is asked, and the news of its connections.

import { openCall } from '../core/call.ts'
import { FarCall } from '../places/far-call.ts'
import type { PoolWorker } from '../places/worker.ts'
import { connectionChannel } from './connection-news.ts'
import type { ConnectionNews } from './connection-news.ts'
import { hostKey } from './executor-start.ts'
import type { HostInput } from './host-message.ts'

/** Disposing hangs up: who still reads an answer hears `cancelled`. */
export class HostLine implements Disposable {
  readonly #call = openCall({ tenant: 'tools', id: 'tools' })
  readonly #listening = openCall({ tenant: 'tools', id: 'tools-news' })
  readonly #carrier: { start(call: FarCall): void; drop(): void }

  constructor(far: PoolWorker) {
    this.#carrier = { start: (call) => far.send(call), drop() {} }
  }

  /** Texts of the answer, as they come. Asked when the first is read. */
  ask(input: HostInput): AsyncIterable<unknown> {
    return new FarCall(this.#carrier, hostKey, 'tools', input, this.#call)
  }

  /** Announces here what connections announce there. Resolves when the line is hushed or closed, or its host has ended. */
  async listen(): Promise<void> {
    const input: HostInput = { kind: 'news' }
    try {
      for await (const text of new FarCall(this.#carrier, hostKey, 'tools', input, this.#listening)) {
        connectionChannel.announce(() => JSON.parse(String(text)) as ConnectionNews)
      }
    } catch {
      // It is hushed, or has ended.
    }
  }

  /** No news any more. */
  hush(): void {
    this.#listening[Symbol.dispose]()
  }

  [Symbol.dispose](): void {
    this.#call[Symbol.dispose]()
    this.hush()
  }
}
