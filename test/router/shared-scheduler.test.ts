// Two schedulers that share their places through the arbiter of the host: the limits hold over both, the slow one stays
// rare, and nothing is left when all has ended.

import { deepEqual, equal, ok } from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openArbiter } from '../../src/concurrency/arbiter.ts'
import { openCall } from '../../src/core/call.ts'
import { openScheduler } from '../../src/router/scheduler.ts'
import { chat, endpoint } from '../../src/router/simulation.ts'

test('limits hold over schedulers that share them, every place is used under a backlog, and all comes back', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'andon-shared-'))
  const arbiters = [await openArbiter({ folder }), await openArbiter({ folder })]
  const endpoints = ['a', 'b', 'c'].map((name) => endpoint(name, { maxConcurrent: 4, adaptive: false }))
  const schedulers = arbiters.map((arbiter, random) => openScheduler(endpoints, { permits: arbiter.open, random }))
  using call = openCall({ tenant: 't', budgetMs: 30_000 })
  const upstream = new Map<string, number>()
  const most = new Map<string, number>()
  const one = async (at: number): Promise<void> => {
    const lease = await schedulers[at % 2]?.acquire(chat(), call)
    ok(lease)
    const { name } = lease.endpoint
    const now = (upstream.get(name) ?? 0) + 1
    upstream.set(name, now)
    most.set(name, Math.max(now, most.get(name) ?? 0))
    await sleep(2)
    upstream.set(name, (upstream.get(name) ?? 0) - 1)
    lease.begun()
    lease.end({ kind: 'done' })
  }
  await Promise.all(Array.from({ length: 300 }, (_, at) => one(at)))
  deepEqual([...most.values()], [4, 4, 4])
  for (const scheduler of schedulers) {
    const { inFlight, waiting, endpoints: reports } = scheduler.state()
    deepEqual([inFlight, waiting], [0, 0])
    equal(
      reports.reduce((sum, { counts }) => sum + counts.done, 0),
      150,
    )
    await scheduler[Symbol.asyncDispose]()
  }
  for (const arbiter of arbiters) await arbiter[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})
