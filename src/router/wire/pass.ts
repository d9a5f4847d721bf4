// A request for a model goes through: placed at an endpoint, its answer handed to the caller, its end told to the router.
// Endpoints that speak OpenAI's API get the very bytes; for the others a ChatModel speaks.

import type { ServerResponse } from 'node:http'
import { AndonError } from '../../core/errors.ts'
import type { Call } from '../../core/station.ts'
import type { Ability } from '../endpoint.ts'
import type { Attempt as Tried, Order, Placed } from '../order.ts'
import { Attempt, type Asked } from './attempt.ts'
import { passedChannel } from './channel.ts'
import type { Refusal, Remembered } from './first-content.ts'
import type { HeadOf, Reply, Tally } from './reply.ts'
import { Translation } from './translation.ts'
import type { Ended, WireRouter } from './upstream.ts'

/** The paths that go through, below the version, and what an endpoint must be able to do for each. */
export const passedPaths: ReadonlyMap<string, Ability> = new Map([
  ['/chat/completions', 'chat'],
  ['/completions', 'completions'],
  ['/embeddings', 'embeddings'],
  ['/rerank', 'rerank'],
])

/** How a request went. */
export interface Passed {
  /** What it came to; without one nothing was sent to the caller. */
  tally?: Tally
  /** Why nothing was sent. */
  error?: AndonError
  /** What the endpoint itself said of a request that is wrong: better than any words about it. */
  refusal?: Refusal
}

export class PassThrough {
  readonly #router: WireRouter

  constructor(router: WireRouter) {
    this.#router = router
  }

  /**
   * Places a request and hands its answer to `response`; `headsOf` makes the headers once it is known who answers. Never
   * rejects: when nothing was sent, it says why, and the caller of this has to.
   */
  async run(
    order: Order,
    asked: Omit<Asked, 'remembered'>,
    call: Call,
    response: ServerResponse,
    headsOf: (placed: Placed<Reply>) => HeadOf,
  ): Promise<Passed> {
    const startedAt = performance.now()
    const remembered: Remembered = { answeredNothing: false }
    const request: Asked = { ...asked, remembered }
    const attempts: Tried[] = []
    let placed: Placed<Reply>
    try {
      placed = await this.#router.place<Reply>(
        order,
        call,
        (lease, own) => {
          const { endpoint } = lease
          const upstream = this.#router.upstream(endpoint)
          if (upstream) return new Attempt(lease, own, upstream, request).begin()
          const model = order.ability === 'chat' ? this.#router.chatModel(endpoint) : undefined
          if (model) return new Translation(lease, own, model, request).begin()
          throw new AndonError(
            'unsupported',
            `The endpoint "${endpoint.name}" (${endpoint.protocol}) has no ${asked.path}.`,
          )
        },
        attempts,
      )
    } catch (reason) {
      const error = AndonError.from(reason)
      const { promptTokens } = order
      const totalMs = performance.now() - startedAt
      const none = { promptTokens, outputTokens: 0, estimated: true, waitedMs: totalMs, totalMs }
      this.#tell({ order, call, attempts, ...none, error })
      const { refusal } = remembered
      return error.code === 'invalid' && refusal ? { error, refusal } : { error }
    }
    const { lease, begun, waitedMs } = placed
    const firstTokenMs = performance.now() - startedAt
    const tally = await begun.send(response, headsOf(placed))
    const totalMs = performance.now() - startedAt
    this.#tell({
      order,
      call,
      endpoint: lease.endpoint.name,
      attempts,
      waitedMs,
      firstTokenMs,
      totalMs,
      ...tally,
    })
    return { tally }
  }

  #tell(ended: Ended): void {
    this.#router.ended(ended)
    passedChannel.announce(() => ended)
  }
}
