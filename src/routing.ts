// The models that answers are written by: one router over every endpoint that the options name, the server of
// OPENAI_BASE_URL and the model in a file among them.

import { openArbiter } from './concurrency/arbiter.ts'
import { endpointsOf, namesEndpoints } from './configured-endpoints.ts'
import { routerOptionsOf } from './configured-router.ts'
import { AndonError } from './core/errors.ts'
import type { Places } from './core/station.ts'
import { LlamaChat } from './models/llama/chat.ts'
import type { ChatModel } from './models/model.ts'
import type { Options } from './options.ts'
import type { ModelEndpoint } from './router/endpoint.ts'
import { ConcurrentRouter } from './router/router.ts'

/** Disposing closes the connections and cuts what still runs. */
export interface Routing extends AsyncDisposable {
  /** Undefined when the options name no endpoint. */
  readonly router: ConcurrentRouter | undefined
  /** Who writes answers; undefined when nobody does. */
  readonly chat: ChatModel | undefined
  /** The models that are asked after its own. */
  readonly fallback: readonly string[]
  /**
   * Other endpoints from now on: what is under way ends where it is. Throws `invalid`, and changes nothing, when one is
   * not described right. The rest of the options holds until the next start, `models.model` too; and where the options
   * named no endpoint then, all of them.
   */
  update(models: Options['models']): void
}

/** The endpoint of `models.llama`. */
const file = 'llama'

/**
 * Opens what the options name. Nothing is contacted yet, so that a server that is down delays no start. Throws `invalid`
 * for options that cannot be right, with the names of their keys.
 */
export async function openRouting(models: Options['models'], places: Places): Promise<Routing> {
  const { model, llama, routing } = models
  if (!namesEndpoints(models) && llama === undefined) {
    // A key alone may lie in the environment for other programs: it sends nobody's documents anywhere.
    if (model === undefined) return nobody
    throw new AndonError(
      'invalid',
      `models.model (ANDON_MODEL) is "${model}" but models.baseUrl (OPENAI_BASE_URL) is not set: set it to the address of the server, such as http://127.0.0.1:11434/v1 for Ollama or https://api.openai.com/v1.`,
    )
  }
  await using stack = new AsyncDisposableStack()
  const arbiter = routing.share === undefined ? undefined : stack.use(await openArbiter({ group: routing.share }))
  const engine = llama && stack.use(await LlamaChat.open(llama, places, 'llama'))
  const options = routerOptionsOf(models, arbiter?.open)
  const preferred = model ?? models.fallback[0] ?? (namesEndpoints(models) ? undefined : engine?.name)
  const router = stack.use(
    new ConcurrentRouter({
      ...options,
      endpoints: allOf(models),
      // The file answers when nobody else can: as the last of the chain, where there is one.
      ...(engine ? { engines: { [file]: engine } } : {}),
      ...(engine && preferred === undefined ? { lastResort: engine } : {}),
      ...(engine && preferred !== undefined ? { fallback: [...(options.fallback ?? []), engine.name] } : {}),
    }),
  )
  const name = nameOf(models, engine !== undefined)
  const chat = router.chatModel(preferred !== undefined ? { model: preferred } : name === undefined ? {} : { name })
  const owned = stack.move()
  return {
    router,
    chat,
    fallback: [...models.fallback, ...(engine && preferred !== undefined ? [engine.name] : [])],
    update(changed) {
      // Who writes answers was chosen at the start, and goes on to ask for the model of then.
      if (namesEndpoints(models)) router.update(allOf({ ...changed, model }))
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }

  function allOf(these: Options['models']): ModelEndpoint[] {
    return [...endpointsOf(these), ...(engine && llama ? [fileEndpoint(engine.name, llama)] : [])]
  }
}

/** Where no endpoint was named there is nothing to change: that takes a start. */
const nobody: Routing = {
  router: undefined,
  chat: undefined,
  fallback: [],
  update() {},
  async [Symbol.asyncDispose]() {},
}

/** What waits beyond its sequences waits in its own line, which is bounded. */
function fileEndpoint(name: string, { sequences, queue }: NonNullable<Options['models']['llama']>): ModelEndpoint {
  return {
    name: file,
    // Not asked: it is a process of this one.
    url: 'http://127.0.0.1',
    model: name,
    can: ['chat'],
    maxConcurrent: sequences + queue,
    adaptive: false,
    priority: 1_000,
    firstTokenMs: 600_000,
  }
}

/** What is shown of models whose names nobody gave; undefined where one server has one, and says which. */
function nameOf({ baseUrl, endpoints, discover }: Options['models'], hasFile: boolean): string | undefined {
  const first = endpoints[0] ?? discover[0]?.endpoint
  if (baseUrl !== undefined) return first || hasFile ? `the model at ${new URL(baseUrl).host}` : undefined
  return first?.model ?? first?.serves?.[0] ?? `the models of ${first?.name ?? 'the router'}`
}
