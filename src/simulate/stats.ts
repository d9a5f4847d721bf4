// What a simulated engine has seen of its callers, for whoever judges these.

/** Counts since the engine was opened, or since they were reset; `open`, `running`, `waiting` and blocks are of now. */
export interface EngineStats {
  simulated: true
  url: string
  /** Whether it listens. */
  up: boolean
  /** Requests for answers, vectors or scores, whatever came of them. */
  requests: number
  /** Answered as they should be. */
  completed: number
  /** Their callers left before the end. */
  aborted: number
  /** Refused by a fault's status. */
  refused: number
  /** Ended early or wrongly by another fault. */
  spoilt: number
  /** Refused for what they were, or because too many waited. */
  rejected: number
  /** Requests open at once, now and at most. */
  open: number
  maxOpen: number
  /** Requests that came while a Retry-After that had been answered was not over. */
  insideRetryAfter: number
  running: number
  waiting: number
  maxRunning: number
  kvBlocksInUse: number
  kvBlocks: number
  preemptions: number
  prefixQueries: number
  prefixHits: number
  steps: number
  /** Steps that the option `stall` made longer. */
  stalls: number
  /** Milliseconds by which the simulating process could not keep up. */
  lostMs: number
}

/** How a request ended. */
export type Ending = 'completed' | 'aborted' | 'refused' | 'spoilt' | 'rejected'

/** Counts requests. A request is open from `begin` until what it returned is called. */
export class RequestCounts {
  requests = 0
  open = 0
  maxOpen = 0
  insideRetryAfter = 0
  readonly endings: Record<Ending, number> = { completed: 0, aborted: 0, refused: 0, spoilt: 0, rejected: 0 }
  #coolUntil = 0

  /** A request came. Call what it returns once, when nothing more will happen to it. */
  begin(): (ending: Ending) => void {
    this.requests++
    this.open++
    this.maxOpen = Math.max(this.maxOpen, this.open)
    if (performance.now() < this.#coolUntil) this.insideRetryAfter++
    let ended = false
    return (ending) => {
      if (ended) return
      ended = true
      this.open--
      this.endings[ending]++
    }
  }

  /** A caller was told to stay away so long. */
  cool(ms: number): void {
    this.#coolUntil = Math.max(this.#coolUntil, performance.now() + ms)
  }

  reset(): void {
    this.requests = 0
    this.maxOpen = this.open
    this.insideRetryAfter = 0
    this.#coolUntil = 0
    for (const ending of Object.keys(this.endings) as Ending[]) this.endings[ending] = 0
  }
}
