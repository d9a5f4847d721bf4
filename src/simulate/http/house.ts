// The routes around the answers: what is served, how it is, how it counts tokens, and sleep.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { z } from 'zod'
import { version } from '../../version.ts'
import { checked } from '../checked.ts'
import { detokenise, pieces, tokenise } from '../tokens.ts'
import { renderChat } from './chat-template.ts'
import type { EngineHost } from './host.ts'
import { label, readJson, send, sendJson } from './wire.ts'

/** A route; its reply is a value for JSON, or sent by itself when it returns nothing. */
export type HouseRoute = (
  host: EngineHost,
  request: IncomingMessage,
  response: ServerResponse,
) => object | undefined | Promise<object | undefined>

const tokenizeSchema = z.looseObject({
  prompt: z.string().optional(),
  messages: z.array(z.looseObject({ role: z.string(), content: z.string().nullish() })).optional(),
  return_token_strs: z.boolean().nullish(),
})
const detokenizeSchema = z.looseObject({ tokens: z.array(z.int().min(1)) })

/** By method and path. */
export const houseRoutes: Readonly<Record<string, HouseRoute>> = {
  'GET /health': (_host, _request, response) => empty(response),
  'GET /ping': (_host, _request, response) => empty(response),
  'GET /version': () => ({ version: `${version}-simulated`, simulated: true }),
  'GET /load': (host) => ({ server_load: host.counts.open }),
  'GET /v1/models': (host) => ({
    object: 'list',
    data: host.models
      .filter((id) => id !== '*')
      .map((id) => ({
        id,
        object: 'model',
        created: 0,
        owned_by: 'andon-simulated-engine',
        root: id,
        parent: null,
        max_model_len: host.settings.maxModelTokens,
        permission: [],
      })),
  }),
  'GET /metrics': async (host, _request, response) => {
    send(response, 200, host.metrics.contentType, await host.metrics.text())
    return undefined
  },
  'POST /tokenize': async (host, request) => {
    const { prompt, messages, return_token_strs: strings } = checked(tokenizeSchema, await readJson(request))
    const text = prompt ?? renderChat((messages ?? []).map(({ role, content }) => ({ role, content: content ?? '' })))
    const tokens = tokenise(text)
    return {
      count: tokens.length,
      max_model_len: host.settings.maxModelTokens,
      tokens,
      token_strs: strings === true ? pieces(text) : null,
    }
  },
  'POST /detokenize': async (_host, request) => {
    const { tokens } = checked(detokenizeSchema, await readJson(request))
    return { prompt: detokenise(tokens) }
  },
  'POST /sleep': (host, _request, response) => {
    host.asleep = true
    host.loop.pause()
    host.loop.engine.cache.forget()
    return empty(response)
  },
  'POST /wake_up': (host, _request, response) => {
    host.asleep = false
    host.loop.resume()
    return empty(response)
  },
  'GET /is_sleeping': (host) => ({ is_sleeping: host.asleep }),
  'POST /reset_prefix_cache': (host, _request, response) => {
    host.loop.engine.cache.forget()
    return empty(response)
  },
}

/** Answers a route of the house. */
export async function serveHouse(
  route: HouseRoute,
  host: EngineHost,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!(await host.answers(response))) return
  const value = await route(host, request, response)
  if (value !== undefined) sendJson(response, value)
}

function empty(response: ServerResponse): undefined {
  response.writeHead(200, { ...label, 'content-length': 0 })
  response.end()
}
