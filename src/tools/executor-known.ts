// What is known of tools and of the services behind them: how their runs went, what holds their calls back, and which
// of them rest.

import { Gate, KeyLocks } from './executor-gate.ts'
import type { Job, Outcome } from './executor-job.ts'
import type { ExecutorOptions } from './executor-options.ts'
import { Profile } from './executor-profile.ts'
import type { Tool } from './tool.ts'

/** What is known of one tool. */
export interface Known {
  tool: Tool
  profile: Profile
  /** Undefined when its limits hold nothing back. */
  gate: Gate | undefined
}

/** Disposing refuses who waits at a gate. */
export class Knowledge implements Disposable {
  readonly #options: Pick<ExecutorOptions, 'quarantine' | 'circuit' | 'queue'>
  readonly #tools = new Map<string, Known>()
  /** By the names of their connections. */
  readonly #services = new Map<string, Profile>()
  readonly #locks = new KeyLocks()

  constructor(options: Pick<ExecutorOptions, 'quarantine' | 'circuit' | 'queue'>) {
    this.#options = options
  }

  /** What is known of a tool. One that was changed keeps what was learned, and has new limits. */
  of(tool: Tool): Known {
    const before = this.#tools.get(tool.name)
    if (before?.tool === tool) return before
    const known = {
      tool,
      profile: before?.profile ?? new Profile(this.#options.quarantine),
      gate: Gate.needed(tool.limits) ? new Gate(tool.limits, this.#locks, this.#options.queue ?? 10_000) : undefined,
    }
    this.#tools.set(tool.name, known)
    return known
  }

  /** Why a tool may not run now; undefined when it may. After a rest one call is let through to try. */
  rests({ tool, profile }: Known): string | undefined {
    const now = performance.now()
    const service = this.#serviceOf(tool)
    const resting = service?.rests(now)
    if (resting !== undefined) return `The service of ${tool.name} is left alone. ${resting}`
    const rests = profile.rests(now)
    // It was let through to try the service, and does not.
    if (rests !== undefined) service?.note({ kind: 'cancelled', runMs: 0, heldMs: 0 }, 0, now)
    return rests
  }

  /** Learns from a run that is over. */
  learn({ tool, text, heardAt }: Job, { profile }: Known, outcome: Outcome): void {
    profile.note(outcome, text.length, heardAt)
    this.#serviceOf(tool)?.note(ofService(outcome), 0, heardAt)
  }

  [Symbol.dispose](): void {
    for (const { gate } of this.#tools.values()) gate?.[Symbol.dispose]()
  }

  #serviceOf({ source }: Tool): Profile | undefined {
    if (source.kind !== 'openapi' && source.kind !== 'mcp') return undefined
    const { name } = source.connection
    let service = this.#services.get(name)
    if (!service) {
      service = new Profile({ failures: 5, restMs: 10_000, ...this.#options.circuit, crashes: Infinity })
      this.#services.set(name, service)
    }
    return service
  }
}

/** What an outcome says of the service behind a tool: one that answers is well, whatever it answers. */
function ofService({ kind, retryable, runMs }: Outcome): Outcome {
  if (kind === 'cancelled' || kind === 'overloaded' || kind === 'quarantined') return { kind, runMs, heldMs: 0 }
  const bad = kind === 'timeout' || kind === 'crashed' || kind === 'outcome-unknown' || (kind === 'failed' && retryable)
  return { kind: bad ? 'failed' : 'ok', runMs, heldMs: 0 }
}
