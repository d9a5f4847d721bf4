// What a gateway says once it takes requests: where, for which endpoints and models, how to try it and how to stop it; and
// a moment later which endpoints do not answer yet.

import { endpointsOf } from '../configured-endpoints.ts'
import { isLoopback } from '../gateway/host-guard.ts'
import type { Options } from '../options.ts'
import { counted } from './output.ts'
import type { Shell } from './shell.ts'

/** Endpoints that are told of by name. */
const mostNamed = 8

type Told = Pick<Shell, 'output' | 'configuration' | 'signal'>

/** Says it; `processes` where they are several. Nothing of it is waited for, and a program hears its one value only. */
export function tellGateway(told: Told, url: string, processes = 1): void {
  const { output, configuration } = told
  const { models, auth, host } = configuration.options
  output.line(`Andon passes requests for models on at ${url}${processes === 1 ? '' : ` in ${processes} processes`}`)
  if (output.json) return
  output.note(endpointsSentence(models))
  const key = auth.required || !isLoopback(host) ? ` -H 'authorization: Bearer KEY'` : ''
  const body = JSON.stringify({ model: triedModel(models), messages: [{ role: 'user', content: 'Hello' }] })
  output.note(`Try: curl ${url}/v1/chat/completions -H 'content-type: application/json'${key} -d '${body}'`)
  output.note('Stop: Ctrl-C')
  void tellSilent(told)
}

/** How many endpoints there are, and of which models: `2 endpoints: a (qwen3-8b), b (any model).` */
function endpointsSentence(models: Options['models']): string {
  const written = endpointsOf(models)
  const named = written.slice(0, mostNamed).map((each) => `${each.name} (${modelsOf(each)?.join(', ') ?? 'any model'})`)
  if (written.length > mostNamed) named.push(`and ${written.length - mostNamed} more`)
  const found = models.discover.map(
    ({ endpoint }) => `${endpoint.name} (${modelsOf(endpoint)?.join(', ') ?? 'any model'})`,
  )
  return [
    ...(written.length === 0 ? [] : [`${counted(written.length, 'endpoint')}: ${named.join(', ')}.`]),
    ...(found.length === 0 ? [] : [`Looked for in the DNS: ${found.join(', ')}.`]),
  ].join(' ')
}

interface Named {
  serves?: readonly string[] | undefined
  model?: string | undefined
}

/** The names that an endpoint is asked for by; undefined for any. */
function modelsOf({ serves, model }: Named): readonly string[] | undefined {
  return serves ?? (model === undefined ? undefined : [model])
}

/** A model that an endpoint which chats has, or a name that stands for one. */
function triedModel(models: Options['models']): string {
  const chatting = [...endpointsOf(models), ...models.discover.map(({ endpoint }) => endpoint)].filter(
    ({ can }) => can === undefined || can.includes('chat'),
  )
  return chatting.flatMap((each) => modelsOf(each) ?? [])[0] ?? 'MODEL'
}

/** Names those that do not answer, or refuse the key. They may come later: the router finds that out itself. */
async function tellSilent({ output, configuration, signal }: Told): Promise<void> {
  const { reachModels } = await import('./reach.ts')
  const { models } = configuration.options
  const parts = await reachModels(
    { ...configuration.options, models, embedder: undefined, reranker: undefined },
    signal,
  ).catch(() => [])
  const silent = parts.filter(({ ok }) => !ok)
  for (const { name, message } of silent.slice(0, mostNamed)) output.note(`${name}: ${message}`)
  if (silent.length > mostNamed) output.note(`And ${silent.length - mostNamed} more; GET /v1/router tells how each is.`)
}
