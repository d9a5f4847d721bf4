// Serving one request at a time, in fixed batches, and with continuous batching, on the simulated engine: curves over the
// offered load in virtual time, and a part of them over real HTTP.
//
//   npm run -s bench:performance -- --run --only batching      or      node bench/performance/batching.ts --json [--quick]

import { parseArgs } from 'node:util'
import { atLeast, atMost, publish, say, type Gate } from '../harness.ts'
import { curvePoint, outputTokens, profile, promptTokens, saturated, ways } from './curves.ts'
import { overHttp, type Check } from './over-http.ts'

const { values } = parseArgs({ options: { json: { type: 'boolean' }, quick: { type: 'boolean' } } })
const quick = values.quick === true
const seconds = quick ? 60 : 300
const seeds = quick ? [1] : [1, 2, 3]
const offered = quick ? [0.5, 4, 16] : [0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 20, 24]
const burst = quick ? 100 : 1_000

say('curves in virtual time')
const points = ways.flatMap((way) => offered.map((rate) => curvePoint(way, rate, seconds, seeds)))
const full = ways.map((way) => saturated(way, burst, 1))
const checks = await overHttp({
  clients: quick ? [1, 8] : [1, 4, 16],
  requests: quick ? 12 : 40,
  rounds: quick ? 1 : 3,
})

const tokens = (way: string): number => full.find((each) => each.way === way)?.outputTokensPerSecond ?? Number.NaN
const gain = tokens('continuous') / tokens('sequential')
publish(
  {
    name: 'batching',
    method:
      `Simulated: no model and no GPU. One engine with the profile ${profile} (its constants are derived or chosen, not measured), prompts of ${promptTokens} tokens, ` +
      `answers of ${outputTokens.least} to ${outputTokens.most}. Curves: virtual time, seeded Poisson arrivals for ${seconds} s, medians over ${seeds.length} seeds; requests done per second while others still arrive, ` +
      `times of all requests to their end, so that above saturation they grow with the length of the run. Saturation: ${burst} requests at once. ` +
      'Over HTTP: `andon simulate` in a process per mode, `andon bench` in a closed loop in real time, targets in turn, 512 tokens in and 32 out; beside it the same load in virtual time.',
    rows: [...points, ...full, ...checks],
    gates: [
      atLeast('output tokens per second at saturation, continuous over sequential (simulated)', gain, 10),
      ...checks.map(agreement),
    ],
  },
  { keep: !quick },
)

/** How far real time is from what was foretold, as a share. */
function agreement({ way, clients, perSecond, foretoldPerSecond }: Check): Gate {
  const name = `how far requests per second over HTTP are from those foretold, as a share: ${way}, ${clients} clients (simulated)`
  return atMost(name, Math.abs(perSecond / foretoldPerSecond - 1), 0.15)
}
