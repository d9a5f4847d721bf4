// One timer for many deadlines: calls whose time runs out at about the same moment share it, because making and
// clearing a timer for each costs more than a short call itself.

import { Bag } from './bag.ts'

/** The least by which a deadline may be late, in milliseconds. */
const finestMs = 4

/** A deadline may be late by this share of its budget, and no more than {@link coarsestMs}. */
const lateness = 1 / 256
const coarsestMs = 1_024

/** Longest delay that a timer takes, in milliseconds (2³¹ − 1). */
export const longestTimerMs = 2_147_483_647

interface Slot {
  waiting: Bag<() => void>
  timer: NodeJS.Timeout
}

/** By the monotonic millisecond at which they fire. */
const slots = new Map<number, Slot>()

/**
 * Calls back when the deadline (monotonic ms) has passed, at most max(4 ms, budget ÷ 256) later. Keeps no program alive.
 * Returns how to stop waiting.
 */
export function atDeadline(deadline: number, passed: () => void): () => void {
  const left = Math.max(0, deadline - performance.now())
  let step = finestMs
  while (step < left * lateness && step < coarsestMs) step *= 2
  const at = Math.ceil(deadline / step) * step
  let slot = slots.get(at)
  if (!slot) {
    slot = { waiting: new Bag(), timer: arm(at) }
    slots.set(at, slot)
  }
  return slot.waiting.add(passed)
}

function arm(at: number): NodeJS.Timeout {
  return setTimeout(() => fire(at), Math.min(longestTimerMs, Math.max(1, at - performance.now()))).unref()
}

function fire(at: number): void {
  const slot = slots.get(at)
  if (!slot) return
  // A timer may come a little early, and a very long one in several parts.
  if (at > performance.now() && slot.waiting.size > 0) {
    slot.timer = arm(at)
    return
  }
  slots.delete(at)
  // One by one: who is called may stop others from waiting.
  for (let passed = slot.waiting.take(); passed; passed = slot.waiting.take()) passed()
}
