// Which path does what, on the raw server of one engine.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { AndonError } from '../../core/errors.ts'
import { generate } from './generation.ts'
import type { EngineHost } from './host.ts'
import { houseRoutes, serveHouse } from './house.ts'
import { embeddings, pool, rerank, score } from './pooling.ts'
import { sendError } from './wire.ts'

type Work = (host: EngineHost, request: IncomingMessage, response: ServerResponse) => Promise<void>

const reranks: Work = async (host, request, response) => pool(host, rerank, request, response)
const scores: Work = async (host, request, response) => pool(host, score, request, response)

/** What the engine works for; all of it is POST. */
const work: Readonly<Record<string, Work>> = {
  '/v1/chat/completions': async (host, request, response) => generate(host, 'chat', request, response),
  '/v1/completions': async (host, request, response) => generate(host, 'completion', request, response),
  '/v1/embeddings': async (host, request, response) => pool(host, embeddings, request, response),
  '/rerank': reranks,
  '/v1/rerank': reranks,
  '/v2/rerank': reranks,
  '/score': scores,
  '/v1/score': scores,
}

/** Answers one request. Never throws. */
export async function serve(host: EngineHost, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
    const { method = 'GET' } = request
    const key = host.options.apiKey
    // As in vLLM, the key guards /v1 and nothing else.
    if (key !== undefined && path.startsWith('/v1') && request.headers.authorization !== `Bearer ${key}`)
      throw new AndonError('unauthenticated', 'Unauthorized')
    const working = method === 'POST' ? work[path] : undefined
    if (working) {
      if (host.asleep) throw new AndonError('unavailable', 'The simulated engine is asleep: POST /wake_up.')
      await working(host, request, response)
      return
    }
    const route = houseRoutes[`${method} ${path}`]
    if (!route) throw new AndonError('not-found', `There is no ${method} ${path} here.`)
    await serveHouse(route, host, request, response)
  } catch (reason) {
    request.resume()
    sendError(response, reason)
  }
}
