// Gate 10, in virtual time: eight endpoints that read prompts one after the other, two hundred long beginnings of which some
// are asked often, and room for forty of them at each endpoint. The router's own choice beside hashing and round robin.

import { atLeast, atMost, percentile, seeded } from '../../harness.ts'
import { openScheduler } from '../../../src/router/scheduler.ts'
import { prefixOf } from '../../../src/router/prefix.ts'
import type { Order } from '../../../src/router/order.ts'
import type { Scenario } from '../stage.ts'
import { patient, VirtualTime } from '../virtual.ts'

const endpoints = 8
const beginnings = 200
const kept = 40
const prefillMs = 0.15
const tokensOfBlock = 128
/** Of an answer: it is written in pieces, beside those that are read. */
const outputTokens = 100
const msPerToken = 10
const pieces = 5

interface Prompt {
  group: number
  /** Tokens of the beginning, and of what only this prompt has. */
  shared: number
  own: number
}

interface Outcome {
  /** The line was full. */
  refused: number
  hit: number
  firstP50: number
  firstP99: number
  balance: number
}

type Policy = 'hash' | 'round robin' | 'ours'

export const affinity: Scenario = async (stage) => {
  const rows: Record<string, unknown>[] = []
  const worst = { share: Number.POSITIVE_INFINITY, balance: 0 }
  for (const rate of [12, 25, 40]) {
    const count = stage.many(60_000)
    const found: Partial<Record<Policy, Outcome>> = {}
    for (const policy of ['hash', 'round robin', 'ours'] as const) {
      found[policy] = await simulate(policy, rate, count)
      rows.push({ scenario: 'affinity', simulated: true, rate, policy, ...found[policy] })
    }
    const { ours, hash } = found
    if (!ours || !hash) continue
    worst.share = Math.min(worst.share, ours.hit / hash.hit)
    worst.balance = Math.max(worst.balance, ours.balance)
  }
  return {
    rows,
    gates: [
      atLeast("10 prompts found in a cache, of pure hashing's, simulated", worst.share, 0.95),
      atMost('10 busiest endpoint over the mean, simulated', worst.balance, 1.3),
    ],
  }
}

async function simulate(policy: Policy, rate: number, count: number): Promise<Outcome> {
  const random = seeded(1)
  const time = new VirtualTime()
  const lengths = Array.from({ length: beginnings }, (_, group) => 2_000 + (hashed(group) % 6_000))
  const chains = lengths.map((tokens, group) => prefixOf(textOf(group, tokens)))
  const draw = zipf(beginnings, random)
  const names = Array.from({ length: endpoints }, (_, number) => `e${number}`)
  const servers = names.map(() => new PrefillServer())
  await using scheduler = openScheduler(
    names.map((name) => ({ name, url: 'http://127.0.0.1:1', maxConcurrent: 64 })),
    // As much as each can really hold: forty beginnings of five thousand tokens.
    { clock: time, random: 1, prefixBlocks: (kept * 5_000) / tokensOfBlock },
  )
  const hits = Array.from({ length: endpoints }, () => 0)
  const counts = Array.from({ length: endpoints }, () => 0)
  const firsts: number[] = []
  let turn = 0

  const serve = (number: number, prompt: Prompt, done: (cached: number) => void): void => {
    const server = servers[number]
    if (!server) throw new Error(`There is no endpoint ${number}.`)
    const came = time.now()
    const { readAt, cached } = server.take(prompt, came)
    counts[number] = (counts[number] ?? 0) + 1
    if (cached > 0) hits[number] = (hits[number] ?? 0) + 1
    time.at(readAt, () => {
      firsts.push(time.now() - came)
      done(cached)
    })
  }
  const ask = async (prompt: Prompt): Promise<void> => {
    if (policy === 'hash') serve(hashed(prompt.group * 31 + 7) % endpoints, prompt, () => {})
    else if (policy === 'round robin') serve(turn++ % endpoints, prompt, () => {})
    else {
      const promptTokens = prompt.shared + prompt.own
      const own = Array.from({ length: Math.floor(prompt.own / tokensOfBlock) }, () => Math.floor(random() * 2 ** 31))
      const order: Order = {
        ability: 'chat',
        promptTokens,
        outputTokens,
        prefix: [...(chains[prompt.group] ?? []), ...own],
      }
      const lease = await scheduler.acquire(order, patient)
      serve(names.indexOf(lease.endpoint.name), prompt, (cachedTokens) => {
        lease.begun()
        for (let piece = 1; piece <= pieces; piece++)
          time.at(time.now() + (outputTokens * msPerToken * piece) / pieces, () => {
            lease.progress(outputTokens / pieces)
            if (piece === pieces) lease.end({ kind: 'done', promptTokens, cachedTokens, outputTokens })
          })
      })
    }
  }
  let at = 0
  let refused = 0
  for (let number = 0; number < count; number++) {
    at += (-Math.log(1 - random()) / rate) * 1_000
    const group = draw()
    const prompt = { group, shared: lengths[group] ?? 0, own: 200 + Math.floor(random() * 400) }
    time.at(at, () => {
      ask(prompt).catch(() => refused++)
    })
  }
  await time.run()
  return {
    refused,
    hit: sum(hits) / count,
    firstP50: percentile(firsts, 0.5),
    firstP99: percentile(firsts, 0.99),
    balance: Math.max(...counts) / (count / endpoints),
  }
}

/** Reads one prompt after the other, and keeps the beginnings that it read last. */
class PrefillServer {
  #freeAt = 0
  readonly #cache = new Set<number>()

  take({ group, shared, own }: Prompt, now: number): { readAt: number; cached: number } {
    const cached = this.#cache.delete(group) ? shared : 0
    this.#cache.add(group)
    for (const oldest of this.#cache) {
      if (this.#cache.size <= kept) break
      this.#cache.delete(oldest)
    }
    this.#freeAt = Math.max(now, this.#freeAt) + (own + shared - cached) * prefillMs
    return { readAt: this.#freeAt, cached }
  }
}

function textOf(group: number, tokens: number): string {
  const random = seeded(group)
  // Four characters a token, as prefix.ts counts them.
  return Array.from({ length: tokens }, () => String.fromCodePoint(97 + Math.floor(random() * 26)).repeat(4)).join('')
}

/** The first is asked twice as often as the second, three times as often as the third, and so on. */
function zipf(count: number, random: () => number): () => number {
  const steps: number[] = []
  let whole = 0
  for (let rank = 1; rank <= count; rank++) steps.push((whole += 1 / rank))
  return () => {
    const drawn = random() * whole
    return steps.findIndex((step) => step >= drawn)
  }
}

function hashed(number: number): number {
  let mixed = Math.imul(number ^ 0x811c9dc5 ^ (number >>> 16), 0x45d9f3b)
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x45d9f3b)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((whole, one) => whole + one, 0)
}
