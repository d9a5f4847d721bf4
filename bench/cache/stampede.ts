// A thousand callers in four processes want the same value, or the same stream, at the same moment; and what becomes of
// them when the process that makes it is killed.

import { atLeast, atMost, median, round } from '../harness.ts'
import { loadPeers } from './peers.ts'
import { hostMs, type Found, type Stage } from './scenario.ts'
import { streamText, sum, team, type Team } from './team.ts'

const processes = 4
const calls = 250
const takesMs = 200
const leaseMs = 1_000

export async function stampede(stage: Stage): Promise<Found> {
  const rows = []
  let [worst, added, unanswered] = [0, Number.NaN, 0]
  for (const name of ['Andon', ...(stage.peers ? Object.keys((await loadPeers()).both) : [])]) {
    await using all = await team(processes, { name, url: stage.url, lease: '5000ms' })
    const executions: number[] = []
    const walls: number[] = []
    let missing = 0
    for (let each = 0; each < Math.max(3, stage.rounds); each++) {
      const { at, seen } = await all.ask({ key: `${name} ${each}`, calls, takesMs })
      executions.push(sum(seen, (one) => one.executions))
      walls.push(Math.max(...seen.map(({ endedAt }) => endedAt)) - at)
      missing += processes * calls - sum(seen, ({ answered }) => answered)
    }
    rows.push({
      scenario: 'a thousand callers at once, in four processes',
      name,
      executionsWorst: Math.max(...executions),
      wallMs: round(median(walls)),
      wallWorstMs: round(Math.max(...walls)),
      unanswered: missing,
    })
    if (name === 'Andon') [worst, added, unanswered] = [Math.max(...executions), median(walls) - takesMs, missing]
  }
  return {
    rows,
    gates: [
      atMost('stampede: executions for a thousand callers in four processes, worst', worst, 1),
      atMost('stampede: ms that the callers wait longer than the function takes', added, 20),
      atMost('stampede: callers without an answer', unanswered, 0),
    ],
  }
}

export async function killedLeader(stage: Stage): Promise<Found> {
  const rows = []
  const gates = []
  const kinds = {
    value: { kind: 'value', takesMs: 300, items: 0, functionMs: 300, killAfterMs: 100 },
    stream: { kind: 'stream', takesMs: 30, items: 10, functionMs: 300, killAfterMs: 100 },
  } as const
  for (const { functionMs, killAfterMs, ...asking } of Object.values(kinds)) {
    const waits: number[] = []
    const runs: number[] = []
    let unanswered = 0
    for (let each = 0; each < Math.min(3, stage.rounds); each++) {
      await using all = await team(processes, { name: 'Andon', url: stage.url, lease: `${leaseMs}ms` }, asking)
      const killedAt = killFirst(all, killAfterMs)
      const key = `killed ${asking.kind} ${each}`
      const { seen } = await all.ask({ ...asking, key, calls })
      const at = await killedAt
      waits.push(Math.max(...seen.map(({ endedAt }) => endedAt)) - at)
      // The one that was killed has begun it too and cannot say so.
      runs.push(1 + sum(seen, (one) => one.executions))
      const text = asking.kind === 'value' ? `answer to ${key}` : streamText(key, asking.items)
      // An answer that is not whole is none.
      const right = seen.filter(({ texts }) => texts.length === 1 && texts[0] === text)
      unanswered += (processes - 1) * calls - sum(right, ({ answered }) => answered)
    }
    const kind = asking.kind === 'value' ? 'leader' : 'leader of a stream'
    rows.push({
      scenario: 'the one that makes it is killed',
      what: asking.kind,
      functionMs,
      leaseMs,
      executionsWorst: Math.max(...runs),
      answeredAfterMs: round(median(waits)),
      answeredAfterWorstMs: round(Math.max(...waits)),
      survivorsUnanswered: unanswered,
    })
    gates.push(
      atMost(`${kind} killed: executions, worst`, Math.max(...runs), 2),
      atLeast(`${kind} killed: executions, least`, Math.min(...runs), 2),
      atMost(`${kind} killed: survivors without the whole answer`, unanswered, 0),
      atMost(
        `${kind} killed: ms from its end until all survivors are answered, worst`,
        Math.max(...waits),
        leaseMs + functionMs + 50,
      ),
    )
  }
  return { rows, gates }
}

/** Kills whoever leads first, so many milliseconds into its work; when that was. */
function killFirst({ members }: Team, afterMs: number): Promise<number> {
  return new Promise((resolve) => {
    let led = false
    for (const member of members)
      member.onLead = () => {
        if (led) return
        led = true
        setTimeout(() => {
          const at = hostMs()
          void member.kill().then(() => resolve(at))
        }, afterMs)
      }
  })
}
