// What all models of llama.cpp have in common on Andon's side: options made into what their process is started with,
// and a name.

import { basename, resolve } from 'node:path'
import type { EngineSettings } from './contract.ts'
import { llamaOptions } from './options.ts'
import type { LlamaOptions } from './options.ts'

/** The settings of the process. In CI one thread: machines there are shared, and threads that wait for each other crawl. */
export function engineSettings(options: LlamaOptions): EngineSettings {
  const { path, contextTokens, sequences, gpu, from, ...rest } = llamaOptions.parse(options)
  const threads = rest.threads ?? (process.env['CI'] ? 1 : undefined)
  return {
    path: resolve(path),
    sequences,
    gpu,
    ...(contextTokens === undefined ? {} : { contextTokens }),
    ...(threads === undefined ? {} : { threads }),
    ...(from === undefined ? {} : { from: resolve(from) }),
  }
}

/** The name of a model for people: its own, or its file's. */
export function llamaName({ name, path }: LlamaOptions): string {
  return name ?? basename(path).replace(/\.gguf$/i, '')
}
