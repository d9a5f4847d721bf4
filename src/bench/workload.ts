// What is asked: each request of a phase by its place in it, the same for every target.

import { seeded } from '../core/random.ts'
import { derived } from './random.ts'
import { drawLength, type Lengths } from './lengths.ts'

/** One request to make. */
export interface Work {
  /** Messages of a chat, or the question of a RAG run. */
  messages: { role: string; content: string }[]
  maxTokens: number
  /** When the client leaves, in milliseconds after sending. */
  cancelAfterMs?: number
}

/** A line of a workload of one's own. */
export interface OwnRequest {
  messages: { role: string; content: string }[]
  maxTokens?: number
}

/** Where requests come from. Plain data, so that workers can be given it. */
export type Workload = (
  | {
      kind: 'synthetic'
      input: Lengths
      output: Lengths
      /** Share of each prompt, 0 to 1, that it has in common with the others of its group. */
      sharedPrefix: number
      /** How many groups with a prefix of their own. */
      prefixGroups: number
    }
  /** Drawn in a shuffled order, again from the first when all were used. `output` counts where a line does not say. */
  | { kind: 'own'; requests: OwnRequest[]; output: Lengths }
  /** Lengths as a trace says, one after the other; text as in a synthetic one without a shared prefix. */
  | { kind: 'trace'; lengths: { input: number; output: number }[] }
) & {
  /** Share of requests that their client leaves, 0 to 1, and after how many milliseconds. */
  cancel?: { share: number; afterMs: number }
}

/** Everything that makes a phase's text its own. */
export interface WorkSeed {
  seed: number
  /** Told apart by the first word only, as targets are: a server that ran on has nothing of an earlier run in its prefix cache. */
  run: string
  /** The cell and the round: another text each time, so that nothing is in a prefix cache from before. */
  phase: string
  /** Told apart by the first word only: two names of one server do not warm each other's prefix cache. */
  target: string
}

// Short common words, nearly all of them one token in every current vocabulary, with the space before.
const words =
  'the of and to in is you that it he was for on are as with his they at be this have from or one had by word but not what all were we when your can said there use an each which she do how their if will up other about out many then them these so some her would make like him into time has look two more write go see number no way could people my than first water been call who oil its now find long down day did get come made may part'.split(
    ' ',
  )

/** Makes the requests of one phase. */
export function makeWork(workload: Workload, { seed, run, phase, target }: WorkSeed): (index: number) => Work {
  // As long in every run: 32 bits are at most seven digits.
  const nonce = derived(seed, 'nonce', run, phase, target).toString(36).padStart(7, '0')
  const order = workload.kind === 'own' ? shuffled(workload.requests, derived(seed, 'order', phase)) : []
  const prefixes = new Map<number, string[]>()
  const prefixOf = (group: number, length: number): string[] => {
    let prefix = prefixes.get(group) ?? []
    if (prefix.length < length) {
      prefix = textOf(length, derived(seed, 'prefix', phase, group))
      prefixes.set(group, prefix)
    }
    return prefix.slice(0, length)
  }
  return (index) => {
    const random = seeded(derived(seed, 'work', phase, index))
    const leaves = workload.cancel !== undefined && random() < workload.cancel.share
    const cancel = leaves ? { cancelAfterMs: workload.cancel?.afterMs ?? 0 } : {}
    if (workload.kind === 'own') {
      const line = order[index % order.length]
      return {
        messages: line?.messages ?? [],
        maxTokens: line?.maxTokens ?? drawLength(workload.output, random),
        ...cancel,
      }
    }
    const { input, output, shared, group } =
      workload.kind === 'trace'
        ? { ...(workload.lengths[index % workload.lengths.length] ?? { input: 1, output: 1 }), shared: 0, group: 0 }
        : drawnOf(workload, random)
    const common = prefixOf(group, shared)
    const own = textOf(Math.max(1, input - shared), derived(seed, 'text', phase, index))
    // The first word of what is shared, or of the whole, is that of the run, the phase and the target.
    const content = [nonce, ...common, ...own].slice(0, Math.max(1, input)).join(' ')
    return { messages: [{ role: 'user', content }], maxTokens: output, ...cancel }
  }
}

function drawnOf(
  workload: Extract<Workload, { kind: 'synthetic' }>,
  random: () => number,
): { input: number; output: number; shared: number; group: number } {
  const input = drawLength(workload.input, random)
  return {
    input,
    output: drawLength(workload.output, random),
    shared: Math.floor(input * workload.sharedPrefix),
    group: Math.floor(random() * workload.prefixGroups),
  }
}

function textOf(length: number, seed: number): string[] {
  const random = seeded(seed)
  return Array.from({ length }, () => words[Math.floor(random() * words.length)] ?? 'the')
}

/** Fisher and Yates. */
function shuffled<Item>(items: readonly Item[], seed: number): Item[] {
  const random = seeded(seed)
  const order = [...items]
  for (let at = order.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1))
    const held = order[at] as Item
    order[at] = order[other] as Item
    order[other] = held
  }
  return order
}

/** Tokens of a text, estimated as four characters each: what is said of English, and marked as an estimate everywhere. */
export function estimatedTokens(characters: number): number {
  return Math.ceil(characters / 4)
}
