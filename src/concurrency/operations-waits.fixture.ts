// Random operations on what is waited for until it happens, beside those who wait.

import { deepEqual, equal, ok } from 'node:assert/strict'
import { Barrier } from './barrier.ts'
import { Condition } from './condition.ts'
import { Event } from './event.ts'
import { Latch } from './latch.ts'
import { Lock } from './lock.ts'
import { chance, heard, Waiting } from './operations.fixture.ts'
import { RateLimiter } from './rate-limiter.ts'

/** An event beside those who wait. */
export async function events(rounds: number): Promise<void> {
  const random = chance(11)
  const event = new Event()
  const model = new Waiting()
  for (let round = 0; round < rounds; round++) {
    const choice = random(20)
    if (choice < 14) model.wait((options) => event.wait(options), event.isSet)
    else if (choice < 16) {
      event.set()
      if (random(2) === 0) event.clear()
      model.free()
    } else if (choice < 18) event.clear()
    else model.leave(random(model.line.length + 1))
    await model.compare(event.waiting)
  }
}

/** Latches, one after the other, beside a count. */
export async function latches(rounds: number): Promise<void> {
  const random = chance(13)
  for (let round = 0; round < rounds;) {
    let count = random(6)
    const latch = new Latch(count)
    const model = new Waiting()
    for (let step = 0; step < 20; step++, round++) {
      const choice = random(4)
      if (choice < 2) model.wait((options) => latch.wait(options), count === 0)
      else if (choice === 2) {
        const by = 1 + random(2)
        latch.countDown(by)
        count = Math.max(0, count - by)
        if (count === 0) model.free()
      } else model.leave(random(model.line.length + 1))
      await model.compare(latch.waiting)
      equal(latch.left, count)
    }
  }
}

/** A barrier of four beside those who have arrived. */
export async function barriers(rounds: number): Promise<void> {
  const random = chance(17)
  const barrier = new Barrier(4)
  const model = new Waiting()
  for (let round = 0; round < rounds; round++) {
    if (random(4) > 0) {
      const last = model.line.length === 3
      if (last) model.free()
      model.wait((options) => barrier.arrive(options), last)
    } else model.leave(random(model.line.length + 1))
    await model.compare(barrier.waiting)
  }
}

/** A condition and its lock beside those who wait. */
export async function conditions(rounds: number): Promise<void> {
  const random = chance(19)
  const lock = new Lock()
  const changed = new Condition()
  const model = new Waiting()
  for (let round = 0; round < rounds; round++) {
    const choice = random(8)
    if (choice < 4) {
      const held = lock.tryAcquire()
      ok(held)
      const wait = async (options: { signal: AbortSignal }): Promise<void> => {
        try {
          await changed.wait(held, options)
        } finally {
          ok(held.held)
          held.release()
        }
      }
      model.wait(wait, false)
    } else if (choice < 7) {
      const count = 1 + random(2)
      changed.notify(count)
      model.free(count)
    } else model.leave(random(model.line.length + 1))
    await heard()
    await heard()
    await model.compare(changed.waiting)
    equal(lock.held, false)
  }
}

/** A rate limiter beside a bucket, on a clock of its own. */
export async function rateLimiters(rounds: number): Promise<void> {
  const random = chance(23)
  let now = 0
  let timer: { at: number; fired: () => void } | undefined
  const clock = {
    now: () => now,
    setTimer(ms: number, fired: () => void) {
      const mine = { at: now + ms, fired }
      timer = mine
      return () => {
        if (timer === mine) timer = undefined
      }
    },
  }
  // A power of two, so that fractions of tokens are exact.
  const limiter = new RateLimiter({ perSecond: 1_000 / 64, burst: 8, clock })
  const model = new Waiting()
  const wanted = new WeakMap<object, number>()
  let tokens = 8
  const serve = (): void => {
    for (let first = model.line[0]; first; first = model.line[0]) {
      const want = wanted.get(first) ?? 0
      if (want > tokens) return
      tokens -= want
      model.free(1)
    }
  }
  const pass = (ms: number): void => {
    now += ms
    tokens = Math.min(8, tokens + ms / 64)
  }
  for (let round = 0; round < rounds; round++) {
    const choice = random(4)
    if (choice < 2 && model.line.length < 40) {
      const want = 1 + random(8)
      const free = model.line.length === 0 && want <= tokens
      if (free) tokens -= want
      model.wait((options) => limiter.acquire({ ...options, tokens: want }), free)
      const last = model.line.at(-1)
      if (!free && last) wanted.set(last, want)
    } else if (choice <= 2) {
      // To the next timer, or less far; whoever waits has one.
      const ms = random(300)
      const due = timer && timer.at - now <= ms ? timer : undefined
      if (due) {
        pass(due.at - now)
        timer = undefined
        due.fired()
        serve()
      } else pass(ms)
    } else {
      model.leave(random(model.line.length + 1))
      serve()
    }
    await heard()
    deepEqual(model.news.sort(), model.expected.sort())
    await model.compare(limiter.waiting)
    equal(timer !== undefined, model.line.length > 0)
    if (model.line.length === 0) equal(limiter.available, tokens)
  }
}
