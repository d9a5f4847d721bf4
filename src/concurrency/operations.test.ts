// Random operations on every primitive beside a plain model of it. ROUNDS says how many per primitive: few in passing, a
// million for a soak (`ROUNDS=1000000 node --test src/concurrency/operations.test.ts`).

import { deepEqual, equal, ok } from 'node:assert/strict'
import test from 'node:test'
import { AndonError } from '../core/errors.ts'
import { Barrier } from './barrier.ts'
import { Channel, type WhenFull } from './channel.ts'
import { Condition } from './condition.ts'
import { Event } from './event.ts'
import type { Held } from './held.ts'
import { Latch } from './latch.ts'
import { Lock } from './lock.ts'
import { RateLimiter } from './rate-limiter.ts'
import { ReadWriteLock } from './read-write-lock.ts'
import { generator } from './scheduler.fixture.ts'
import { Semaphore } from './semaphore.ts'

const rounds = Number(process.env['ROUNDS'] ?? 20_000)
const left = new AndonError('cancelled', 'Left')

/** Chance for one test: whole numbers below a bound. */
function chance(seed: number): (below: number) => number {
  const draw = generator(seed)
  return (below) => draw() % below
}

/** Lets everything that was set free be heard. */
async function heard(): Promise<void> {
  for (let ticks = 0; ticks < 4; ticks++) await Promise.resolve()
}

interface Asked {
  id: number
  weight: number
  controller: AbortController
}

/** Those who ask for holds, what they have heard, and how they leave. */
class Askers {
  readonly heard: string[] = []
  readonly holds = new Map<number, Held>()
  #ids = 0

