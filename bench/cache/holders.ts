// Processes that hold a lock and permits are killed: how soon another has them, through the arbiter of the host and
// through Redis.

import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as host from '../../src/concurrency/host/index.ts'
import type { Task as HostTask } from '../../src/concurrency/host/process.fixture.ts'
import * as redis from '../../src/concurrency/redis/index.ts'
import type { Task as RedisTask } from '../../src/concurrency/redis/process.fixture.ts'
import { atMost, median, round, type Gate } from '../harness.ts'
import type { Found, Stage } from './scenario.ts'

const leaseMs = 500
const concurrency = new URL('../../src/concurrency/', import.meta.url)

export async function holders(stage: Stage): Promise<Found> {
  const times = Math.max(3, stage.rounds)
  const onHost = await killedOnHost(times)
  const inRedis = await killedInRedis(times, stage.url)
  const rows = [
    { scenario: 'a holder is killed', through: 'the arbiter of the host', leaseMs: '', ...figures(onHost) },
    { scenario: 'a holder is killed', through: 'Redis', leaseMs, ...figures(inRedis) },
  ]
  const gates: Gate[] = [
    atMost('holder killed: ms until another has lock and permits, host, worst', Math.max(...onHost), 50),
    atMost('holder killed: ms until another has lock and permits, Redis, worst', Math.max(...inRedis), leaseMs + 50),
  ]
  return { rows, gates }
}

function figures(sample: readonly number[]): Record<string, number> {
  return { killed: sample.length, ms: round(median(sample)), worstMs: round(Math.max(...sample)) }
}

async function killedOnHost(times: number): Promise<number[]> {
  const folder = await mkdtemp(join(tmpdir(), 'holders-'))
  try {
    await using arbiter = await host.openArbiter({ folder, group: 'shared' })
    using lock = new host.Lock('ledger', { arbiter })
    using semaphore = new host.Semaphore('gpu', 4, { arbiter })
    const waits: number[] = []
    for (let each = 0; each < times; each++) {
      const task: HostTask = { folder, hold: 4 }
      const child = await holding('host', task)
      const both = Promise.all([lock.acquire(), semaphore.acquire({ weight: 4 })])
      const began = performance.now()
      child.kill('SIGKILL')
      for (const held of await both) held.release()
      waits.push(performance.now() - began)
      await ended(child)
    }
    return waits
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function killedInRedis(times: number, url: string): Promise<number[]> {
  await using connection = new redis.RedisConnection({ url, timeoutMs: 1_000 })
  await using lock = new redis.Lock('ledger', { redis: connection, leaseMs })
  await using semaphore = new redis.Semaphore('gpu', 4, { redis: connection, leaseMs })
  const waits: number[] = []
  for (let each = 0; each < times; each++) {
    const task: RedisTask = { url, leaseMs, hold: { weight: 4 } }
    const child = await holding('redis', task)
    const both = Promise.all([lock.acquire(), semaphore.acquire({ weight: 4 })])
    const began = performance.now()
    child.kill('SIGKILL')
    for (const held of await both) await held[Symbol.asyncDispose]()
    waits.push(performance.now() - began)
    await ended(child)
  }
  return waits
}

/** A process that holds all of it. */
async function holding(where: 'host' | 'redis', task: HostTask | RedisTask): Promise<ChildProcess> {
  const child = fork(new URL(`${where}/process.fixture.ts`, concurrency), [JSON.stringify(task)])
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`A process that was to hold a lock ended with ${code}`)
  })
  await Promise.race([once(child, 'message'), failed])
  failed.catch(() => {})
  return child
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}
