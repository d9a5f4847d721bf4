// What an engine is made of, in numbers: how long a step takes, how many requests it runs and how much it remembers.
// Each constant says where it comes from. None of them was measured by Andon unless its provenance says so.

import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { AndonError } from '../core/errors.ts'
import { checked } from './checked.ts'
import h100 from './profiles/h100-8b.json' with { type: 'json' }
import h100x8 from './profiles/h100x8-70b.json' with { type: 'json' }
import l40s from './profiles/l40s-8b.json' with { type: 'json' }
import quick from './profiles/quick.json' with { type: 'json' }

function constant(value: z.ZodNumber) {
  return z.strictObject({ value, provenance: z.string().min(1) })
}

const milliseconds = constant(z.number().min(0))
const count = constant(z.int().min(1))

/** A profile as its JSON file has it. Times in milliseconds. */
export const profileSchema = z.strictObject({
  name: z.string().min(1),
  /** What it stands for, in a sentence. */
  describes: z.string().min(1),
  /** The name the server gives its model. */
  model: z.string().min(1),
  /** Of each step, whatever it holds: reading the weights, launching kernels. */
  baseMs: milliseconds,
  /** For each sequence that a step makes a token for. */
  perDecodeMs: milliseconds,
  /** For each token of context that these sequences attend to. */
  perKvTokenMs: milliseconds,
  /** For each token of prompt that a step computes. */
  perPrefillTokenMs: milliseconds,
  /** Standard deviation of the logarithm of a step's time. */
  noise: constant(z.number().min(0).max(2)),
  /** Most sequences in a step (vLLM's max_num_seqs). */
  maxSeqs: count,
  /** Most tokens computed in a step (max_num_batched_tokens). */
  tokenBudget: count,
  /** Tokens of a block of the KV cache. */
  blockSize: count,
  /** Blocks of the KV cache (num_gpu_blocks). */
  kvBlocks: count,
  /** Most tokens of a prompt and its answer (max_model_len). */
  maxModelTokens: count,
})

export type Profile = z.output<typeof profileSchema>

const known: Readonly<Record<string, unknown>> = { 'h100-8b': h100, 'h100x8-70b': h100x8, 'l40s-8b': l40s, quick }

/** Names of the profiles that come along. */
export const profileNames: readonly string[] = Object.keys(known)

/** A profile that comes along, by its name, or one's own from a JSON file. Throws `invalid` with what is wrong in it. */
export function readProfile(nameOrFile: string): Profile {
  return checked(profileSchema, known[nameOrFile] ?? readJson(nameOrFile), `The profile ${nameOrFile}`)
}

function readJson(file: string): unknown {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new AndonError(
      'invalid',
      `The profile ${file} is none of ${profileNames.join(', ')}, and no file that can be read.`,
      { cause },
    )
  }
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new AndonError('invalid', `The profile ${file} is not JSON.`, { cause })
  }
}