  ask(weight: number, acquire: (options: { signal: AbortSignal }) => Promise<Held>): Asked {
    const asked = { id: this.#ids++, weight, controller: new AbortController() }
    acquire({ signal: asked.controller.signal }).then(
      (held) => {
        this.heard.push(`has ${asked.id}`)
        this.holds.set(asked.id, held)
      },
      (reason: unknown) => this.heard.push(reason === left ? `left ${asked.id}` : String(reason)),
    )
    return asked
  }

  release(id: number): void {
    const held = this.holds.get(id)
    ok(held?.held)
    held.release()
    held.release()
    this.holds.delete(id)
  }
}

test('semaphore and lock', async () => {
  for (const permits of [1, 5]) {
    const random = chance(permits)
    const semaphore = new Semaphore(permits)
    const lock = new Lock()
    const askers = new Askers()
    const expected: string[] = []
    const line: Asked[] = []
    const out: Asked[] = []
    let free = permits
    const serve = (): void => {
      for (let first = line[0]; first && first.weight <= free; first = line[0]) {
        line.shift()
        free -= first.weight
        out.push(first)
        expected.push(`has ${first.id}`)
      }
    }
    for (let round = 0; round < rounds / 2; round++) {
      const choice = random(10)
      if (choice < 5 && line.length < 40) {
        const weight = 1 + random(permits)
        line.push(
          askers.ask(weight, (options) =>
            permits === 1 ? lock.acquire(options) : semaphore.acquire({ ...options, weight }),
          ),
        )
        serve()
      } else if (choice < 8 && out.length > 0) {
        const [given] = out.splice(random(out.length), 1)
        if (!given) continue
        free += given.weight
        askers.release(given.id)
        serve()
      } else if (choice === 8 && line.length > 0) {
        const [leaver] = line.splice(random(line.length), 1)
        if (!leaver) continue
        leaver.controller.abort(left)
        expected.push(`left ${leaver.id}`)
        serve()
      } else if (choice === 9) {
        const taken = permits === 1 ? lock.tryAcquire() : semaphore.tryAcquire(1)
        equal(taken !== undefined, line.length === 0 && free >= 1)
        taken?.release()
      }
      await heard()
      // Within one round the one who leaves and those who are served hear in either order.
      deepEqual(askers.heard.sort(), expected.sort())
      askers.heard.length = expected.length = 0
      if (permits === 1) deepEqual([lock.held, lock.waiting], [free === 0, line.length])
      else deepEqual([semaphore.available, semaphore.waiting], [free, line.length])
    }
  }
})

test('read/write lock', async () => {
  const random = chance(3)
  const lock = new ReadWriteLock()
  const askers = new Askers()
  const expected: string[] = []
  const lines = { read: [] as Asked[], write: [] as Asked[] }
  const out = { read: [] as Asked[], write: [] as Asked[] }
  const enter = (side: 'read' | 'write'): void => {
    const asked = lines[side].shift()
    if (!asked) return
    out[side].push(asked)
    expected.push(`has ${asked.id}`)
  }
  const readersIn = (): void => {
    while (lines.read.length > 0) enter('read')
  }
  for (let round = 0; round < rounds; round++) {
    const choice = random(10)
    const side = random(3) === 0 ? 'write' : 'read'
    if (choice < 5 && lines.read.length + lines.write.length < 30) {
      lines[side].push(
        askers.ask(1, (options) => (side === 'read' ? lock.acquireRead(options) : lock.acquireWrite(options))),
      )
      const clear = out.write.length === 0 && (side === 'read' ? lines.write.length === 0 : out.read.length === 0)
      if (clear) enter(side)
    } else if (choice < 9) {
      const from = out.write.length > 0 ? 'write' : 'read'
      const [given] = out[from].splice(random(Math.max(1, out[from].length)), 1)
      if (!given) continue
      askers.release(given.id)
      if (from === 'write' && lines.read.length > 0) readersIn()
      else if (out.read.length === 0) enter('write')
    } else {
      const [leaver] = lines[side].splice(random(Math.max(1, lines[side].length)), 1)
      if (!leaver) continue
      leaver.controller.abort(left)
      expected.push(`left ${leaver.id}`)
      if (out.write.length === 0 && lines.write.length === 0) readersIn()
    }
    await heard()
    deepEqual(askers.heard.sort(), expected.sort())
    askers.heard.length = expected.length = 0
    deepEqual(
      [lock.reading, lock.writing, lock.waiting],
      [out.read.length, out.write.length === 1, lines.read.length + lines.write.length],
    )
  }
})

test('channel, with every policy', async () => {
  const policies: WhenFull[] = ['wait', 'drop-oldest', 'drop-newest', 'reject']
  for (const whenFull of policies) {
    const random = chance(7)
    const capacity = whenFull === 'drop-oldest' ? 3 : random(4)
    const dropped: number[] = []
    const channel = new Channel<number>({ capacity, whenFull, onDrop: (value) => dropped.push(value) })
    const news: string[] = []
    const expected: string[] = []
    const lying: number[] = []
    const gone: number[] = []
    const senders: { value: number; controller: AbortController }[] = []
    const receivers: { id: number; controller: AbortController }[] = []
    const settle = (name: string, promise: Promise<unknown>): void =>
      void promise.then(
        (value) => news.push(`${name} ${String(value)}`),
        (reason: unknown) => news.push(`${name} ${AndonError.from(reason).code}`),
      )
    for (let round = 0; round < rounds / policies.length; round++) {
      const choice = random(20)
      const controller = new AbortController()
      const { signal } = controller
      if (choice < 9 && senders.length < 20) {
        settle(`s${round}`, channel.send(round, { signal }))
        const receiver = receivers.shift()
        if (receiver) expected.push(`r${receiver.id} ${round}`, `s${round} true`)
        else if (lying.length < capacity) {
          lying.push(round)
          expected.push(`s${round} true`)
        } else if (whenFull === 'wait') senders.push({ value: round, controller })
        else if (whenFull === 'reject') expected.push(`s${round} overloaded`)
        else if (whenFull === 'drop-newest') {
          gone.push(round)
          expected.push(`s${round} false`)
        } else {
          gone.push(lying.shift() ?? -1)
          lying.push(round)
          expected.push(`s${round} true`)
        }
      } else if (choice < 18 && receivers.length < 20) {
        settle(`r${round}`, channel.receive({ signal }))
        const sender = senders.shift()
        if (sender) {
          lying.push(sender.value)
          expected.push(`s${sender.value} true`)
        }
        const value = lying.shift()
        if (value === undefined) receivers.push({ id: round, controller })
        else expected.push(`r${round} ${value}`)
      } else if (choice === 18) {
        const [sender] = senders.splice(random(Math.max(1, senders.length)), 1)
        sender?.controller.abort(left)
        if (sender) expected.push(`s${sender.value} cancelled`)
      } else {
        const [receiver] = receivers.splice(random(Math.max(1, receivers.length)), 1)
        receiver?.controller.abort(left)
        if (receiver) expected.push(`r${receiver.id} cancelled`)
      }
      await heard()
      deepEqual(news.sort(), expected.sort())
      news.length = expected.length = 0
      deepEqual(
        [channel.size, channel.sending, channel.receiving, channel.dropped],
        [lying.length, senders.length, receivers.length, gone.length],
      )
    }
    deepEqual(dropped, gone)
  }
})

/** Those who wait for something to happen: who was freed, in which order, and who left. */
class Waiting {
  readonly line: { id: number; controller: AbortController }[] = []
  readonly news: string[] = []
  readonly expected: string[] = []
  #ids = 0

  wait(wait: (options: { signal: AbortSignal }) => Promise<unknown>, free: boolean): void {
    const waiter = { id: this.#ids++, controller: new AbortController() }
    wait({ signal: waiter.controller.signal }).then(
      () => this.news.push(`freed ${waiter.id}`),
      (reason: unknown) => this.news.push(reason === left ? `left ${waiter.id}` : String(reason)),
    )
    if (free) this.expected.push(`freed ${waiter.id}`)
    else this.line.push(waiter)
  }

  free(count = Infinity): void {
    for (const { id } of this.line.splice(0, count)) this.expected.push(`freed ${id}`)
  }

  leave(which: number): void {
    const [waiter] = this.line.splice(which, 1)
    waiter?.controller.abort(left)
    if (waiter) this.expected.push(`left ${waiter.id}`)
  }

  async compare(waiting: number): Promise<void> {
    await heard()
    deepEqual(this.news, this.expected)
    this.news.length = this.expected.length = 0
    equal(waiting, this.line.length)
  }
}

test('event', async () => {
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
})

test('latch', async () => {
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
})

test('barrier', async () => {
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
})

test('condition', async () => {
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
})

test('rate limiter', async () => {
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
})
