// llama.cpp in this process with one model in its memory, and every way in which opening it can fail, in words.

import { open } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { AndonError } from '../../core/errors.ts'
import type { EngineSettings } from './contract.ts'
import { howToInstall, loadPeer } from './peer.ts'
import type { Llama, LlamaPackage, Model } from './peer.ts'

/** Freeing a model has been seen to wait for ever: then the process ends without it. */
const disposeMs = 2_000

/** First bytes of every GGUF file. */
const magic = 'GGUF'

export interface Engine extends AsyncDisposable {
  readonly peer: LlamaPackage
  readonly llama: Llama
  readonly model: Model
  /** Does something in native code; what it throws becomes `unavailable`, with what llama.cpp last said. */
  readonly attempt: <Result>(what: string, act: () => Promise<Result>) => Promise<Result>
}

/** What its context will be, so that a GPU keeps room for it. */
export interface ContextRoom {
  contextSize: number
  embeddingContext: boolean
}

/** Opens the model. `not-found` and `invalid` for its file, `unavailable` for the package, its binaries and memory. */
export async function openEngine(settings: EngineSettings, fitContext: ContextRoom): Promise<Engine> {
  await checkFile(settings.path)
  const peer = await loadPeer(settings.from)
  let lastWords = ''
  const llama = await peer
    .getLlama({
      build: 'never',
      gpu: settings.gpu === 'none' ? false : settings.gpu,
      logLevel: 'error',
      logger: (_, message) => {
        if (message.trim() !== '') lastWords = message.trim()
      },
      progressLogs: false,
    })
    .catch((reason: unknown) => {
      throw noBinaries(settings.gpu, reason)
    })
  if (settings.gpu !== 'auto' && settings.gpu !== 'none' && llama.gpu !== settings.gpu) {
    await inTime(llama.dispose())
    throw noBinaries(settings.gpu, new Error(`it would compute on ${llama.gpu === false ? 'the CPU' : llama.gpu}`))
  }
  // They wait for each other at every step, and one that the system has put aside stops all.
  llama.maxThreads = settings.threads ?? Math.max(1, Math.min(llama.cpuMathCores, availableParallelism()) - 1)
  const dispose = () => inTime(llama.dispose())

  async function attempt<Result>(what: string, act: () => Promise<Result>): Promise<Result> {
    lastWords = ''
    try {
      return await act()
    } catch (reason) {
      if (reason instanceof AndonError) throw reason
      const { sentence } = AndonError.from(reason)
      const said = lastWords === '' || sentence.includes(lastWords) ? '' : ` llama.cpp says: ${lastWords}`
      throw new AndonError('unavailable', `${what}: ${sentence.replace(/\.?$/, '.')}${said}`, { cause: reason })
    }
  }

  try {
    const model = await attempt(`The model ${settings.path} cannot be loaded`, () => {
      return llama.loadModel({ modelPath: settings.path, gpuLayers: { fitContext } })
    })
    return { peer, llama, model, attempt, [Symbol.asyncDispose]: dispose }
  } catch (reason) {
    await dispose()
    throw reason
  }
}

function noBinaries(gpu: EngineSettings['gpu'], reason: unknown): AndonError {
  const accelerator = gpu === 'cuda' || gpu === 'vulkan' ? gpu : undefined
  const what = gpu === 'auto' || gpu === 'none' ? 'this machine' : `this machine and ${gpu}`
  return new AndonError(
    'unavailable',
    `There are no binaries of llama.cpp for ${what} (${AndonError.from(reason).sentence}): ${howToInstall(accelerator)}.`,
    { cause: reason },
  )
}

/** What a file that is no model gets from native code depends on its bytes: this says it before. */
async function checkFile(path: string): Promise<void> {
  await using file = await open(path).catch((reason: unknown) => {
    throw new AndonError(
      'not-found',
      `The model ${path} cannot be read: ${AndonError.from(reason).sentence}. Give the path of a GGUF file; Andon downloads no models.`,
      { cause: reason },
    )
  })
  if ((await file.stat()).isDirectory())
    throw new AndonError('invalid', `${path} is no GGUF model: it is a folder. Give the path of a file in it.`)
  const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(magic.length), position: 0 }).catch(() => {
    return { buffer: Buffer.alloc(0), bytesRead: 0 }
  })
  if (buffer.toString('latin1', 0, bytesRead) !== magic)
    throw new AndonError('invalid', `The file ${path} is no GGUF model: it does not begin with ${magic}.`)
}

async function inTime(disposing: Promise<void>): Promise<void> {
  const patience = Promise.withResolvers<void>()
  const timer = setTimeout(patience.resolve, disposeMs)
  try {
    await Promise.race([disposing, patience.promise])
  } finally {
    clearTimeout(timer)
  }
}
