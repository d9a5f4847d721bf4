// A Redis that is gone, hangs, is full, or gives garbage: what a call costs then, and whether it is answered. Peers beside
// with their defaults, each on a Redis of its own, waited for 2.5 seconds a call.

import { createClient, RESP_TYPES } from '@redis/client'
import { startRedis, type RedisServer } from '../../test/servers/redis.ts'
import { atLeast, atMost, median, percentile, round, type Gate } from '../harness.ts'
import type { Seen } from './member.ts'
import { loadPeers } from './peers.ts'
import type { Found, Stage } from './scenario.ts'
import { sum, Team, team, Member } from './team.ts'

/** The deadline that Andon gives a command when nothing is said. */
const deadlineMs = 100
const mostMs = 2_500

/** What is done to Redis, once somebody is connected. */
const failures = {
  refused: (redis: RedisServer) => redis.kill(),
  hung: (redis: RedisServer) => Promise.resolve(void process.kill(redis.pid, 'SIGSTOP')),
  full: (redis: RedisServer) => spoil(redis, (client) => client.configSet('maxmemory', '1')),
}

type Failure = keyof typeof failures

/** What becomes of every entry that lies there. */
const spoilings: Record<string, (entry: Buffer) => Buffer> = {
  garbage: () => Buffer.from('garbage'),
  empty: () => Buffer.alloc(0),
  truncated: (entry) => entry.subarray(0, -3),
  'of an older version': (entry) => Buffer.concat([entry.subarray(0, 2), Buffer.from([0]), entry.subarray(3)]),
}

export async function failingRedis(stage: Stage): Promise<Found> {
  const rows: Record<string, unknown>[] = []
  const found: Record<Failure, Seen[]> = { refused: [], hung: [], full: [] }
  const calls = stage.many(300)
  for (const failure of ['refused', 'hung', 'full'] as const) {
    for (let each = 0; each < Math.min(3, stage.rounds); each++)
      found[failure].push(...(await failed(failure, 'Andon', calls)))
    rows.push(rowOf(failure, 'Andon', found[failure]))
    if (!stage.peers) continue
    const names = Object.keys((await loadPeers()).both)
    rows.push(...(await Promise.all(names.map(async (name) => rowOf(failure, name, await failed(failure, name, 2))))))
  }
  const firsts = (failure: Failure): number => median(found[failure].map(({ callMs }) => callMs[0] ?? Number.NaN))
  const later = (failure: Failure): number =>
    percentile(
      found[failure].flatMap(({ callMs }) => callMs.slice(1)),
      0.99,
    )
  const gates: Gate[] = [
    atMost('refused: ms of the first call that makes its value at once', firsts('refused'), 5),
    atMost('refused: ms of every later one, p99', later('refused'), 5),
    atMost(`hung: ms of the first call beyond the deadline of ${deadlineMs} ms`, firsts('hung') - deadlineMs, 10),
    atMost('hung: ms of every later one, p99', later('hung'), 1),
  ]
  for (const [failure, counter] of [
    ['refused', 'levelSkipped'],
    ['hung', 'levelTimeouts'],
    ['full', 'levelErrors'],
  ] as const) {
    const asked = found[failure].length * calls
    gates.push(
      atMost(`${failure}: calls without an answer`, asked - sum(found[failure], ({ answered }) => answered), 0),
      atLeast(`${failure}: counted, least`, Math.min(...found[failure].map(({ counts }) => counts?.[counter] ?? 0)), 1),
    )
  }
  return { rows, gates }
}

async function failed(failure: Failure, name: string, calls: number): Promise<Seen[]> {
  const redis = await startRedis()
  try {
    await using all = await team(1, { name, url: redis.url, lease: '5000ms', timeoutMs: deadlineMs })
    await failures[failure](redis)
    const { seen } = await all.ask({ key: failure, calls, inTurn: true, mostMs })
    return seen
  } finally {
    await redis[Symbol.asyncDispose]()
  }
}

function rowOf(redis: string, name: string, seen: readonly Seen[]): Record<string, unknown> {
  const later = seen.flatMap(({ callMs }) => callMs.slice(1))
  return {
    scenario: 'Redis fails',
    redis,
    name,
    firstCallMs: round(median(seen.map(({ callMs }) => callMs[0] ?? Number.NaN))),
    laterP50Ms: round(median(later)),
    laterP99Ms: round(percentile(later, 0.99)),
    answered: sum(seen, ({ answered }) => answered),
    of: sum(seen, ({ callMs }) => callMs.length),
    executions: sum(seen, ({ executions }) => executions),
    errors: seen.length === 0 ? 'the process ended' : [...new Set(seen.flatMap(({ errors }) => errors))].join('; '),
  }
}

/** What lies in Redis is spoilt before another process reads it. */
export async function spoiltEntries(stage: Stage): Promise<Found> {
  const rows: Record<string, unknown>[] = []
  const gates: Gate[] = []
  for (const [what, change] of Object.entries(spoilings)) {
    const seen = await spoilt('Andon', change)
    const answered = seen?.texts[0] === 'answer to spoilt' && seen.executions === 1
    rows.push(spoiltRow(what, 'Andon', seen))
    gates.push(
      atLeast(`${what}: answered anew`, answered ? 1 : 0, 1),
      atLeast(`${what}: counted`, seen?.counts?.['garbage'] ?? 0, 1),
    )
  }
  if (stage.peers)
    for (const name of Object.keys((await loadPeers()).both))
      rows.push(spoiltRow('garbage', name, await spoilt(name, () => Buffer.from('garbage'))))
  return { rows, gates }
}

async function spoilt(name: string, change: (entry: Buffer) => Buffer): Promise<Seen | undefined> {
  await using redis = await startRedis()
  const membership = { name, url: redis.url, lease: '5000ms' } as const
  await using writer = new Team([await Member.start(membership)])
  await writer.ask({ key: 'spoilt', calls: 1 })
  await spoil(redis, async (client) => {
    for (const key of await client.keys('*')) {
      if ((await client.type(key)) !== 'string' || key.includes(':tag:')) continue
      const entry = await client.sendCommand<Buffer>(['GET', key], {
        typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer },
      })
      await client.set(key, change(entry))
    }
  })
  await using reader = new Team([await Member.start(membership)])
  const { seen } = await reader.ask({ key: 'spoilt', calls: 1, mostMs })
  return seen[0]
}

function spoiltRow(what: string, name: string, seen: Seen | undefined): Record<string, unknown> {
  return {
    scenario: 'an entry in Redis is spoilt',
    entry: what,
    name,
    answer: seen?.texts[0] ?? '',
    executions: seen?.executions ?? '',
    errors: seen ? seen.errors.join('; ') : 'the process ended',
    counted: seen?.counts?.['garbage'] ?? '',
  }
}

type Client = ReturnType<typeof createClient>

async function spoil(redis: RedisServer, work: (client: Client) => Promise<unknown>): Promise<void> {
  const client: Client = createClient({ url: redis.url })
  await client.connect()
  try {
    await work(client)
  } finally {
    client.destroy()
  }
}
