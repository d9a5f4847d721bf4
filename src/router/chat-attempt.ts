// One attempt of a chat at one endpoint: asked, and read until its first content. What comes before that is held back,
// so that another endpoint can answer instead and nobody has heard anything.

import type { OwnedCall } from '../core/call.ts'
import type { ChatEvent, ChatModel, ChatRequest } from '../models/model.ts'
import { failedAttempt } from './failures.ts'
import type { Lease } from './order.ts'

/** An answer whose first content has come. */
export interface BegunChat {
  /** What came up to the first content, which is the last of these. */
  readonly head: readonly ChatEvent[]
  readonly rest: AsyncIterator<ChatEvent>
  /** Disposed by whoever reads the rest. */
  readonly call: OwnedCall
}

/** Asks a model, within the lease's limits of silence; back with the first word, thought or call. */
export async function beginChat(
  model: ChatModel,
  request: ChatRequest,
  lease: Lease,
  call: OwnedCall,
): Promise<BegunChat> {
  const { endpoint, firstTokenMs } = lease
  const asked: ChatRequest = {
    ...request,
    firstTokenMs,
    idleMs: endpoint.idleMs,
    ...(lease.model === undefined ? {} : { model: lease.model }),
  }
  const rest = model.chat(asked, call)[Symbol.asyncIterator]()
  const head: ChatEvent[] = []
  for (;;) {
    const next = await rest.next()
    if (next.done === true) break
    head.push(next.value)
    if (isContent(next.value) || isWord(next.value)) return { head, rest, call }
  }
  throw failedAttempt('malformed', `The endpoint "${endpoint.name}" ended its answer without a word.`)
}

function isContent(event: ChatEvent): boolean {
  return (
    event.type === 'tool-call' ||
    ((event.type === 'text-delta' || event.type === 'reasoning-delta') && event.text !== '')
  )
}

/** An answer without content that says why is one all the same: its limit cut it, or its provider would not have it. */
function isWord(event: ChatEvent): boolean {
  return event.type === 'finish' && (event.reason === 'length' || event.reason === 'filter')
}
