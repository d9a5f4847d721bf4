// What it buys not to block: the same questions to the same model through servers that stand still while the model
// writes, and through one that does not.
//
//   npm run -s bench:serving -- --json [--quick]

import { parseArgs } from 'node:util'
import { atLeast, atMost, median, publish, round, say } from '../harness.ts'
import { startEngine } from './engine-process.ts'
import { load, type Measured } from './load.ts'
import { startServers, type Mode } from './servers.ts'

const { values } = parseArgs({ options: { json: { type: 'boolean' }, quick: { type: 'boolean' } } })
const quick = values.quick === true
const rounds = quick ? 1 : 3
const seconds = quick ? 2 : 4
const levels = quick ? [1, 32] : [1, 8, 32, 128]
const kinds: { name: string; mode: Mode; processes: number }[] = [
  { name: 'blocking, 1 process', mode: 'blocking', processes: 1 },
  { name: 'blocking, 4 processes', mode: 'blocking', processes: 4 },
  { name: 'blocking, 16 processes', mode: 'blocking', processes: 16 },
  { name: 'asynchronous, 1 process', mode: 'async', processes: 1 },
]

interface Run extends Measured {
  cpuMsPerAnswer: number
  memoryMiB: number
}

await using engine = await startEngine()
const runs = new Map<string, Run[]>()
for (let round = 1; round <= rounds; round++)
  for (const { name, mode, processes } of kinds) {
    await using servers = await startServers(mode, processes, engine.url)
    const perProcess = mode === 'blocking' ? 1 : Infinity
    await load({ ports: servers.ports, perProcess, askers: processes, seconds: 0.5, body: question })
    for (const askers of levels) {
      const before = servers.cpuSeconds()
      const measured = await load({ ports: servers.ports, perProcess, askers, seconds, body: question })
      const run = {
        ...measured,
        cpuMsPerAnswer: ((servers.cpuSeconds() - before) * 1_000) / measured.answers,
        memoryMiB: servers.memoryMiB(),
      }
      const key = `${name} / ${askers}`
      runs.set(key, [...(runs.get(key) ?? []), run])
      say(`round ${round}: ${key}: ${run.perSecond.toFixed(1)}/s, p50 ${run.p50Ms.toFixed(0)} ms`)
    }
  }

const rows = kinds.flatMap(({ name }) =>
  levels.map((askers) => {
    const of = runs.get(`${name} / ${askers}`) ?? []
    const middle = (pick: (run: Run) => number): number => round(median(of.map(pick)), 3)
    return {
      server: name,
      askers,
      unanswered: middle((run) => run.unanswered),
      perSecond: middle((run) => run.perSecond),
      p50Ms: middle((run) => run.p50Ms),
      p99Ms: middle((run) => run.p99Ms),
      cpuMsPerAnswer: middle((run) => run.cpuMsPerAnswer),
      memoryMiB: middle((run) => run.memoryMiB),
    }
  }),
)
const at = (server: string, askers: number) => rows.find((row) => row.server === server && row.askers === askers)
const most = levels.at(-1) ?? 1
const blocking = at('blocking, 16 processes', most)
const open = at('asynchronous, 1 process', most)
publish(
  {
    name: 'serving',
    method:
      'Each server gets a question over HTTP, asks the simulated engine (no model and no GPU: continuous batching with the profile h100-8b, about half a second for an answer) for 64 tokens, and answers with the whole. ' +
      'A blocking process serves one question from its first byte to its last, asleep while the model writes, and is given the next only when it is free; the asynchronous one is a single process. ' +
      'Askers have one question each at a time; who still waits for a process when the time is over counts with the time it waited. Servers, model and askers are processes of one machine; the kinds take turns in each round; medians over rounds. Processor time and memory (proportional set size) are those of the server processes, from /proc.',
    rows,
    gates: [
      atLeast(
        `answers per second, one asynchronous process over 16 blocking ones, ${most} askers`,
        (open?.perSecond ?? 0) / (blocking?.perSecond ?? 1),
        1.5,
      ),
      atMost(
        `p99, one asynchronous process over 16 blocking ones, ${most} askers`,
        (open?.p99Ms ?? 0) / (blocking?.p99Ms ?? 1),
        0.7,
      ),
      atMost(
        'memory, one asynchronous process over 16 blocking ones',
        (open?.memoryMiB ?? 0) / (blocking?.memoryMiB ?? 1),
        0.25,
      ),
    ],
  },
  { keep: !quick },
)

function question(number: number): string {
  return JSON.stringify({
    model: 'simulated',
    messages: [
      { role: 'user', content: `Question ${number}: ${'what does a lock protect, and for how long? '.repeat(10)}` },
    ],
    max_tokens: 64,
    ignore_eos: true,
  })
}
