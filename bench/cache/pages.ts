// What the pages on the cache and on concurrency say of the kept result: a short table each, written between their marks.

import { readFileSync, writeFileSync } from 'node:fs'
import type { Gate } from '../harness.ts'
import { fill } from '../performance/page.ts'
import { shown, table, type Cell } from '../performance/table.ts'

type Row = Readonly<Record<string, unknown>>

/** What is needed of a result. */
export interface Kept {
  readonly rows: readonly Row[]
  readonly gates: readonly Gate[]
}

const docs = new URL('../../docs/', import.meta.url)
const makers: Record<string, (kept: Kept) => string> = { 'cache.md': cacheTable, 'concurrency.md': concurrencyTable }

/** Each page as it is, and as the result wants it. */
export function pages(kept: Kept): { file: URL; is: string; wanted: string }[] {
  return Object.entries(makers).map(([name, make]) => {
    const file = new URL(name, docs)
    const is = readFileSync(file, 'utf8')
    return { file, is, wanted: fill(is, { measured: make(kept) }) }
  })
}

export function writePages(kept: Kept): void {
  for (const { file, wanted } of pages(kept)) writeFileSync(file, wanted)
}

function cacheTable({ rows, gates }: Kept): string {
  const peek = namedIn(rows, 'hits in memory, synchronous')
  const awaited = namedIn(rows, 'hits in memory, awaited')
  const inRedis = namedIn(rows, 'hits in Redis, 64 at once')
  const stampede = namedIn(rows, 'a thousand callers at once, in four processes')
  const vectors = namedIn(rows, '1.5 MB of vectors, stored and read')
  const key = found(rows, 'keys', { arguments: 'with five passages' })
  const killed = found(rows, 'the one that makes it is killed', { what: 'value' })
  const stream = found(rows, 'one stream, a hundred readers in four processes')
  const heard = found(rows, 'an invalidation, heard by a process whose hits never wait')
  const failing = (redis: string): string => {
    const andon = found(rows, 'Redis fails', { redis, name: 'Andon' })
    return `first call ${ms(andon, 'firstCallMs')}, then ${ms(andon, 'laterP50Ms')} (p50), ${ms(andon, 'laterP99Ms')} (p99)`
  }
  const hanging = (redis: string): string => {
    const others = rows.filter((row) => row['scenario'] === 'Redis fails' && row['redis'] === redis)
    const silent = others.filter((row) => row['name'] !== 'Andon' && row['answered'] === 0)
    return silent.length === 0 ? '' : `${names(silent)}: no answer in 2.5 s`
  }
  const perSecond = (row: Row | undefined): string => shown(numberOf(row, 'perSecond'))
  const others = (all: ReadonlyMap<string, Row>, say: (row: Row) => string): string =>
    Array.from(all)
      .filter(([name]) => !name.startsWith('Andon'))
      .map(([name, row]) => `${name} ${say(row)}`)
      .join('; ')
  const runs = (row: Row | undefined): string => `${runsOf(row)}, ${ms(row, 'wallMs')}`
  return [
    table(
      ['', 'Andon', 'beside it'],
      [
        ['`peek`, a second', perSecond(peek.get('Andon peek, key given')), others(peek, perSecond)],
        ['hits in memory, awaited, a second', perSecond(awaited.get('Andon, key given')), others(awaited, perSecond)],
        ['the same, the key hashed from an object', perSecond(awaited.get('Andon, key hashed from an object')), ''],
        ['the key of a question with five passages (4.6 KB)', `${shown(numberOf(key, 'microseconds'))} µs`, ''],
        [
          'hits in Redis, decoded, 64 at once, a second',
          `${perSecond(inRedis.get('Andon'))}, p50 ${ms(inRedis.get('Andon'), 'p50Ms')}`,
          others(inRedis, (row) => `${perSecond(row)}, p50 ${ms(row, 'p50Ms')}`),
        ],
        ['1,000 callers in 4 processes, 200 ms of work', runs(stampede.get('Andon')), others(stampede, runs)],
        [
          `the process that makes it is killed (lease ${ms(killed, 'leaseMs')}, work ${ms(killed, 'functionMs')})`,
          `${runsOf(killed)}, all others answered after ${ms(killed, 'answeredAfterWorstMs')}`,
          '',
        ],
        [
          'a stream with 100 readers in 4 processes',
          `${runsOf(stream)}, first word ${ms(stream, 'firstTokenBehindLeaderMs')} behind the one that streams`,
          '',
        ],
        ['Redis is gone', failing('refused'), hanging('refused')],
        ['Redis hangs (deadline 100 ms)', failing('hung'), hanging('hung')],
        ['an invalidation reaches a process in a loop of hits', `${ms(heard, 'p99Ms')} (p99)`, ''],
        [
          '1.5 MB of float32 stored and read',
          ms(vectors.get('Andon, float32'), 'ms'),
          `as JSON with the raw client ${ms(vectors.get('raw client, JSON'), 'ms')}`,
        ],
      ],
    ),
    verdict(gates.filter(({ name }) => !ofConcurrency.test(name))),
  ].join('\n\n')
}

