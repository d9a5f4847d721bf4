// One request inside an engine: how much of it is computed, which blocks it holds, and when things happened to it.

import type { BlockTable } from './kv-cache.ts'

/** What an engine is asked to do. It knows counts and hashes; what the tokens say is not its business. */
export interface SequenceRequest {
  promptTokens: number
  /** Tokens to make; 0 ends with the prompt computed, as embeddings do. */
  outputTokens: number
  /** Hashes of the full blocks of the prompt and the output together (see block-hashes.ts); fewer are fine. */
  hashes?: readonly number[]
  /** Lower goes first where priorities count. Default 0. */
  priority?: number
  /** Called at the end of each step that made a token of it, and once more or then with `ended`. Must not throw. */
  onStep?: (sequence: Sequence, ended: boolean) => void
}

/** Times are those of the clock that drives the engine, in milliseconds. */
export class Sequence {
  readonly promptTokens: number
  readonly outputTokens: number
  readonly hashes: readonly number[]
  readonly priority: number
  readonly onStep: (sequence: Sequence, ended: boolean) => void
  /** Place in the order of arrival. */
  readonly order: number
  readonly arrivedAt: number
  admittedAt: number | undefined
  firstAt: number | undefined
  lastAt: number | undefined
  state: 'waiting' | 'running' | 'ended' = 'waiting'
  /** Tokens whose keys and values are in the table's blocks. */
  computed = 0
  produced = 0
  /** Tokens of the prompt that were in the cache at the first admission. */
  cached = 0
  /** How often its blocks were taken from it. */
  preemptions = 0
  /** Blocks whose hash the cache was told. */
  sealed = 0
  readonly table: BlockTable = []

  constructor(request: SequenceRequest, order: number, now: number) {
    this.promptTokens = request.promptTokens
    this.outputTokens = request.outputTokens
    this.hashes = request.hashes ?? []
    this.priority = request.priority ?? 0
    this.onStep = request.onStep ?? ignore
    this.order = order
    this.arrivedAt = now
  }

  /** Tokens that must be computed before the next one can be made. */
  get target(): number {
    return this.promptTokens + this.produced
  }

  /** Whether only its newest token is left to compute. */
  get decoding(): boolean {
    return this.produced > 0 && this.target - this.computed === 1
  }
}

function ignore(): void {}

/** Puts a sequence where it belongs: lower priority first, then who came earlier. */
export function insertInOrder(list: Sequence[], sequence: Sequence): void {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const other = list[middle]
    if (other !== undefined && comesBefore(other, sequence)) low = middle + 1
    else high = middle
  }
  list.splice(low, 0, sequence)
}

function comesBefore(one: Sequence, other: Sequence): boolean {
  return one.priority === other.priority ? one.order < other.order : one.priority < other.priority
}

/** Takes a sequence out of a list, if it is there. */
export function removeFrom(list: Sequence[], sequence: Sequence): void {
  const at = list.indexOf(sequence)
  if (at !== -1) list.splice(at, 1)
}
