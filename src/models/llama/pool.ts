// The pool that a model of llama.cpp wants: one process, because native code may crash and a thread that is ended
// while it computes takes everything with it; as many calls at once as the model has sequences.

import type { Limits } from '../../core/station.ts'
import { llamaOptions } from './options.ts'
import type { LlamaOptions } from './options.ts'

/**
 * A cancellation is heard between two batches of a prompt or two tokens of an answer. On a slow CPU a batch of a large
 * model takes seconds, and a process that is ended for one impatient caller costs its neighbours their answers.
 */
const graceMs = 60_000

/** What a model may see of the environment: how to find and use the machine's accelerators, and no keys. */
const seen = /^(?:PATH|HOME|TZ|LANG|LD_LIBRARY_PATH|ANDON_LOG)$|^(?:NODE_|CUDA_|NVIDIA_|GGML_|VK_|HIP_|ROCR_|HSA_)/

/** The limits of a pool for one model; each model has a pool of its own. */
export function llamaPool(options: LlamaOptions, environment: NodeJS.ProcessEnv = process.env): Limits {
  const { sequences, queue, memoryMb } = llamaOptions.parse(options)
  return {
    place: 'process',
    size: 1,
    concurrency: sequences,
    queue,
    graceMs,
    nice: 5,
    environment: Object.fromEntries(
      Object.entries(environment).filter((entry): entry is [string, string] => {
        return entry[1] !== undefined && seen.test(entry[0])
      }),
    ),
    // A pool counts a heap and lets its process hold 1.5 × that + 128 MiB.
    ...(memoryMb === undefined ? {} : { memoryMb: Math.floor((memoryMb - 128) / 1.5) }),
  }
}
