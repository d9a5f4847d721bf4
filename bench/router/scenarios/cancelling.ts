// S6: clients that leave. Each must be heard upstream, at once, and also while it waits in line or for an endpoint that asked
// to be left alone; and when all have left, nothing may be counted any more.

import { atLeast, atMost, percentile, type Gate } from '../../harness.ts'
import { poisson } from '../plan.ts'
import type { Shot } from '../shapes.ts'
import { Figures, sleep, type Run, type Scenario, type Stage, type Target, type TargetName } from '../stage.ts'
import { countedIn } from '../told.ts'

const names: readonly TargetName[] = ['floor', 'ours', 'portkey-lb']

export const cancelling: Scenario = async (stage) => {
  const figures = new Figures<'left' | 'reached' | 'p50' | 'p99'>()
  {
    await using targets = await stage.targets(names)
    await stage.warm(targets)
    for await (const { target, round } of stage.turns(targets)) {
      const shots = poisson({ seed: 60 + round, rate: 100, seconds: stage.many(2), streams: 0.5, leaving: 1 })
      figures.add(target.name, reached(await stage.run(target, shots)))
    }
  }
  const gates: Gate[] = [
    atLeast('5 clients that left: share heard upstream', figures.least('ours', 'reached'), 1),
    atMost('5 clients that left: heard upstream, p50 ms', figures.of('ours', 'p50'), 5),
    atMost('5 clients that left: heard upstream, p99 ms', figures.of('ours', 'p99'), 50),
  ]
  const rows = figures.rows({ scenario: 'S6' })
  if (stage.has('ours')) {
    for (const part of [inLine, coolingDown, manyLeave]) {
      const found = await part(stage)
      rows.push(...found.rows)
      gates.push(...found.gates)
    }
  }
  return { rows, gates }
}

/** An answer that was whole so soon after its client left was on its way, and could not be stopped any more. */
const mostMs = 50

/** Of those that left while the fleet worked for them, how many it heard of, and how soon. */
function reached({ samples, endpoints }: Run): Record<'left' | 'reached' | 'p50' | 'p99', number> {
  const heard = new Map(endpoints.flatMap(({ lefts }) => lefts.map(({ id, at }) => [id, at])))
  const over = new Map(endpoints.flatMap(({ overs }) => overs.map(({ id, at }) => [id, at])))
  const arrived = new Set(endpoints.flatMap(({ arrivals }) => arrivals.map(({ id }) => id)))
  const late: number[] = []
  let missed = 0
  for (const { id, end, leftAt } of samples) {
    if (end !== 'left' || leftAt === undefined || !arrived.has(id)) continue
    const heardAt = heard.get(id)
    const overAt = over.get(id) ?? Number.POSITIVE_INFINITY
    if (heardAt !== undefined) late.push(heardAt - leftAt)
    else if (overAt > leftAt + mostMs) missed++
  }
  return {
    left: late.length + missed,
    reached: late.length / (late.length + missed),
    p50: percentile(late, 0.5),
    p99: percentile(late, 0.99),
  }
}

async function inLine(stage: Stage) {
  await using targets = await stage.targets(['ours'], { endpoint: { maxConcurrent: 2 }, firstTokenMs: 60_000 })
  const target = only(targets)
  const holders = Array.from({ length: 8 }, (_, n) => leaving(`holder-${n}`, 0, 1_200))
  const waiters = Array.from({ length: 100 }, (_, n) => leaving(`waiter-${n}`, 200, 100 + n * 5))
  const { samples, endpoints } = await stage.run(target, [...holders, ...waiters], { settings: { mode: 'hang' } })
  await sleep(200)
  const arrivals = endpoints.flatMap(({ arrivals }) => arrivals.map(({ id }) => id))
  const held = arrivals.filter((id) => id.startsWith('holder')).length
  const sent = arrivals.filter((id) => id.startsWith('waiter')).length
  const left = samples.filter(({ end }) => end === 'left').length
  return {
    rows: [{ scenario: 'S6 in line', target: 'ours', held, sent, left }],
    gates: [
      atLeast('5 clients that left in line: had others before them', held, 8),
      atMost('5 clients that left in line: sent upstream all the same', sent, 0),
      atMost('5 clients that left in line: still counted', countedIn(await stage.state(target)), 0),
    ],
  }
}

async function coolingDown(stage: Stage) {
  await using targets = await stage.targets(['ours'])
  const target = only(targets)
  // The first ones learn that all ask to be left alone for two seconds.
  const first = Array.from({ length: 16 }, (_, n) => leaving(`first-${n}`, n * 5, 1_000))
  const waiters = Array.from({ length: 50 }, (_, n) => leaving(`waiter-${n}`, 300, 100 + n * 10))
  const shots = [...first, ...waiters].map((shot) => ({ ...shot, deadlineMs: 10_000 }))
  const { samples } = await stage.run(target, shots, { settings: { mode: 'busy', retryAfterS: 2 } })
  const leftAt = Math.max(...samples.map(({ leftAt = 0 }) => leftAt))
  await sleep(2_500)
  const endpoints = await stage.fleet.ask('report')
  const after = endpoints.flatMap(({ arrivals }) => arrivals.filter(({ at }) => at > leftAt + 20)).length
  const left = samples.filter(({ id, end }) => id.startsWith('waiter') && end === 'left').length
  return {
    rows: [{ scenario: 'S6 cooling down', target: 'ours', left, after }],
    gates: [
      atLeast('5 clients that left during Retry-After: waited until they left', left, 50),
      atMost('5 clients that left during Retry-After: sent upstream later', after, 0),
      atMost('5 clients that left during Retry-After: still counted', countedIn(await stage.state(target)), 0),
    ],
  }
}

async function manyLeave(stage: Stage) {
  await using targets = await stage.targets(['ours'])
  const target = only(targets)
  const many = stage.many(10_000)
  const shots = poisson({
    seed: 66,
    rate: 800,
    seconds: many / 800,
    streams: 0.4,
    tokens: 10,
    leaving: 1,
    leaveWithinMs: 150,
  })
  const { samples } = await stage.run(target, shots)
  await sleep(300)
  const open = (await stage.fleet.ask('report')).reduce((sum, endpoint) => sum + endpoint.open, 0)
  const counted = countedIn(await stage.state(target))
  const left = samples.filter(({ end }) => end === 'left').length
  return {
    rows: [{ scenario: 'S6 many leave', target: 'ours', requests: samples.length, left, counted, open }],
    gates: [
      atMost(`5 ${many.toLocaleString('en')} random aborts: still counted`, counted, 0),
      atMost(`5 ${many.toLocaleString('en')} random aborts: still open upstream`, open, 0),
    ],
  }
}

function leaving(id: string, at: number, leaveAfterMs: number): Shot {
  return { id, at, stream: true, tokens: 20, leaveAfterMs }
}

function only(targets: readonly Target[]): Target {
  const [target] = targets
  if (!target) throw new Error('The gateway that is measured is not there.')
  return target
}
