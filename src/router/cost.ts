// What it would cost to send an order to an endpoint now, in milliseconds, and which endpoint costs least.

import type { Order } from './order.ts'
import type { Pool } from './pools.ts'

/** Before anything is known of any: as a 7B model on a data-centre GPU. */
const usualMsPerToken = 20
/**
 * Of the usual prompt, what each order in flight has still to be read of. In the simulation of choice.test.ts from 0.15 to
 * 0.3 keeps affinity and spreads the load; with more, caches are given up for one order less in line.
 */
const unreadShare = 0.2
/** One that is so many times slower than usual is slow for each order by itself, however few it has. */
const muchSlower = 2
/** What is read anew takes the room of another beginning in the cache, which some order will have to read anew later. */
const displacing = 1.5
/** With more of the KV cache in use a server begins to put requests back. */
const fullCache = 0.9

/**
 * Cost in milliseconds, of which the least is best:
 *
 *     ((in flight + 1) × (tokens × ms per token ÷ places + usual prompt × prefill ÷ 5)
 *       + tokens × (ms per token − twice the usual) + 1.5 × uncached × prefill + late) ÷ weight
 *
 * An order more slows those that write by its share of the batch, so their term is divided by the places; prompts are read
 * one after the other, and of those in flight a part is read already or in the cache. An endpoint that is more
 * than twice as slow as usual costs the order its own tokens, too: else, idle, it would look better than a fast one with
 * seven orders. What of this prompt is not in the
 * cache has to be read: that is all that affinity is, one cost beside the others, so nothing ever flips from one rule
 * to another. `late` is by how much the endpoint's orders are overdue.
 */
export function cheapest(
  pool: Pool,
  among: readonly number[],
  order: Order,
  now: number,
  random: () => number,
): number | undefined {
  const { endpoints, habits } = pool
  let sum = 0
  let known = 0
  let firsts = 0
  let firstSum = 0
  for (const { speed, firstMs } of endpoints) {
    if (speed.measured !== undefined) {
      sum += 1 / Math.max(1e-3, speed.measured)
      known++
    }
    if (firstMs !== undefined) {
      firstSum += firstMs
      firsts++
    }
  }
  // The harmonic mean, so that one that is very slow does not make the usual slow.
  const usual = known === 0 ? usualMsPerToken : known / sum
  const usualFirst = firsts === 0 ? undefined : firstSum / firsts
  const outputTokens = order.outputTokens || habits.outputTokens || 1
  const prefillMs = habits.prefill.msPerToken
  const readMs = habits.promptTokens * prefillMs * unreadShare
  let best: number | undefined
  let least = Infinity
  const offset = Math.floor(random() * among.length)
  for (let step = 0; step < among.length; step++) {
    const at = among[(offset + step) % among.length]
    const state = at === undefined ? undefined : endpoints[at]
    if (state === undefined) continue
    const hint = state.hint(now)
    const msPerToken = state.speed.expected(now, usual)
    let load = Math.max(state.inFlight, state.permits.heldByAll)
    if (hint !== undefined) load = Math.max(load, hint.running) + hint.waiting
    if (hint !== undefined && hint.kvUsage >= fullCache) load = load * 2 + 1
    const each = (outputTokens * msPerToken) / state.settings.maxConcurrent + readMs
    const uncachedMs = state.memory.uncached(order.prefix, order.promptTokens) * prefillMs * displacing
    const slowMs = outputTokens * Math.max(0, msPerToken - muchSlower * usual)
    const cost = ((load + 1) * each + slowMs + uncachedMs + state.lateMs(now, usualFirst)) / state.settings.weight
    if (cost < least || best === undefined) {
      least = cost
      best = at
    }
  }
  return best
}