/** The bounds that the page on concurrency tells of; the page on the cache tells of the others. */
const ofConcurrency = /^(?:Lock|Semaphore|leaving|operations|threads|holder)/u

function concurrencyTable({ rows, gates }: Kept): string {
  const alone = namedIn(rows, 'acquired and released, nobody else waits')
  const crowd = namedIn(rows, 'acquired and released, 20000 ask at once')
  const pace = (name: string): Cell[] => [
    `\`${name}\``,
    numberOf(alone.get(name), 'perSecond'),
    numberOf(crowd.get(name), 'perSecond'),
  ]
  const leaving = rows.filter((row) => row['scenario'] === 'ten thousand leave by one signal')
  const operated = rows.filter((row) => row['scenario'] === 'random operations beside a model')
  const threads = rows.filter((row) => row['scenario'] === 'a lock that two threads share')
  const killed = (through: string): Row | undefined => found(rows, 'a holder is killed', { through })
  const sum = (of: readonly Row[], column: string): number =>
    of.reduce((total, row) => total + numberOf(row, column), 0)
  const violated = operated.filter((row) => row['violation'] !== '').length
  return [
    table(
      ['taken and given back, a second', 'nobody else waits', '20,000 ask at once'],
      ['Lock', 'async-mutex', 'Semaphore', 'async-sema', 'p-limit'].map(pace),
    ),
    [
      `- Ten thousand waiters leave by one signal in ${shown(Math.max(...leaving.map((row) => numberOf(row, 'ms'))))} ms.`,
      `- ${sum(operated, 'operations').toLocaleString('en')} random operations on ${operated.length} kinds, each beside a model: ${violated === 0 ? 'no difference' : `${violated} kinds differ`}.`,
      `- Two threads entered shared locks ${sum(threads, 'entered').toLocaleString('en')} times: ${sum(threads, 'overlaps')} overlaps.`,
      `- A holder that is killed: another process has what it held ${ms(killed('the arbiter of the host'), 'worstMs')} later through the host's arbiter, ${ms(killed('Redis'), 'worstMs')} later through Redis (lease ${ms(killed('Redis'), 'leaseMs')}), at worst.`,
    ].join('\n'),
    verdict(gates.filter(({ name }) => ofConcurrency.test(name))),
  ].join('\n\n')
}

/** How many bounds were kept, and what was missed and why. */
function verdict(gates: readonly Gate[]): string {
  const missed = gates.filter(({ ok }) => !ok)
  const said = missed.map(
    ({ name, value, bound, reason }) => `- Missed: ${name}, ${shown(value)} (${bound})${reason ? `; ${reason}` : ''}.`,
  )
  const all = `\`npm run -s bench:cache\` measures this, with ${gates.length} bounds, of which it kept ${gates.length - missed.length}. All figures: [cache.md](../bench/results/cache.md).`
  return [all, ...(said.length > 0 ? [said.join('\n')] : [])].join('\n\n')
}

function namedIn(rows: readonly Row[], scenario: string): ReadonlyMap<string, Row> {
  return new Map(rows.filter((row) => row['scenario'] === scenario).map((row) => [String(row['name']), row]))
}

function found(rows: readonly Row[], scenario: string, what: Row = {}): Row | undefined {
  return rows.find(
    (row) => row['scenario'] === scenario && Object.entries(what).every(([column, value]) => row[column] === value),
  )
}

function numberOf(row: Row | undefined, column: string): number {
  const value = row?.[column]
  return typeof value === 'number' ? value : Number.NaN
}

function runsOf(row: Row | undefined): string {
  const runs = numberOf(row, 'executionsWorst')
  return `${shown(runs)} run${runs === 1 ? '' : 's'}`
}

function ms(row: Row | undefined, column: string): string {
  return `${shown(numberOf(row, column))} ms`
}

function names(rows: readonly Row[]): string {
  return rows.map((row) => String(row['name'])).join(', ')
}
