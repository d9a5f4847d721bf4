// The cache and the primitives of concurrency, measured: what a hit costs, what a thousand callers at once cost, what a
// Redis that fails costs, how fast others hear, and whether anything is ever done twice, lost or left locked.
//
//   npm run -s bench:cache -- --json [--scenario hits,stampede] [--rounds 7] [--quick] [--no-peers]

import { writeFileSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { startRedis } from '../../test/servers/redis.ts'
import { atMost, conditions, publish, round, say, type Gate } from '../harness.ts'
import { markdown } from '../markdown.ts'
import { askOnce, embedOnce, neverOld } from './factory.ts'
import { failingRedis, spoiltEntries } from './failing.ts'
import { invalidation, ringMoves } from './invalidation.ts'
import { holders } from './holders.ts'
import { keys } from './keys.ts'
import { leaving, locks } from './locks.ts'
import { memoryHits } from './memory-hits.ts'
import { operations } from './operations.ts'
import { writePages } from './pages.ts'
import { peersInstalled, peerVersions } from './peers.ts'
import { redisHits } from './redis-hits.ts'
import type { Found, Scenario, Stage } from './scenario.ts'
import { sessions } from './sessions.ts'
import { killedLeader, stampede } from './stampede.ts'
import { streamsNotKept, streamTogether } from './streams.ts'
import { threads } from './threads.ts'
import { vectors } from './vectors.ts'

/** In the order in which they run. */
const scenarios: Record<string, readonly Scenario[]> = {
  hits: [memoryHits, redisHits, keys],
  stampede: [stampede, killedLeader],
  streams: [streamTogether, streamsNotKept],
  failing: [failingRedis, spoiltEntries],
  invalidation: [invalidation],
  ring: [ringMoves],
  vectors: [vectors],
  primitives: [locks, leaving, operations, threads, holders],
  sessions: [sessions],
  factory: [embedOnce, askOnce, neverOld],
}

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    quick: { type: 'boolean', default: false },
    scenario: { type: 'string' },
    rounds: { type: 'string' },
    peers: { type: 'boolean', default: true },
  },
  allowNegative: true,
})
const asked = values.scenario?.split(',') ?? Object.keys(scenarios)
for (const name of asked)
  if (!(name in scenarios))
    throw new Error(`--scenario is ${name}: it must be of ${Object.keys(scenarios).join(', ')}.`)
const rounds = Number(values.rounds ?? (values.quick ? 1 : 7))
if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds is ${values.rounds}: it must be 1 or more.`)

await using redis = await startRedis()
const stage: Stage = {
  rounds,
  url: redis.url,
  peers: values.peers && peersInstalled(),
  many: (whole) => Math.ceil(values.quick ? whole / 20 : whole),
}
const rows: Record<string, unknown>[] = []
const gates: Gate[] = []
const ran: Record<string, unknown>[] = []
const from = Date.now()
for (const name of asked)
  for (const scenario of scenarios[name] ?? []) {
    const begun = Date.now()
    const load = loadavg()[0] ?? 0
    const found = await scenario(stage).catch((reason: unknown): Found => ({ rows: [], gates: [failed(name, reason)] }))
    const seconds = Math.round((Date.now() - begun) / 1_000)
    rows.push(...found.rows)
    gates.push(...found.gates.map((gate) => explained(gate, load)))
    ran.push({ scenario: 'the run', name: `${name}, ${scenario.name}`, seconds, loadBefore: round(load) })
    say(`${name}, ${scenario.name}: ${seconds} s`)
    for (const { ok, name, value, bound } of found.gates) if (!ok) say(`  MISS ${name}: ${value} (${bound})`)
  }

const isWhole = values.scenario === undefined && stage.peers && !values.quick && rounds >= 5
const method =
  `One machine, one Redis on a port of its own (and others that are broken on purpose). Contenders of one table take turns in one process, each of ${rounds} rounds beginning with another one after a round that only warms up; a figure is the best of some passes in a round and the median of the rounds, and a ratio is the median of the ratios of the rounds. What must never happen is counted over all. ` +
  `Peers have the defaults of their packages. Times between processes are read from the clock of the host. It took ${Math.round((Date.now() - from) / 1_000)} s; load averages before and after: ${loadavg()
    .map((load) => load.toFixed(1))
    .join(', ')}.`
const result = { name: 'cache', method, rows: [...rows, ...ran], gates }
const versions = stage.peers ? peerVersions() : {}
if (isWhole) {
  writeFileSync(
    new URL('../results/cache.md', import.meta.url),
    markdown('The cache and the primitives', result, { ...conditions(), ...versions }),
  )
  writePages(result)
}
publish({ ...result, versions }, { keep: isWhole })

/** A scenario that ends with an error is one missed bound, and the others still run. */
function failed(name: string, reason: unknown): Gate {
  say(reason instanceof Error ? (reason.stack ?? reason.message) : String(reason))
  return { ...atMost(`${name}: ended with an error`, 1, 0), reason: String(reason) }
}

/** What was not measured says so, and a time that was missed while other programs had the processors. */
function explained(gate: Gate, load: number): Gate {
  const isTime = /ms |µs|ratio|times as fast/u.test(gate.name)
  const cores = availableParallelism()
  if (Number.isNaN(gate.value)) return { ...gate, reason: 'what it is measured beside is not there' }
  if (gate.ok || !isTime || load <= cores) return gate
  const busy = `the load was ${load.toFixed(1)} on ${cores} cores before it began`
  return { ...gate, reason: gate.reason ? `${gate.reason}; ${busy}` : busy }
}
