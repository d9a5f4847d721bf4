// From options to models: the ones that are configured, opened, and closed together. Nothing is contacted here, so
// that a server that is down delays no start; what can be wrong without asking anybody is refused by name.

import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { AndonError } from '../core/errors.ts'
import type { Places } from '../core/station.ts'
import { LocalEmbedder } from './local-embedder.ts'
import type { Embedder, EmbeddingKind, Reranker } from './model.ts'
import { OpenAiEmbedder } from './openai-embeddings.ts'
import { RemoteReranker } from './rerank.ts'
import { TeiEmbedder } from './tei.ts'

/** The part of Andon's options that is about embedders and rerankers; a value that is `undefined` is not set. */
export interface ModelOptions {
  embedder?:
    | {
        kind: 'openai' | 'tei' | 'local'
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
        kind: 'cohere' | 'tei'
        url: string
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

/** Those that are configured. Disposing closes their connections and cuts what still runs. */
export interface Models extends AsyncDisposable {
  embedder?: Embedder
  reranker?: Reranker
}

/** Opens what the options name. Throws `invalid` for options that cannot be right, with the names of their keys. */
export async function configureModels(options: ModelOptions, place?: ModelPlace): Promise<Models> {
  await using stack = new AsyncDisposableStack()
  const models: Omit<Models, keyof AsyncDisposable> = {}
  const embedder = await openEmbedder(options.embedder, place)
  if (embedder !== undefined) models.embedder = stack.use(embedder)
  if (options.reranker !== undefined) models.reranker = stack.use(openReranker(options.reranker))
  const owned = stack.move()
  return { ...models, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

async function openEmbedder(
  options: ModelOptions['embedder'],
  place: ModelPlace | undefined,
): Promise<(Embedder & AsyncDisposable) | undefined> {
  if (options === undefined) return undefined
  const { kind, url, apiKey, model, dimensions, prefixes, from } = options
  if (model === undefined)
    throw invalid(
      `embedder.model (ANDON_EMBEDDER_MODEL) is not set: it names the model${kind === 'local' ? "'s folder" : ', and with it the vectors in the index'}.`,
    )
  if (kind === 'local') {
    if (place === undefined)
      throw new AndonError('internal', 'A local embedder was asked for without a place to run in.')
    const folder = resolve(model)
    if (!existsSync(join(folder, 'config.json')))
      throw invalid(
        `embedder.model (ANDON_EMBEDDER_MODEL) is "${model}", but ${folder} holds no config.json: give the folder of a model, with config.json, tokenizer.json and onnx/model.onnx. Andon downloads no models.`,
      )
    return LocalEmbedder.open({ model: folder, ...given({ dimensions, prefixes, from }) }, place.places, place.where)
  }
  if (url === undefined) throw invalid(`embedder.url (ANDON_EMBEDDER_URL) is not set: embedder.kind ${kind} needs it.`)
  const remote = { url, model, ...given({ apiKey, dimensions, prefixes }) }
  return kind === 'tei' ? new TeiEmbedder(remote) : new OpenAiEmbedder(remote)
}

function openReranker(options: NonNullable<ModelOptions['reranker']>): Reranker & AsyncDisposable {
  const { kind, url, apiKey, model } = options
  return new RemoteReranker({ kind, url, ...given({ apiKey, model }) })
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
