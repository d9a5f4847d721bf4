// Where node-llama-cpp is for the tests: beside Andon, or in the folder that LLAMA_FROM names; and tiny models for it.

import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Limits } from '../../src/core/station.ts'
import type { LlamaOptions } from '../../src/models/llama/options.ts'
import { llamaPool } from '../../src/models/llama/pool.ts'
import { writeBertModel, writeLlamaModel } from './gguf.ts'

const from = process.env['LLAMA_FROM']

/** Whether the package is beside Andon itself. */
export const besideAndon = resolves(import.meta.url)

/** Why tests of the engine are skipped; false when they run. */
export const skip =
  besideAndon || (from !== undefined && resolves(pathToFileURL(`${from}/`).href))
    ? false
    : 'node-llama-cpp is not installed: set LLAMA_FROM to a folder that has it and the binaries of this machine'

/** What every model in a test is opened with: one thread, because machines that run tests are shared. */
export const engine = { gpu: 'none', threads: 1, ...(from === undefined ? {} : { from }) } as const

/** The pool of a model, not behind the other tests of a busy machine. */
export function poolOf(options: LlamaOptions): Limits {
  return { ...llamaPool(options), nice: 0 }
}

/** A folder with a tiny model of each kind. */
export async function tinyModels() {
  const folder = await mkdtemp(join(tmpdir(), 'andon-gguf-'))
  const paths = {
    chat: join(folder, 'tiny-chat.gguf'),
    embedder: join(folder, 'tiny-embedder.gguf'),
    reranker: join(folder, 'tiny-reranker.gguf'),
  }
  await Promise.all([
    writeLlamaModel(paths.chat),
    writeBertModel(paths.embedder),
    writeBertModel(paths.reranker, { rank: true, seed: 3 }),
  ])
  return { ...paths, folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) }
}

function resolves(base: string): boolean {
  try {
    return createRequire(base).resolve('node-llama-cpp') !== ''
  } catch {
    return false
  }
}
