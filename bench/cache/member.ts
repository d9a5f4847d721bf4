// One of several processes that ask the same thing of one Redis. It is told in its first argument which cache it is; then
// what to ask, when, and how long making it takes; and answers each time what it saw, at the clock of the host.

import { setTimeout as pause } from 'node:timers/promises'
import { cached, cachedStream, redisLevel } from '../../src/cache/index.ts'
import { AndonError } from '../../src/core/errors.ts'
import { loadPeers } from './peers.ts'
import { hostMs, until } from './scenario.ts'

export interface Membership {
  /** `Andon`, or the name of a peer that remembers in memory and Redis. */
  readonly name: string
  readonly url: string
  readonly lease: `${number}ms`
  /** How long Andon gives a command. Default 1,000 ms: on a busy machine a process that waits for the processor is no Redis that hangs. */
  readonly timeoutMs?: number
}

/** What to ask: a value, or a stream of so many items of which each takes its time. */
export interface Asking {
  readonly kind: 'value' | 'stream'
  readonly key: string
  readonly calls: number
  readonly takesMs: number
  readonly items: number
  /** One call after the other, each for a key of its own. Default: all at once, for one key. */
  readonly inTurn?: boolean
  /** When to begin, at the clock of the host. */
  readonly at: number
  /** The longest that a call is waited for. */
  readonly mostMs: number
}

export interface Seen {
  readonly executions: number
  /** Calls that had their answer, and what went wrong with others. */
  readonly answered: number
  readonly errors: readonly string[]
  readonly texts: readonly string[]
  /** When the first word and the last answer were there. */
  readonly firstAt: number
  readonly endedAt: number
  /** Of each call, in milliseconds, in the order of their ends. */
  readonly callMs: readonly number[]
  /** What Andon has counted since it was opened. */
  readonly counts?: Readonly<Record<string, number>>
}

interface Cache {
  value(key: string): Promise<unknown>
  stream?(key: string): AsyncIterable<string>
  counts?(): Readonly<Record<string, number>>
}

const { name, url, lease, timeoutMs = 1_000 } = JSON.parse(process.argv[2] ?? '') as Membership
let takesMs = 0
let items = 0
let executions = 0

async function make(key: string): Promise<string> {
  executions++
  if (takesMs > 0) {
    process.send?.('leads')
    await pause(takesMs)
  }
  return `answer to ${key}`
}

const cache = await open()
process.on('message', (asking: Asking) => void ask(asking).then((seen) => process.send?.(seen)))
process.send?.('ready')

async function open(): Promise<Cache> {
  if (name !== 'Andon') {
    const peer = await (await loadPeers()).both[name]?.({ make, url })
    if (!peer) throw new Error(`No peer is called ${name}`)
    return { value: peer.get }
  }
  const l2 = redisLevel({ url, timeoutMs })
  const value = cached(make, { name: 'member', l2, flight: { lease } })
  const stream = cachedStream(
    async function* run(key: string) {
      executions++
      process.send?.('leads')
      for (let at = 0; at < items; at++) {
        await pause(takesMs)
        yield `${key} ${at} `
      }
    },
    { name: 'member-stream', l2, flight: { lease } },
  )
  return { value, stream, counts: () => value.stats() }
}

async function ask(asking: Asking): Promise<Seen> {
  ;({ takesMs, items } = asking)
  executions = 0
  let firstAt = Infinity
  const read = async (key: string): Promise<string> => {
    if (asking.kind === 'value') return String(await cache.value(key))
    let text = ''
    for await (const item of cache.stream?.(key) ?? []) {
      if (firstAt === Infinity) firstAt = hostMs()
      text += item
    }
    return text
  }
  await until(asking.at)
  const texts = new Set<string>()
  const errors = new Set<string>()
  const callMs: number[] = []
  let answered = 0
  const call = async (key: string, late: Promise<never>): Promise<void> => {
    const began = performance.now()
    try {
      texts.add(await Promise.race([read(key), late]))
      answered++
    } catch (reason) {
      errors.add(AndonError.from(reason).sentence.slice(0, 80))
    }
    callMs.push(performance.now() - began)
  }
  if (asking.inTurn)
    for (let at = 0; at < asking.calls; at++) {
      using limit = lateAfter(asking.mostMs)
      await call(`${asking.key} ${at}`, limit.late)
    }
  else {
    // One limit for all: a timer for each call would be most of what is measured.
    using limit = lateAfter(asking.mostMs)
    await Promise.all(Array.from({ length: asking.calls }, () => call(asking.key, limit.late)))
  }
  const endedAt = hostMs()
  const seen = { executions, answered, errors: [...errors], texts: [...texts], firstAt, endedAt, callMs }
  return { ...seen, ...(cache.counts ? { counts: cache.counts() } : {}) }
}

/** Rejects after so many milliseconds, unless it is disposed before. */
function lateAfter(ms: number): Disposable & { readonly late: Promise<never> } {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms)
  return { late: promise, [Symbol.dispose]: () => clearTimeout(timer) }
}
