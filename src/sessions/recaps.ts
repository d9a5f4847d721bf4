// Recaps are made behind the answers: nobody waits for one, and one that fails or is cancelled costs nothing but what
// it would have kept.

import { openCall } from '../core/call.ts'
import { announceTrouble } from '../core/channels.ts'
import { AndonError } from '../core/errors.ts'
import type { ChatModel } from '../models/model.ts'
import type { Library, Session, SessionStore } from '../stores/store.ts'
import { extractRecap, recapDue, type RecapDue } from './recap.ts'
import { recapByModel } from './recap-by-model.ts'

/** What recaps are made with. */
export interface RecapParts {
  sessions: SessionStore
  library: Pick<Library, 'get'>
  /** Without one, rules tell what was said. */
  model?: ChatModel
  options: { historyTurns: number; summaries: boolean; summaryTokens: number }
}

interface Making {
  readonly ended: Promise<void>
  readonly aborting: AbortController
  /** Something was said since it began. */
  again: boolean
}

/** Made at once, of all tenants. */
const mostAtOnce = 2
/** Conversations that wait for it. Of more, it is made when something is said in them again. */
const mostWaiting = 1_000
/** Turns that are read first. */
const latest = 40
/** How long a model may take for one, in milliseconds. */
const budgetMs = 60_000
/** How often it is brought to a conversation that goes on meanwhile. */
const attempts = 3

/** The recaps that are made in this process. Disposing cancels those under way. */
export class Recaps implements AsyncDisposable {
  readonly #parts: RecapParts
  readonly #making = new Map<string, Making>()
  readonly #waiting = new Map<string, [tenant: string, id: string]>()
  #closed = false

  constructor(parts: RecapParts) {
    this.#parts = parts
  }

  /** Something was said in a session: what does not fit into prompts any more is told in short, by and by. */
  said(tenant: string, id: string): void {
    const { historyTurns, summaries } = this.#parts.options
    if (this.#closed || !summaries || historyTurns === 0) return
    const key = keyOf(tenant, id)
    const making = this.#making.get(key)
    if (making) making.again = true
    else if (this.#waiting.size < mostWaiting) this.#waiting.set(key, [tenant, id])
    this.#next()
  }

  /** A session is forgotten: resolves when nothing of it is made any more. */
  async forget(tenant: string, id: string): Promise<void> {
    const key = keyOf(tenant, id)
    this.#waiting.delete(key)
    const making = this.#making.get(key)
    if (!making) return
    making.again = false
    making.aborting.abort(new AndonError('cancelled', 'The conversation was erased'))
    await making.ended
  }

  /** Resolves when none is under way or waits. */
  async idle(): Promise<void> {
    while (this.#making.size > 0) await Promise.all([...this.#making.values()].map(({ ended }) => ended))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    this.#waiting.clear()
    for (const { aborting } of this.#making.values()) aborting.abort(new AndonError('cancelled', 'Andon is closing'))
    await this.idle()
  }

  #next(): void {
    for (const [key, [tenant, id]] of this.#waiting) {
      if (this.#making.size >= mostAtOnce) return
      this.#waiting.delete(key)
      const aborting = new AbortController()
      const ended = this.#make(tenant, id, aborting.signal)
        .catch((reason: unknown) => {
          if (!aborting.signal.aborted) announceTrouble('summarising', reason)
        })
        .then(() => {
          this.#making.delete(key)
          if (making.again) this.said(tenant, id)
          this.#next()
        })
      const making: Making = { ended, aborting, again: false }
      this.#making.set(key, making)
    }
  }

  async #make(tenant: string, id: string, signal: AbortSignal): Promise<void> {
    const { sessions, options } = this.#parts
    let session = await sessions.read(tenant, id, { latest })
    if ((session.earlier ?? 0) > (session.recap?.turns ?? 0)) session = await sessions.read(tenant, id)
    const due = recapDue(session, options.historyTurns)
    if (!due || session.removedAt !== undefined) return
    const text = await this.#tell(tenant, due, signal)
    for (let attempt = 1; ; attempt++) {
      signal.throwIfAborted()
      const kept = await sessions.keepRecap(tenant, id, session.version, { text, turns: due.upTo })
      if (kept || attempt === attempts) return
      const now = await sessions.read(tenant, id)
      if (!goesOn(session, now)) return
      session = now
    }
  }

  async #tell(tenant: string, due: RecapDue, signal: AbortSignal): Promise<string> {
    const { library, model, options } = this.#parts
    const { summaryTokens } = options
    using call = openCall({ tenant, signal, budgetMs })
    const told = model && (await recapByModel(due, summaryTokens, model, call))
    signal.throwIfAborted()
    if (told !== undefined) return told
    const ids = new Set(due.turns.flatMap(({ citedFirst }) => citedFirst?.documentId ?? []))
    const documents = await Promise.all([...ids].map((documentId) => library.get(tenant, documentId)))
    const names = new Map(documents.flatMap((document) => (document ? [[document.id, document.name]] : [])))
    return extractRecap(due, summaryTokens, (documentId) => names.get(documentId))
  }
}

/** Whether a session is the one that was read, with only more said at its end. */
function goesOn(was: Session, now: Session): boolean {
  const { earlier = 0, turns, recap } = was
  const told = earlier + turns.length
  const last = now.turns[told - 1]
  return (
    now.version > was.version &&
    now.recap?.turns === recap?.turns &&
    last?.at === turns.at(-1)?.at &&
    last?.answerId === turns.at(-1)?.answerId &&
    now.turns.slice(told).every(({ versionOf }) => versionOf === undefined)
  )
}

function keyOf(tenant: string, id: string): string {
  return JSON.stringify([tenant, id])
}
