// From options to models: the ones that are configured, opened, and closed together. Nothing is contacted here, so
// that a server that is down delays no start; what can be wrong without asking anybody is refused by name.

import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { AndonError } from '../core/errors.ts'
import type { Places } from '../core/station.ts'
import { LlamaEmbedder } from './llama/embedder.ts'
import type { LlamaOptions } from './llama/options.ts'
import { LlamaReranker } from './llama/reranker.ts'
import { LocalEmbedder } from './local-embedder.ts'
import type { Embedder, EmbeddingKind, Reranker } from './model.ts'
import { OpenAiEmbedder } from './openai-embeddings.ts'
import { RemoteReranker } from './rerank.ts'
import { TeiEmbedder } from './tei.ts'

/** The part of Andon's options that is about embedders and rerankers; a value that is `undefined` is not set. */
export interface ModelOptions {
  embedder?:
    | {
        kind: 'openai' | 'tei' | 'local' | 'llama' | 'router'
        url?: string | undefined
        apiKey?: string | undefined
        model?: string | undefined
        dimensions?: number | undefined
        prefixes?: Partial<Record<EmbeddingKind, string>> | undefined
        /** Of local: from where @huggingface/transformers is resolved as well. */
        from?: string | undefined
      }
    | undefined
  reranker?:
    | {
        kind: 'cohere' | 'tei' | 'llama' | 'router'
        url?: string | undefined
        apiKey?: string | undefined
        model?: string | undefined
      }
    | undefined
}

/** Where a local model runs. */
export interface ModelPlace {
  places: Places
  /** Name of the pool: one of processes, with one call at a time. */
  where: string
}

/** What the kinds need that are not servers. */
export interface ModelParts {
  /** Where a local embedder runs. */
  place?: ModelPlace
  /** Where models in GGUF files run: pools by these names are there when the options ask for them. */
  places?: Places
  /** How they are run: what `models.llama` says of any model. */
  engine?: Pick<LlamaOptions, 'gpu' | 'threads' | 'from'>
  /** The endpoints of the router. */
  router?: RoutedTexts | undefined
}

/** A router, as far as vectors and scores go. */
export interface RoutedTexts {
  embedder(model: string, options?: { dimensions?: number }): Embedder
  reranker(model: string): Reranker
}

/** Pools of the processes that run encoders in GGUF files. */
export const encoderPools = { embedder: 'llama-embedder', reranker: 'llama-reranker' } as const

/** Those that are configured. Disposing closes their connections and cuts what still runs. */
export interface Models extends AsyncDisposable {
  embedder?: Embedder
  reranker?: Reranker
}

/** Opens what the options name. Throws `invalid` for options that cannot be right, with the names of their keys. */
export async function configureModels(options: ModelOptions, parts: ModelParts = {}): Promise<Models> {
  await using stack = new AsyncDisposableStack()
  const models: Omit<Models, keyof AsyncDisposable> = {}
  const embedder = await openEmbedder(options.embedder, parts)
  if (embedder !== undefined) models.embedder = closed(stack, embedder)
  if (options.reranker !== undefined) models.reranker = closed(stack, await openReranker(options.reranker, parts))
  const owned = stack.move()
  return { ...models, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

async function openEmbedder(
  options: ModelOptions['embedder'],
  { place, places, engine, router }: ModelParts,
): Promise<Embedder | undefined> {
  if (options === undefined) return undefined
  const { kind, url, apiKey, model, dimensions, prefixes, from } = options
  if (model === undefined)
    throw invalid(
      `embedder.model (ANDON_EMBEDDER_MODEL) is not set: it names the model${kind === 'local' ? "'s folder" : ', and with it the vectors in the index'}.`,
    )
  if (kind === 'local') {
    if (place === undefined) throw noPlace('embedder')
    const folder = resolve(model)
    if (!existsSync(join(folder, 'config.json')))
      throw invalid(
        `embedder.model (ANDON_EMBEDDER_MODEL) is "${model}", but ${folder} holds no config.json: give the folder of a model, with config.json, tokenizer.json and onnx/model.onnx. Andon downloads no models.`,
      )
    return LocalEmbedder.open({ model: folder, ...given({ dimensions, prefixes, from }) }, place.places, place.where)
  }
  if (kind === 'router') return routed('embedder', router).embedder(model, given({ dimensions }))
  if (kind === 'llama') {
    if (places === undefined) throw noPlace('embedder')
    const options = { ...engine, path: resolve(model), ...given({ dimensions, prefixes }) }
    return LlamaEmbedder.open(options, places, encoderPools.embedder)
  }
  if (url === undefined) throw invalid(`embedder.url (ANDON_EMBEDDER_URL) is not set: embedder.kind ${kind} needs it.`)
  const remote = { url, model, ...given({ apiKey, dimensions, prefixes }) }
  return kind === 'tei' ? new TeiEmbedder(remote) : new OpenAiEmbedder(remote)
}

async function openReranker(
  options: NonNullable<ModelOptions['reranker']>,
  { places, engine, router }: ModelParts,
): Promise<Reranker> {
  const { kind, url, apiKey, model } = options
  if (kind === 'llama' || kind === 'router') {
    if (model === undefined)
      throw invalid(`reranker.model (ANDON_RERANKER_MODEL) is not set: reranker.kind ${kind} needs it.`)
    if (kind === 'router') return routed('reranker', router).reranker(model)
    if (places === undefined) throw noPlace('reranker')
    return LlamaReranker.open({ ...engine, path: resolve(model) }, places, encoderPools.reranker)
  }
  if (url === undefined) throw invalid(`reranker.url (ANDON_RERANKER_URL) is not set: reranker.kind ${kind} needs it.`)
  return new RemoteReranker({ kind, url, ...given({ apiKey, model }) })
}

function routed(what: string, router: RoutedTexts | undefined): RoutedTexts {
  if (router) return router
  throw invalid(`${what}.kind is router, but models.endpoints names no endpoint: add one that can do it.`)
}

function noPlace(what: string): AndonError {
  return new AndonError('internal', `A local ${what} was asked for without a place to run in.`)
}

/** Closed with the others, where there is something to close. */
function closed<Model extends object>(stack: AsyncDisposableStack, model: Model): Model {
  if (Symbol.asyncDispose in model) stack.use(model as Model & AsyncDisposable)
  return model
}

function invalid(sentence: string): AndonError {
  return new AndonError('invalid', sentence)
}

/** Leaves out what is not set. */
function given<Values extends object>(values: Values): { [Key in keyof Values]?: Exclude<Values[Key], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Values]?: Exclude<Values[Key], undefined>
  }
}
