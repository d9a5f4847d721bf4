// What the programs of others talk to in these tests: the real factory with one document and a scripted model behind a
// real door.

import type { Factory } from '../../src/core/factory.ts'
import { openGateway, type Gateway } from '../../src/gateway/server.ts'
import { openLibrary, travel } from '../journeys/library.ts'
import { ModelServer, type ChatBody, type ChatScript } from '../servers/model-server.ts'

export interface House extends AsyncDisposable {
  /** Of the door, without `/v1`. */
  url: string
  /** That may ask. */
  key: string
  factory: Factory
  /** What the factory's models are. */
  models: ModelServer
}

/** A question that the travel policy answers, and the sentence that the model says to it. */
export const question = 'Who approves travel over 2,500 euros?'
export const sentence = 'Travel over 2,500 euros is approved by the finance director'

/** A question whose answer begins and then stands still, until somebody leaves it. */
export const standing = 'Who approves travel over 2,500 euros, and who waits?'

/** Opens the house; the document is `travel.md` in the collection `policies`. */
export async function openHouse(options: { embedder?: boolean; chat?: typeof script } = {}): Promise<House> {
  await using stack = new AsyncDisposableStack()
  const models = stack.use(await ModelServer.start({ chat: options.chat ?? script }))
  const factory = stack.use(
    await openLibrary([{ ...travel, collection: 'policies' }], {
      models: { baseUrl: models.baseUrl, model: 'scripted' },
      // A test hears the model that it scripted, however often the others asked the same.
      cache: { answers: false },
      ...(options.embedder === true ? { embedder: { kind: 'openai', url: models.baseUrl, model: 'vectors' } } : {}),
    }),
  )
  const gateway: Gateway = stack.use(await openGateway(factory, { port: 0, lingerMs: 0, drainMs: 1000 }))
  const { secret } = await factory.createKey({ name: 'protocols', scopes: ['ask'] })
  const owned = stack.move()
  return {
    url: gateway.url,
    key: secret,
    factory,
    models,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

function script(body: ChatBody): ChatScript | string {
  const prompt = body.messages.map(({ content }) => content).join('\n')
  const before = prompt.slice(0, prompt.indexOf(sentence))
  const number = [...before.matchAll(/\[(\d+)\]/g)].at(-1)?.[1] ?? '1'
  const text = [`${sentence} [${number}]. `, 'Smaller trips ', 'are approved ', `by the team lead [${number}].`]
  return prompt.includes('and who waits?') ? { text, fault: { kind: 'stall', afterTokens: 2 } } : { text }
}

/** The words that an address in an annotation leads to. */
export async function wordsAt(factory: Factory, url: string): Promise<string> {
  const { pathname, searchParams } = new URL(url)
  const [, id] = /^\/v1\/documents\/([^/]+)\/text$/.exec(pathname) ?? []
  const span = { start: Number(searchParams.get('start')), end: Number(searchParams.get('end')) }
  return await factory.text(decodeURIComponent(id ?? ''), span)
}
