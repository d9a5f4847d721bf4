// What tools did: the last runs of each tenant, and what they come to; in memory, since the factory started.

import type { ToolRun, ToolView } from '../core/tooling.ts'
import { LruMap } from '../stations/lru-map.ts'
import type { ToolResult } from '../tools/tool.ts'

/** Runs that are kept of a tenant, tenants, and durations that the median is taken of. */
const mostRuns = 1_000
const mostTenants = 1_000
const mostDurations = 500

/** How long a tool is shown as resting after a call was refused for it, in milliseconds. */
const restingMs = 30_000

interface Book {
  /** Oldest first. */
  runs: Map<string, ToolRun>
  tools: Map<string, { runs: number; failed: number; killed: number; durations: number[] }>
}

/** How a result is told in a list of runs. */
export function outcomeOf({ ok, error }: Pick<ToolResult, 'ok' | 'error'>): ToolRun['outcome'] {
  if (ok) return 'done'
  switch (error?.kind) {
    case 'timeout':
    case 'crashed':
    case 'out-of-memory':
      return 'killed'
    case 'denied':
      return 'declined'
    case 'cancelled':
      return 'cancelled'
    default:
      return 'failed'
  }
}

export class ToolRuns {
  /** Why a tool rests, as the last of its calls was told, and until when that is believed. */
  readonly #resting = new Map<string, { reason: string; until: number }>()
  readonly #books = new LruMap<string, Book>(mostTenants)

  /** A call was asked for. */
  begin(tenant: string, { id, tool, answerId }: Pick<ToolRun, 'id' | 'tool' | 'answerId'>): void {
    const { runs } = this.#bookOf(tenant)
    const run: ToolRun = {
      id,
      tool,
      at: Date.now(),
      outcome: 'running',
      ms: 0,
      attempt: 1,
      ...(answerId === undefined ? {} : { answerId }),
    }
    runs.set(id, run)
    if (runs.size > mostRuns) for (const oldest of runs.keys()) return void runs.delete(oldest)
  }

  /** A call is over. `ms` is how long its caller waited. */
  end(tenant: string, id: string, result: ToolResult, ms: number): void {
    const { runs, tools } = this.#bookOf(tenant)
    const outcome = outcomeOf(result)
    const run = runs.get(id)
    if (run) {
      const { place, attempt, error } = result
      runs.set(id, {
        ...run,
        outcome,
        ms,
        attempt,
        ...(place === undefined ? {} : { place }),
        ...(error === undefined ? {} : { message: error.message }),
      })
    }
    const name = run?.tool ?? result.name
    if (result.error?.kind === 'quarantined')
      this.#resting.set(name, { reason: result.error.message, until: performance.now() + restingMs })
    else this.#resting.delete(name)
    // What somebody said no to did not run.
    if (outcome === 'declined') return
    let about = tools.get(name)
    if (!about) tools.set(name, (about = { runs: 0, failed: 0, killed: 0, durations: [] }))
    about.runs++
    if (outcome === 'killed') about.killed++
    if (outcome === 'failed') about.failed++
    if (outcome !== 'done') return
    about.durations.push(result.timings.runMs)
    if (about.durations.length > mostDurations) about.durations.shift()
  }

  /** Newest first. */
  list(tenant: string, { tool, limit = 100, before }: { tool?: string; limit?: number; before?: string }): ToolRun[] {
    const all = [...this.#bookOf(tenant).runs.values()].toReversed()
    const from = before === undefined ? 0 : all.findIndex(({ id }) => id === before) + 1
    if (before !== undefined && from === 0) return []
    const now = Date.now()
    return all
      .slice(from)
      .filter((run) => tool === undefined || run.tool === tool)
      .slice(0, limit)
      .map((run) => (run.outcome === 'running' ? { ...run, ms: Math.max(0, now - run.at) } : { ...run }))
  }

  /** Why a tool rests, of whichever tenant the calls were that it failed. */
  restingReason(tool: string): string | undefined {
    const resting = this.#resting.get(tool)
    return resting && resting.until > performance.now() ? resting.reason : undefined
  }

  stats(tenant: string, tool: string): ToolView['stats'] {
    const about = this.#bookOf(tenant).tools.get(tool)
    if (!about) return { runs: 0, failed: 0, killed: 0 }
    const { runs, failed, killed, durations } = about
    const sorted = durations.toSorted((one, other) => one - other)
    const p50Ms = sorted[Math.floor((sorted.length - 1) / 2)]
    return { runs, failed, killed, ...(p50Ms === undefined ? {} : { p50Ms }) }
  }

  #bookOf(tenant: string): Book {
    return this.#books.get(tenant, () => ({ runs: new Map(), tools: new Map() }))
  }
}
