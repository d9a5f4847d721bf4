// What a model of llama.cpp is opened with: the file, how much it may hold, and on what it computes.

import { z } from 'zod'

const count = z.int().min(1)

/** A GGUF file that talks, turns texts into vectors or scores them, run by llama.cpp in a child process. */
export const llamaOptions = z.strictObject({
  path: z.string().min(1).describe("The model's GGUF file. Nothing is ever downloaded."),
  name: z.string().min(1).optional().describe("Name for people. Default: the file's, without its .gguf."),
  contextTokens: z
    .int()
    .min(64)
    .optional()
    .describe(
      'Tokens of prompt and answer together. Default: what it was trained for, at most 8,192 of one that talks and 2,048 of the others.',
    ),
  sequences: z
    .int()
    .min(1)
    .max(256)
    .default(2)
    .describe('Answers that are written at once. Each has memory for contextTokens of its own.'),
  queue: z
    .int()
    .min(0)
    .default(64)
    .describe('Requests that may wait for one of the sequences before new ones are refused as overloaded.'),
  gpu: z
    .enum(['auto', 'cuda', 'vulkan', 'metal', 'none'])
    .default('auto')
    .describe('What it computes on. auto: the best for which a package of binaries is installed, else the CPU.'),
  threads: count
    .optional()
    .describe(
      'Threads of the CPU. Default: its cores less one; 1 in CI. They wait for each other at every step: one too many makes all slow.',
    ),
  memoryMb: z
    .int()
    .min(256)
    .optional()
    .describe('Resident MiB at which the process is replaced. Default: no limit, the model decides what it takes.'),
  from: z
    .string()
    .min(1)
    .optional()
    .describe('A folder from which node-llama-cpp is resolved as well, when it is not installed beside Andon.'),
})

/** As its owner writes it down. */
export type LlamaOptions = z.input<typeof llamaOptions>
