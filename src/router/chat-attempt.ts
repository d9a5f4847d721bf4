// One attempt of a chat at one endpoint: asked, and read until its first content. What comes before that is held back,
// so that another endpoint can answer instead and nobody has heard anything.

import { onOver, type OwnedCall } from '../core/call.ts'
import { letGo } from '../core/let-go.ts'
import type { ChatEvent, ChatModel, ChatRequest } from '../models/model.ts'
import { estimateTokens } from '../text/tokens.ts'
import { isContent, isWord } from './content.ts'
import { failedAttempt } from './failures.ts'
import type { Lease } from './order.ts'

/** An answer whose first content has come. */
export interface BegunChat {
  /** What came so far: up to the first content, or all of it. */
  readonly head: readonly ChatEvent[]
  /** When the first content came, monotonic milliseconds. */
  readonly firstAt: number
  readonly rest: AsyncIterator<ChatEvent>
  /** Disposed by whoever reads the rest. */
  readonly call: OwnedCall
}

/** How much of an answer is waited for. */
export interface Wanted {
  /** All of it: then it can still be answered elsewhere when it is cut in the middle. */
  readonly whole: boolean
  /** Told when the first content came. */
  readonly content: () => void
  /** When the first content must have come at the latest, monotonic milliseconds. Default: as the lease allows. */
  readonly firstBy?: number
}

/** Asks a model, within the lease's limits of silence; back with the first word, thought or call, or with everything. */
export async function beginChat(
  model: ChatModel,
  request: ChatRequest,
  lease: Lease,
  call: OwnedCall,
  { whole, content, firstBy = Infinity }: Wanted,
): Promise<BegunChat> {
  const { endpoint } = lease
  const firstTokenMs = Math.max(1, Math.min(lease.firstTokenMs, firstBy - performance.now()))
  const asked: ChatRequest = {
    ...request,
    firstTokenMs,
    idleMs: endpoint.idleMs,
    ...(lease.model === undefined ? {} : { model: lease.model }),
  }
  const rest = model.chat(asked, call)[Symbol.asyncIterator]()
  const head: ChatEvent[] = []
  let firstAt: number | undefined
  for (;;) {
    const next = await rest.next()
    if (next.done === true) break
    const event = next.value
    head.push(event)
    if (firstAt === undefined && (isContent(event) || isWord(event))) {
      firstAt = performance.now()
      content()
      if (!whole) {
        // It may have begun for nobody: the model lets go of what it holds.
        onOver(call, () => void letGo(rest))
        return { head, firstAt, rest, call }
      }
    }
    if (whole && 'text' in event) lease.progress(estimateTokens(event.text))
  }
  if (firstAt !== undefined) return { head, firstAt, rest, call }
  throw failedAttempt('malformed', `The endpoint "${endpoint.name}" ended its answer without a word.`)
}
