// Vectors and scores for many texts: cut into batches, each placed for itself, so that all endpoints have their share.

import { childCall, endCall, throwIfOver } from '../core/call.ts'
import type { OwnedCall } from '../core/call.ts'
import { AndonError } from '../core/errors.ts'
import type { Call } from '../core/station.ts'
import type { TextsUsed } from '../models/texts-usage.ts'
import { estimateTokens } from '../text/tokens.ts'
import { failedAttempt } from './failures.ts'
import { newTrail } from './order.ts'
import type { Lease, Order } from './order.ts'
import type { WireRouter } from './wire/upstream.ts'

/** Asks one endpoint for the outputs of a batch, and says what they took, once for each request that it made. */
type Ask<Output> = (lease: Lease, batch: string[], call: Call, used: TextsUsed) => Promise<Output[]>

/** Batches of one request that are under way at once. */
const atOnce = 8
/** Texts of a batch, and their tokens: a few seconds of a CPU. */
const mostTexts = 64
const mostTokens = 8_000

export class TextsRouter {
  readonly #router: Pick<WireRouter, 'place' | 'ended'>

  constructor(router: Pick<WireRouter, 'place' | 'ended'>) {
    this.#router = router
  }

  /** One output for each text, in order. The first failure ends it all. */
  async run<Output>(
    texts: readonly string[],
    orderOf: (batch: string[]) => Order,
    ask: Ask<Output>,
    call: Call,
  ): Promise<Output[]> {
    throwIfOver(call)
    using together = childCall(call)
    const batches = batchesOf(texts)
    const outputs = Array.from(batches, (): Output[] => [])
    let next = 0
    const work = async (): Promise<void> => {
      for (let index = next++; index < batches.length; index = next++) {
        const batch = batches[index] ?? []
        outputs[index] = await this.#one(orderOf(batch), batch, ask, together)
      }
    }
    await Promise.all(Array.from({ length: Math.min(atOnce, batches.length) }, work))
    return outputs.flat()
  }

  async #one<Output>(order: Order, batch: string[], ask: Ask<Output>, call: Call): Promise<Output[]> {
    const startedAt = performance.now()
    const trail = newTrail()
    let endpoint: string | undefined
    let said: number | undefined
    let firstTokenMs: number | undefined
    let error: AndonError | undefined
    try {
      const placed = await this.#router.place(order, call, (lease, own) => timed(lease, batch, own, ask), trail)
      endpoint = placed.lease.endpoint.name
      firstTokenMs = performance.now() - startedAt
      said = placed.begun.promptTokens
      placed.lease.end({ kind: 'done', promptTokens: said ?? order.promptTokens })
      placed.begun.call[Symbol.dispose]()
      return placed.begun.output
    } catch (reason) {
      error = AndonError.from(reason)
      throw error
    } finally {
      this.#router.ended({
        order,
        call,
        endpoint,
        attempts: trail.attempts,
        promptTokens: endpoint === undefined ? 0 : (said ?? order.promptTokens),
        outputTokens: 0,
        estimated: said === undefined,
        waitedMs: trail.waitedMs,
        firstTokenMs,
        totalMs: performance.now() - startedAt,
        ...(error === undefined ? {} : { error }),
      })
    }
  }
}

/** Asks, for no longer than the lease allows: the answer comes in one piece. */
async function timed<Output>(
  lease: Lease,
  batch: string[],
  call: OwnedCall,
  ask: Ask<Output>,
): Promise<{ output: Output[]; promptTokens: number | undefined; call: OwnedCall }> {
  const { endpoint, firstTokenMs } = lease
  const ms = Math.round(firstTokenMs)
  const late = (): void =>
    endCall(call, failedAttempt('silent', `The endpoint "${endpoint.name}" said nothing within ${ms} ms.`))
  const timer = setTimeout(late, ms)
  try {
    let requests = 0
    let counted = 0
    let sum = 0
    const output = await ask(lease, batch, call, (tokens) => {
      requests++
      if (tokens === undefined) return
      counted++
      sum += tokens
    })
    return { output, promptTokens: counted > 0 && counted === requests ? sum : undefined, call }
  } finally {
    clearTimeout(timer)
  }
}

function batchesOf(texts: readonly string[]): string[][] {
  const batches: string[][] = []
  let batch: string[] = []
  let tokens = 0
  for (const text of texts) {
    const size = estimateTokens(text)
    if (batch.length > 0 && (batch.length === mostTexts || tokens + size > mostTokens)) {
      batches.push(batch)
      batch = []
      tokens = 0
    }
    batch.push(text)
    tokens += size
  }
  if (batch.length > 0) batches.push(batch)
  return batches
}
