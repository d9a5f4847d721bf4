// The package node-llama-cpp: found, loaded and typed as far as it is used. It is an optional peer, so its own types
// are not at hand; these are those of version 3.22.

import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { AndonError } from '../../core/errors.ts'

/** The version that is tested. */
export const peerVersion = '3.22.1'
const peer = 'node-llama-cpp'

export interface LlamaPackage {
  getLlama(options: {
    build: 'never'
    gpu: 'auto' | 'cuda' | 'vulkan' | 'metal' | false
    logLevel: 'error'
    logger: (level: string, message: string) => void
    progressLogs: false
  }): Promise<Llama>
  resolveChatWrapper(model: Model): ChatWrapper
  LlamaChat: new (options: { contextSequence: Sequence; chatWrapper: ChatWrapper }) => Chat
}

export interface Llama {
  /** What it computes on; false is the CPU. */
  readonly gpu: 'cuda' | 'vulkan' | 'metal' | false
  maxThreads: number
  readonly cpuMathCores: number
  /** As many layers go to a GPU as leave it room for the context. */
  loadModel(options: {
    modelPath: string
    gpuLayers: { fitContext: { contextSize: number; embeddingContext: boolean } }
  }): Promise<Model>
  getGrammarFor(type: 'json'): Promise<Grammar>
  createGrammarForJsonSchema(schema: object): Promise<Grammar>
  dispose(): Promise<void>
}

/** Nobody looks into one. */
export type Grammar = object & { readonly grammar: string }

export interface Model {
  readonly trainContextSize: number
  readonly embeddingVectorSize: number
  readonly fileInsights: { readonly supportsRanking: boolean }
  readonly fileInfo: { readonly architectureMetadata: { readonly attention?: { readonly causal?: boolean } } }
  readonly tokenizer: object
  tokenize(text: string): number[]
  createContext(options: {
    contextSize: number
    sequences: number
    batchSize: number
    failedCreationRemedy: false
  }): Promise<Context>
  createEmbeddingContext(options: { contextSize: number; batchSize: number }): Promise<EmbeddingContext>
  createRankingContext(options: { contextSize: number; batchSize: number }): Promise<RankingContext>
}

export interface Context {
  readonly contextSize: number
  getSequence(): Sequence
}

export interface Sequence {
  readonly nextTokenIndex: number
  readonly tokenMeter: { readonly usedOutputTokens: number }
  compareContextTokens(tokens: number[]): { firstDifferentIndex: number }
  /** Keeps the beginning that it has in common with the tokens. */
  adaptStateToTokens(tokens: number[], allowShift: boolean): Promise<void>
  clearHistory(): Promise<void>
  evaluateWithoutGeneratingNewTokens(tokens: number[]): Promise<void>
}

export interface EmbeddingContext {
  getEmbeddingFor(tokens: number[]): Promise<{ readonly vector: readonly number[] }>
}

export interface RankingContext {
  rank(query: string, document: string, options: { onOverflow: 'maxChunk' }): Promise<number>
}

export type HistoryItem = { type: 'system' | 'user'; text: string } | { type: 'model'; response: string[] }

export interface ChatWrapper {
  generateContextState(options: { chatHistory: HistoryItem[] }): {
    contextText: { tokenize(tokenizer: object): number[] }
  }
}

export interface Chat {
  generateResponse(
    history: HistoryItem[],
    options: {
      signal: AbortSignal
      maxTokens: number
      temperature: number
      topP?: number
      seed?: number
      grammar?: Grammar
      budgets?: { thoughtTokens: number }
      repeatPenalty: false
      customStopTriggers?: string[]
      contextShift: { strategy: () => never }
      onResponseChunk: (chunk: { segmentType: 'thought' | 'comment' | undefined; text: string }) => void
    },
  ): Promise<{ metadata: { stopReason: string } }>
}

/** Loads the package, also from the folder `from`. Throws `unavailable` with what to install. */
export async function loadPeer(from?: string): Promise<LlamaPackage> {
  const bases = [import.meta.url, ...(from === undefined ? [] : [pathToFileURL(`${resolve(from)}/`).href])]
  for (const base of bases) {
    let path: string
    try {
      path = createRequire(base).resolve(peer)
    } catch {
      continue
    }
    const module: unknown = await import(pathToFileURL(path).href)
    if (isPackage(module)) return module
    throw new AndonError(
      'unavailable',
      `The package ${peer} at ${path} is of a version that Andon does not know: install ${peerVersion}.`,
    )
  }
  throw new AndonError(
    'unavailable',
    `A GGUF model needs the package ${peer}, which is not installed: ${howToInstall()}.`,
  )
}

/** The package and the binaries of this machine; without `--omit=optional` those of every GPU come along. */
export function howToInstall(accelerator?: 'cuda' | 'vulkan'): string {
  const own = `${binaries()}@${peerVersion}`
  const more = accelerator === undefined ? '' : ` ${binaries()}-${accelerator}@${peerVersion}`
  return `run "npm install --omit=optional ${peer}@${peerVersion} ${own}${more}"`
}

/** The package of binaries for this machine's CPU; on a Mac of Apple's own chips it has Metal. */
export function binaries(platform: string = process.platform, architecture: string = process.arch): string {
  const system = { darwin: 'mac', win32: 'win' }[platform] ?? platform
  const chip = architecture === 'arm' ? 'armv7l' : architecture
  return `@${peer}/${system}-${chip}${system === 'mac' && chip === 'arm64' ? '-metal' : ''}`
}

function isPackage(module: unknown): module is LlamaPackage {
  return (
    typeof module === 'object' &&
    module !== null &&
    ['getLlama', 'resolveChatWrapper', 'LlamaChat'].every((name) => {
      return name in module && typeof (module as Record<string, unknown>)[name] === 'function'
    })
  )
}
