// The router beside doing without one, beside the least that a proxy can cost, and beside Portkey's gateway: what it costs,
// and what becomes of requests when endpoints are slow, busy, silent or gone.
//
//   npm run -s bench:router -- --json [--scenario S3,S4] [--rounds 3] [--quick] [--targets direct,floor,ours]

import { writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { conditions, publish, say, type Gate } from '../harness.ts'
import { markdown } from '../markdown.ts'
import { portkeyVersion } from './processes.ts'
import { affinity } from './scenarios/affinity.ts'
import { ageing } from './scenarios/ageing.ts'
import { blackout } from './scenarios/blackout.ts'
import { cancelling } from './scenarios/cancelling.ts'
import { faulty } from './scenarios/faults.ts'
import { hedging } from './scenarios/hedging.ts'
import { hygiene } from './scenarios/hygiene.ts'
import { dies, fails, hangs } from './scenarios/outages.ts'
import { limit } from './scenarios/limit.ts'
import { overhead } from './scenarios/overhead.ts'
import { priorities } from './scenarios/priorities.ts'
import { regions } from './scenarios/regions.ts'
import { slow } from './scenarios/slow.ts'
import { storm } from './scenarios/storm.ts'
import { streams } from './scenarios/streams.ts'
import { workers } from './scenarios/workers.ts'
import { Stage, targetNames, type Scenario, type TargetName } from './stage.ts'

/** In the order in which they run. */
const scenarios: Record<string, readonly Scenario[]> = {
  S1: [overhead],
  S2: [streams],
  S3: [slow],
  S4: [dies, fails],
  S5: [hangs],
  S6: [cancelling],
  S7: [priorities, ageing],
  S8: [storm],
  S9: [faulty],
  workers: [workers],
  blackout: [blackout],
  affinity: [affinity],
  hygiene: [hygiene],
  regions: [regions],
  limit: [limit],
  hedging: [hedging],
}

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    quick: { type: 'boolean', default: false },
    scenario: { type: 'string' },
    rounds: { type: 'string' },
    targets: { type: 'string' },
  },
})
if (process.platform !== 'linux')
  throw new Error('This benchmark reads CPU time and memory from /proc: it runs on Linux.')

const asked = values.scenario?.split(',') ?? Object.keys(scenarios)
for (const name of asked)
  if (!(name in scenarios))
    throw new Error(`--scenario is ${name}: it must be of ${Object.keys(scenarios).join(', ')}.`)
const wanted = (values.targets?.split(',') ?? targetNames) as readonly TargetName[]
for (const name of wanted)
  if (!targetNames.includes(name)) throw new Error(`--targets is ${name}: it must be of ${targetNames.join(', ')}.`)
const rounds = Number(values.rounds ?? (values.quick ? 1 : 3))
if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds is ${values.rounds}: it must be 1 or more.`)

await using stage = await Stage.open({ rounds, scale: values.quick ? 0.2 : 1, wanted })
const rows: Record<string, unknown>[] = []
const gates: Gate[] = []
const from = Date.now()
for (const name of asked) {
  for (const scenario of scenarios[name] ?? []) {
    say(`${name} …`)
    const begun = Date.now()
    const load = loadavg()[0] ?? Number.NaN
    const found = await scenario(stage)
    rows.push(...found.rows)
    gates.push(...found.gates)
    for (const { ok, name, value, bound } of found.gates) if (!ok) say(`  MISS ${name}: ${value} (${bound})`)
    say(`  ${Math.round((Date.now() - begun) / 1_000)} s, load before it ${load.toFixed(1)}`)
  }
}
gates.sort((one, other) => Number.parseInt(one.name) - Number.parseInt(other.name))

const isWhole = values.scenario === undefined && values.targets === undefined && !values.quick && rounds >= 3
const method =
  `Fleet, clients and each gateway are processes of their own on one machine. The fleet has four endpoints that take 16 requests at once, each with a lognormal service time (mean 100 ms, σ 0.5) from its own seed; a stream says its first token then and one more every 20 ms; S1 answers at once, S2 has fixed times, and each round five bursts of 32 and of 256; S3 plays two plans a round. S1 begins when each target has had 30,000 requests. ` +
  `Arrivals are a seeded Poisson process that waits for nobody (S1, workers: closed loops); times are taken from when a request was to be sent. Targets take turns within each of ${rounds} rounds, each round beginning with another one; figures are medians over rounds, and what must never happen is the worst of them. ` +
  '`affinity`, `ageing`, `limit`, `regions` and `replicas` run the scheduler of the router in virtual time, with simulated endpoints. How late a request is at another endpoint counts from when its client sent it, or from when its endpoint died if that was later, until it arrived at the one that answered; nothing is subtracted. S9 meets each fault once with Andon and with Portkey, and in each further round with Andon alone those that show before an answer begins. `hedging` begins with new gateways that were asked nothing before. S3 to S5 and the blackout start new gateways for each run, so that nothing learnt earlier helps. CPU is user and system time of the whole gateway process from /proc; memory is VmRSS, and growth what is left of it after a collection that gives empty pages back. ' +
  "`direct`: clients send to the endpoint with the fewest requests under way. `floor`: node:http and undici's dispatch with one upstream, nothing else. `ours`: `andon gateway`; `ours-rr`: the same with round robin. " +
  `\`portkey-lb\` and \`portkey-lb+fb\`: Portkey's gateway ${portkeyVersion} with its load balancer, and with a fallback over three endpoints in each of its targets; its request_timeout is the time for the first token that ours has. As published it fails every stream on this Node (Portkey-AI/gateway#1389): a module loaded before it gives each fetched response headers that can be written to, and lets it listen on the loopback interface only. ` +
  `It took ${Math.round((Date.now() - from) / 1_000)} s; load averages before and after: ${loadavg()
    .map((load) => load.toFixed(1))
    .join(', ')}.`
const result = { name: 'router', method, rows, gates }
if (isWhole)
  writeFileSync(
    new URL('../results/router.md', import.meta.url),
    markdown('The router', result, { ...conditions(), portkey: portkeyVersion }),
  )
publish(result, { keep: isWhole })
