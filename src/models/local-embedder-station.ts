// The child process's half of the local embedder: an ONNX model run by @huggingface/transformers. That package is an
// optional peer and blocks its thread for the whole batch, so it is imported here, in a process of its own, and
// nowhere else.

import { createRequire } from 'node:module'
import { basename, dirname, isAbsolute, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { throwIfOver } from '../core/call.ts'
import { AndonError } from '../core/errors.ts'
import type { Plain } from '../core/plain.ts'
import type { Call, Station } from '../core/station.ts'

/** What {@link open} is made with. */
export type LocalEmbedderOptions = {
  /** Folder of the model: config.json, tokenizer.json and onnx/model.onnx. Nothing is ever downloaded. */
  model: string
  /** A file or folder from which the package is resolved as well, when it is not installed beside Andon. */
  from?: string
  /** Which of the folder's ONNX files: `fp32` is onnx/model.onnx, `q8` is onnx/model_quantized.onnx. Default `fp32`. */
  precision?: string
  /** How token vectors become one. Default `mean`. */
  pooling?: 'mean' | 'cls'
  /** Texts of one run of the model. Default 16: the batch after it starts when the caller still wants it. */
  batch?: number
}

/** All vectors in one block, row after row. */
export interface EmbeddedTexts {
  dimension: number
  data: Float32Array
}

const name = 'local-embedder'
const peer = '@huggingface/transformers'

/** The parts of the package that are used, as they were in version 4. */
interface Transformers {
  env: { allowRemoteModels: boolean; allowLocalModels: boolean; localModelPath: string }
  pipeline(task: string, model: string, options: { dtype: string }): Promise<Extractor>
}

type Extractor = (
  texts: string[],
  options: { pooling: string; normalize: boolean },
) => Promise<{ data: Float32Array; dims: number[] }>

/** Makes the station. `unavailable` when the package is missing, `not-found` when the model is. */
export async function open(
  options: LocalEmbedderOptions & { [key: string]: Plain },
): Promise<Station<string[], EmbeddedTexts>> {
  const folder = resolve(options.model)
  const transformers = await load(options.from)
  const { env } = transformers
  env.allowRemoteModels = false
  env.allowLocalModels = true
  env.localModelPath = dirname(folder)
  const extract = await transformers
    .pipeline('feature-extraction', basename(folder), { dtype: options.precision ?? 'fp32' })
    .catch((reason: unknown) => {
      throw new AndonError(
        'not-found',
        `The embedding model in ${folder} cannot be opened: ${AndonError.from(reason).sentence} It needs config.json, tokenizer.json, tokenizer_config.json and onnx/model.onnx.`,
        { cause: reason },
      )
    })
  const size = options.batch ?? 16
  const pooling = options.pooling ?? 'mean'
  return {
    name,
    async *run(texts: string[], call: Call) {
      let whole: EmbeddedTexts | undefined
      for (let from = 0; from < texts.length; from += size) {
        // The model blocks this process: what arrived meanwhile, a cancellation among it, is heard here.
        await new Promise(setImmediate)
        throwIfOver(call)
        const { data, dims } = await extract(texts.slice(from, from + size), { pooling, normalize: true })
        const dimension = dims.at(-1) ?? 0
        whole ??= { dimension, data: new Float32Array(texts.length * dimension) }
        whole.data.set(data, from * dimension)
      }
      yield whole ?? { dimension: 0, data: new Float32Array(0) }
    },
  }
}

async function load(from: string | undefined): Promise<Transformers> {
  const bases = [
    import.meta.url,
    ...(from === undefined ? [] : [pathToFileURL(isAbsolute(from) ? `${from}/` : `${resolve(from)}/`).href]),
  ]
  for (const base of bases) {
    let path: string
    try {
      path = createRequire(base).resolve(peer)
    } catch {
      continue
    }
    const module: unknown = await import(pathToFileURL(path).href)
    if (isTransformers(module)) return module
    throw new AndonError(
      'unavailable',
      `The package ${peer} at ${path} is of a version that Andon does not know: install 4.x.`,
    )
  }
  throw new AndonError(
    'unavailable',
    `A local embedder needs the package ${peer}, which is not installed: run "npm install ${peer}" (behind a firewall with --ignore-scripts), or use an embedding server.`,
  )
}

function isTransformers(module: unknown): module is Transformers {
  if (typeof module !== 'object' || module === null) return false
  return 'pipeline' in module && typeof module.pipeline === 'function' && 'env' in module
}
