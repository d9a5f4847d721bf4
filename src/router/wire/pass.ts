// A request for a model goes through: placed at an endpoint of its model, or of the next in the chain when none of those
// can answer; its answer handed to the caller, its end told to the router. Endpoints that speak OpenAI's API get the very
// bytes; for the others, for /responses, which few servers have, and for a last resort in this process, a ChatModel
// speaks.

import type { ServerResponse } from 'node:http'
import { childCall, type OwnedCall } from '../../core/call.ts'
import { AndonError } from '../../core/errors.ts'
import type { Call } from '../../core/station.ts'
import type { ChatModel } from '../../models/model.ts'
import { askInTurn } from '../chain.ts'
import type { Ability } from '../endpoint.ts'
import { newTrail } from '../order.ts'
import type { Lease, Order, Placed, Trail } from '../order.ts'
import { BytesAttempt, type Asked } from './bytes-attempt.ts'
import { chatDialect } from './chat-dialect.ts'
import type { Dialect } from './dialect.ts'
import type { Refusal, Remembered } from './first-content.ts'
import type { Answering, HeadOf, Reply, Tally } from './reply.ts'
import { responsesDialect } from './responses-dialect.ts'
import { Translation } from './translation.ts'
import type { WireRouter } from './upstream.ts'

/** The paths that go through, below the version, and what an endpoint must be able to do for each. */
export const passedPaths: ReadonlyMap<string, Ability> = new Map([
  ['/chat/completions', 'chat'],
  ['/responses', 'chat'],
  ['/completions', 'completions'],
  ['/embeddings', 'embeddings'],
  ['/rerank', 'rerank'],
])

/** What a ChatModel may be asked at. */
const dialects: ReadonlyMap<string, Dialect> = new Map([
  ['/chat/completions', chatDialect],
  ['/responses', responsesDialect],
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

/** Somebody began to answer. */
interface Found {
  readonly reply: Reply
  /** As it was placed, with the model that answers. */
  readonly order: Order
  readonly answering: Answering
}

export class PassThrough {
  readonly #router: WireRouter

  constructor(router: WireRouter) {
    this.#router = router
  }

  /**
   * Places a request and hands its answer to `response`; `headOf` makes the headers once it is known who answers. Never
   * rejects: when nothing was sent, it says why, and the caller of this has to.
   */
  async run(
    order: Order,
    asked: Omit<Asked, 'remembered'>,
    call: Call,
    response: ServerResponse,
    headOf: (answering: Answering, ...what: Parameters<HeadOf>) => ReturnType<HeadOf>,
  ): Promise<Passed> {
    const startedAt = performance.now()
    const remembered: Remembered = { answeredNothing: false }
    const trail = newTrail()
    let found: Found
    try {
      const { ability, model: wanted } = order
      const { path, body } = asked
      const sent: Asked = { path, body, remembered }
      const resort = ability === 'chat' ? this.#router.lastResort : undefined
      const reached = await askInTurn(
        this.#router,
        {
          order,
          models: wanted === undefined ? [wanted] : this.#router.chain(ability, wanted),
          hasMore: resort !== undefined,
          begin: (named, lease, own) => this.#begin(lease, own, named, sent),
        },
        call,
        trail,
      )
      if (reached.placed) found = foundAt(reached.placed, reached.order, wanted)
      else if (resort) found = await askResort(resort, order, sent, call, trail)
      else throw reached.error
    } catch (reason) {
      const error = AndonError.from(reason)
      const { promptTokens } = order
      const totalMs = performance.now() - startedAt
      const none = { promptTokens, outputTokens: 0, estimated: true, totalMs }
      this.#router.ended({ order, call, ...trail, ...none, error })
      const { refusal } = remembered
      return error.code === 'invalid' && refusal ? { error, refusal } : { error }
    }
    const { answering } = found
    const { endpoint, model } = answering
    const firstTokenMs = performance.now() - startedAt
    const tally = await found.reply.send(response, (contentType, length) => headOf(answering, contentType, length))
    const totalMs = performance.now() - startedAt
    this.#router.ended({
      order: found.order,
      call,
      endpoint,
      model,
      attempts: trail.attempts,
      promptTokens: tally.promptTokens,
      cachedTokens: tally.cachedTokens,
      outputTokens: tally.outputTokens,
      estimated: tally.estimated,
      waitedMs: trail.waitedMs,
      firstTokenMs,
      totalMs,
      error: tally.error,
    })
    return { tally }
  }

  #begin(lease: Lease, call: OwnedCall, order: Order, asked: Asked): Promise<Reply> {
    const { endpoint } = lease
    const dialect = dialects.get(asked.path)
    const upstream = dialect === responsesDialect ? undefined : this.#router.upstream(endpoint)
    if (upstream) return new BytesAttempt(lease, call, upstream, asked).begin()
    const model = dialect && this.#router.chatModel(endpoint)
    if (model) return new Translation(lease, call, model, asked, dialect, order.model ?? model.name).begin()
    throw new AndonError('unsupported', `The endpoint "${endpoint.name}" (${endpoint.protocol}) has no ${asked.path}.`)
  }
}

/** The model in this process that answers when none of the chain does. */
async function askResort(model: ChatModel, order: Order, asked: Asked, call: Call, trail: Trail): Promise<Found> {
  const own = childCall(call)
  const dialect = dialects.get(asked.path) ?? chatDialect
  try {
    const reply = await new Translation(undefined, own, model, asked, dialect, model.name).begin()
    const degraded = order.model === model.name ? undefined : order.model
    return {
      reply,
      order: { ...order, model: model.name },
      answering: { endpoint: undefined, model: model.name, degraded, ...trail },
    }
  } catch (reason) {
    own[Symbol.dispose]()
    throw reason
  }
}

/** The endpoint at which it was placed; `wanted` is the model that was asked for. */
function foundAt({ begun, lease, trail }: Placed<Reply>, order: Order, wanted: string | undefined): Found {
  const { attempts, waitedMs } = trail
  const endpoint = lease.endpoint.name
  const model = order.model ?? lease.model ?? endpoint
  const degraded = wanted === model ? undefined : wanted
  return { reply: begun, order, answering: { endpoint, model, degraded, attempts, waitedMs } }
}
