// Whether the model servers of the configuration can be reached and take the key, asked the way a model would be.

import { request } from 'undici'
import { AndonError } from '../core/errors.ts'
import type { HealthPart } from '../core/factory.ts'
import { baseAddress, pathBelow, shownAddress } from '../models/address.ts'
import { keyHeaderOf, keyHeaders } from '../models/keys.ts'
import type { Options } from '../options.ts'
import type { Protocol } from '../router/endpoint.ts'

/** How long a server may take to say anything, in milliseconds. */
const patienceMs = 3000

interface Server {
  name: string
  /** As people set it. */
  setting: string
  /** The option that names its address. */
  option: string
  url: string
  keySetting: string
  apiKey: string | undefined
  /** Default: one of OpenAI's kin. */
  protocol?: Protocol
  /** A path that lists or checks and costs nothing. */
  path: string
  version?: string
}

/** One part per server that the options name; none when they name none. `unused`: options that a running Andon has not. */
export async function reachModels(
  options: Options,
  signal: AbortSignal,
  unused: readonly string[] = [],
): Promise<HealthPart[]> {
  return Promise.all(
    serversOf(options).map(async (server) => {
      const part = await reach(server, signal)
      if (!unused.includes(server.option)) return part
      return { ...part, message: `${part.message.replace(/\.$/, '')}; the running server does not use it.` }
    }),
  )
}

function serversOf({ models, embedder, reranker }: Options): Server[] {
  const servers: Server[] = []
  if (models.baseUrl !== undefined) {
    servers.push({
      name: 'model server',
      setting: 'OPENAI_BASE_URL',
      option: 'models.baseUrl',
      url: models.baseUrl,
      keySetting: 'OPENAI_API_KEY',
      apiKey: models.apiKey,
      protocol: models.protocol,
      path: '/models',
      version: models.protocol === 'gemini' ? '/v1beta' : '/v1',
    })
  }
  for (const { name, url, protocol, apiKey } of models.endpoints)
    servers.push({
      name: `endpoint ${name}`,
      setting: 'models.endpoints',
      option: 'models.endpoints',
      url,
      keySetting: 'its apiKey',
      apiKey,
      protocol,
      path: '/models',
      version: protocol === 'gemini' ? '/v1beta' : '/v1',
    })
  if (embedder?.url !== undefined) {
    const isOpenAI = embedder.kind === 'openai'
    servers.push({
      name: 'embedder server',
      setting: 'embedder.url',
      option: 'embedder.url',
      url: embedder.url,
      keySetting: 'embedder.apiKey',
      apiKey: embedder.apiKey,
      path: isOpenAI ? '/models' : '/health',
      ...(isOpenAI ? { version: '/v1' } : {}),
    })
  }
  if (reranker?.url !== undefined) {
    const { url, apiKey } = reranker
    servers.push({
      name: 'reranker server',
      setting: 'reranker.url',
      option: 'reranker.url',
      url,
      keySetting: 'reranker.apiKey',
      apiKey,
      path: '/health',
    })
  }
  return servers
}

async function reach(server: Server, signal: AbortSignal): Promise<HealthPart> {
  const { name, setting, keySetting, apiKey } = server
  let where = setting
  try {
    const base = baseAddress(server.url, setting, server.version)
    where = shownAddress(base)
    const { statusCode, body } = await request(new URL(pathBelow(base, server.path), base.origin), {
      headers: keyHeaders(keyHeaderOf(server.protocol ?? 'generic'), apiKey),
      signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]),
    })
    await body.dump()
    if (statusCode === 401 || statusCode === 403) {
      return { name, ok: false, message: `${where} refuses the key (${statusCode}). Check ${keySetting}.` }
    }
    // Not every server knows the path; one that answers at all is there.
    if (statusCode >= 500)
      return { name, ok: false, message: `${where} answers with ${statusCode}: its own log says why.` }
    return { name, ok: true, message: `${where} answers.` }
  } catch (reason) {
    signal.throwIfAborted()
    const why =
      AndonError.from(reason).code === 'deadline'
        ? `said nothing in ${patienceMs} ms`
        : AndonError.from(reason).sentence
    return { name, ok: false, message: `${where} cannot be reached (${why}). Start the server, or check ${setting}.` }
  }
}
