// Makes a worker's share of a phase: sends what is due, never waits for more than the plan allows, and watches itself.

import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { arrivals } from './arrivals.ts'
import type { PhaseEnd, PhasePlan } from './phase.ts'
import { derived } from './random.ts'
import type { RequestRecord } from './record.ts'
import { overSaturated, type Glance } from './saturation.ts'
import { TargetClient } from './target-client.ts'
import { makeWork } from './workload.ts'

/** One of `of` equal shares. */
export interface Share {
  at: number
  of: number
}

/** How a share and who started it talk. */
export interface ShareHooks {
  /** Called when the warm-up is over; gives when to begin, in milliseconds since the epoch. */
  ready: () => Promise<number>
  record: (record: RequestRecord) => void
  /** Aborts when the phase shall end early: at once when the reason is `interrupted`. */
  signal: AbortSignal
}

/** A target that fails so often in a row is gone: the rest of the phase would only count how fast it refuses. */
const mostFailures = 200
const glanceEveryMs = 250
const mostGlances = 10_000
/** The loop monitor's own period, which it counts as delay. */
const monitorMs = 10

/** Milliseconds since the epoch, finer than `Date.now`, and nearly the same in every thread. */
export function epochMs(): number {
  return performance.timeOrigin + performance.now()
}

/** Runs a share to its end. */
export async function generateLoad(plan: PhasePlan, share: Share, hooks: ShareHooks): Promise<PhaseEnd> {
  const { load, requests, durationMs = Infinity, drainMs } = plan
  const indices = Math.max(0, Math.ceil((requests - share.at) / share.of))
  const due = load.kind === 'closed' ? undefined : dueOf(plan, share)
  const slots =
    load.kind === 'closed'
      ? Math.floor(load.concurrency / share.of) + (share.at < load.concurrency % share.of ? 1 : 0)
      : Math.max(1, Math.ceil(plan.maxInFlight / share.of))
  await using client = new TargetClient(plan.target, plan.style, Math.max(1, slots))
  const { signal } = hooks
  const leave = (): void => {
    if (signal.reason === 'interrupted') client.leaveAll()
  }
  signal.addEventListener('abort', leave, { once: true })
  const work = makeWork(plan.workload, {
    seed: plan.seed,
    run: plan.run,
    phase: plan.phase,
    target: plan.target.name,
  })
  for (let at = share.at; at < plan.warmup && !signal.aborted; at += share.of) {
    const { cancelAfterMs: _, ...whole } = work(1_000_000_000 + at)
    await client.send(whole, { index: at, scheduledMs: 0, now: epochMs })
  }
  const startedAt = await hooks.ready()
  const now = (): number => epochMs() - startedAt
  const total = Math.min(indices, due?.length ?? Infinity)
  let next = 0
  let failures = 0
  let saturated = false
  let stopped = false
  const ttfts: number[] = []
  const glances: Glance[] = []
  const delay = monitorEventLoopDelay({ resolution: monitorMs })
  delay.enable()
  const used = performance.eventLoopUtilization()

  await new Promise<void>((resolve) => {
    let timer: NodeJS.Timeout | undefined
    let drain: NodeJS.Timeout | undefined
    // What is due in time is sent, also when it waited: its waiting is told, not hidden.
    const untilMs = due ? durationMs + drainMs : durationMs
    const over = (): boolean => stopped || next >= total || now() >= untilMs
    const finish = (): void => {
      clearTimeout(timer)
      clearTimeout(drain)
      clearInterval(watch)
      signal.removeEventListener('abort', stop)
      signal.removeEventListener('abort', leave)
      resolve()
    }
    const stop = (): void => {
      stopped = true
      clearTimeout(timer)
      if (client.inFlight === 0) finish()
      else drain ??= setTimeout(() => client.leaveAll(), drainMs)
    }
    const sent = async (index: number, scheduledMs: number): Promise<void> => {
      const record = await client.send(work(index), { index, scheduledMs, now })
      if (record.firstTokenMs !== undefined) ttfts.push(record.firstTokenMs - scheduledMs)
      hooks.record(record)
      failures = record.outcome === 'failed' ? failures + 1 : 0
      if (failures === mostFailures) stop()
      pump()
    }
    const pump = (): void => {
      clearTimeout(timer)
      while (!over() && client.inFlight < slots) {
        const at = now()
        const scheduledMs = due ? (due[next] ?? 0) : at
        if (scheduledMs > at) {
          timer = setTimeout(pump, Math.min(scheduledMs - at, 2 ** 30))
          return
        }
        void sent(share.at + next++ * share.of, scheduledMs)
      }
      if (!over()) return
      if (client.inFlight === 0) finish()
      else if (drain === undefined) stop()
    }
    const watch = setInterval(() => {
      const wait = ttfts.length === 0 ? undefined : ttfts.reduce((sum, each) => sum + each, 0) / ttfts.length
      ttfts.length = 0
      if (glances.length >= mostGlances) glances.shift()
      // What waits in the client counts as well: the bound on requests under way must not hide the pile.
      glances.push({
        atMs: now(),
        inFlight: client.inFlight + overdue(due, next, now()),
        ...(wait === undefined ? {} : { ttftMs: wait }),
      })
      if (!plan.stopWhenSaturated || stopped || !overSaturated(glances)) return
      saturated = true
      stop()
    }, glanceEveryMs)
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    else timer = setTimeout(pump, Math.max(0, -now()))
  })

  delay.disable()
  return {
    client: {
      loopLagMs: Math.max(0, delay.percentile(99) / 1e6 - monitorMs) || 0,
      utilisation: performance.eventLoopUtilization(used).utilization,
      connections: client.opened,
      peakInFlight: Math.max(client.peak, 1),
    },
    saturated,
    interrupted: signal.aborted && signal.reason === 'interrupted',
  }
}

/** How many of ascending due times from `next` on have passed. */
function overdue(due: readonly number[] | undefined, next: number, now: number): number {
  let at = next
  while (due && at < due.length && (due[at] ?? Infinity) <= now) at += 1
  return at - next
}

/** The due times of a share: every `of`-th of the phase's, so that all shares together are the phase. */
function dueOf({ load, seed, phase, requests, durationMs = Infinity }: PhasePlan, share: Share): number[] {
  const all =
    load.kind === 'open'
      ? arrivals(load.process, load.rate, requests, derived(seed, 'arrivals', phase), durationMs)
      : load.kind === 'trace'
        ? load.dueMs.filter((each) => each < durationMs)
        : []
  return all.filter((_, at) => at % share.of === share.at)
}
