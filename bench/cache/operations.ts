// A million random operations on each primitive of one process, beside its model; two processes share the primitives.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { models } from '../../src/concurrency/models.fixture.ts'
import { atLeast, atMost, type Gate } from '../harness.ts'
import type { Found, Stage } from './scenario.ts'

const together = 2

export async function operations(stage: Stage): Promise<Found> {
  const times = stage.many(1_000_000)
  const names = Object.keys(models)
  const rows: Record<string, unknown>[] = []
  const line = [...names]
  const work = async (): Promise<void> => {
    for (let name = line.shift(); name !== undefined; name = line.shift()) rows.push(await operate(name, times))
  }
  await Promise.all(Array.from({ length: together }, work))
  const order = rows.toSorted((one, other) => names.indexOf(String(one['name'])) - names.indexOf(String(other['name'])))
  const violated = rows.filter(({ violation }) => violation !== '').length
  const gates: Gate[] = [
    atMost('operations: primitives that differ from their model', violated, 0),
    atLeast('operations: random operations on each primitive', times, 1_000_000),
  ]
  return { rows: order, gates }
}

/** One primitive in a process of its own, so that none runs through what the engine has learned with another. */
async function operate(name: string, times: number): Promise<Record<string, unknown>> {
  const began = performance.now()
  const child = spawn(process.execPath, [new URL('operating.ts', import.meta.url).pathname, name, String(times)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const said: string[] = []
  const reading = (async () => {
    for await (const line of createInterface({ input: child.stderr })) said.push(line)
  })()
  const [code] = (await once(child, 'exit')) as [number | null]
  await reading
  return {
    scenario: 'random operations beside a model',
    name,
    operations: times,
    seconds: Math.round((performance.now() - began) / 1_000),
    violation: code === 0 ? '' : (said.find((line) => /Error/u.test(line)) ?? 'the process was ended'),
  }
}
