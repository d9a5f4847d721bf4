import assert from 'node:assert/strict'
import { on, once } from 'node:events'
import { describe, it } from 'node:test'
import { Worker } from 'node:worker_threads'
import { Channel, Event, forgetWhenEnded, Lock, Semaphore } from './index.ts'
import type { Muddle } from './muddle.fixture.ts'
import type { Task } from './threads.fixture.ts'

const fixture = new URL('./threads.fixture.ts', import.meta.url)
/** Turns of each thread. A soak sets ROUNDS to a million in all. */
const rounds = Math.round(Number(process.env['ROUNDS'] ?? 50_000) / 2)

describe('a lock that threads share', () => {
  for (const together of [1, 40]) {
    it(`never has two holders, with ${together} at once in each of two threads`, async () => {
      const lock = new Lock()
      const counter = new SharedArrayBuffer(12)
      const go = new Event()
      const task: Task = { kind: 'count', lock: lock.memory, counter, go: go.memory, rounds, together }
      const threads = [start(task), start(task)]
      await Promise.all(threads.map((thread) => said(thread, 'ready')))
      go.set()
      await Promise.all(threads.map((thread) => said(thread, 'done')))
      const [count, inside, overlaps] = new Int32Array(counter)
      assert.deepEqual({ count, inside, overlaps }, { count: 2 * rounds, inside: 0, overlaps: 0 })
      assert.equal(lock.held, false)
    })
  }

  it('is free again when the thread that holds it is forgotten, and says that it was abandoned', async () => {
    const lock = new Lock()
    const semaphore = new Semaphore(4)
    const holder = start({ kind: 'hold', lock: lock.memory, semaphore: semaphore.memory, weight: 3 })
    await said(holder, 'holding')
    assert.equal(lock.tryAcquire(), undefined)
    assert.equal(semaphore.available, 1)
    forgetWhenEnded(holder, lock, semaphore)
    const lockHeld = lock.acquire()
    const permitsHeld = semaphore.acquire({ weight: 4 })
    await holder.terminate()
    const held = await lockHeld
    assert.equal(held.abandoned, true)
    held.release()
    assert.equal((await lock.acquire()).abandoned, false)
    assert.equal((await permitsHeld).held, true)
  })

  it('is reached in order within a thread, and left by those whose signal aborts', async () => {
    const lock = new Lock({ name: 'ledger' })
    const same = Lock.from(lock.memory)
    const first = await lock.acquire()
    assert.equal(same.tryAcquire(), undefined)
    const leaving = new AbortController()
    const order: string[] = []
    const turn = async (name: string, signal?: AbortSignal): Promise<void> => {
      using _held = await lock.acquire(signal ? { signal } : {})
      order.push(name)
    }
    const turns = Promise.allSettled([turn('a'), turn('b', leaving.signal), turn('c')])
    const late = lock.acquire({ timeoutMs: 5 })
    assert.equal(lock.waiting, 4)
    leaving.abort()
    await assert.rejects(late, /\[deadline\] The shared lock "ledger" was not free within 5 ms/)
    first.release()
    first.release()
    const done = await turns
    assert.deepEqual(
      done.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    )
    assert.deepEqual(order, ['a', 'c'])
    assert.equal(same.tryAcquire()?.held, true)
  })

  it('refuses the memory of something else, and is closed for its own thread', async () => {
    assert.throws(() => Lock.from(new Event().memory), /not the memory of a shared lock/)
    const lock = new Lock()
    await lock.acquire()
    const waiting = lock.acquire()
    lock[Symbol.dispose]()
    await assert.rejects(waiting, /\[unavailable\]/)
    await assert.rejects(lock.acquire(), /\[unavailable\]/)
  })
})

describe('a semaphore that threads share', () => {
  it('never has more permits out than there are', async () => {
    const semaphore = new Semaphore(5)
    const gauge = new SharedArrayBuffer(8)
    const threads = [1, 3].map((weight) =>
      start({ kind: 'permits', semaphore: semaphore.memory, gauge, rounds: rounds / 5, weight }),
    )
    const here = (async () => {
      for (let at = 0; at < rounds / 25; at++) {
        using _held = await semaphore.acquire({ weight: 5 })
        assert.equal(Atomics.load(new Int32Array(gauge), 0), 0)
        await new Promise(setImmediate)
      }
    })()
    await Promise.all([here, ...threads.map((thread) => said(thread, 'done'))])
    const [out = -1, most = 0] = new Int32Array(gauge)
    assert.equal(out, 0)
    assert.ok(most <= 5, `${most} permits were out`)
    assert.equal(semaphore.available, 5)
  })

  it('does not let a small one overtake a big one that waits', async () => {
    const semaphore = new Semaphore(3)
    const one = await semaphore.acquire()
    const order: string[] = []
    const big = semaphore.acquire({ weight: 3 }).then((held) => {
      order.push('big')
      held.release()
    })
    const small = semaphore.acquire().then(() => order.push('small'))
    assert.equal(semaphore.tryAcquire(), undefined)
    one.release()
    await Promise.all([big, small])
    assert.deepEqual(order, ['big', 'small'])
    assert.throws(() => semaphore.tryAcquire(4), /a whole number from 1 to 3/)
    await assert.rejects(semaphore.acquire({ weight: 3, timeoutMs: 5 }), /\[deadline\].*not enough free permits/)
    assert.equal(semaphore.tryAcquire(2)?.held, true)
  })
})

describe('a lock and a semaphore that threads share', () => {
  it('lose nothing when those who wait leave and threads are ended at any moment', async () => {
    const lock = new Lock()
    const semaphore = new Semaphore(4)
    const inside = new SharedArrayBuffer(8)
    const muddle = (seed: number, rounds: number): Worker => {
      const workerData: Muddle = { lock: lock.memory, semaphore: semaphore.memory, inside, seed, rounds }
      return new Worker(new URL('./muddle.fixture.ts', import.meta.url), { workerData })
    }
    const staying = [1, 2].map((seed) => said(muddle(seed, rounds / 50), 'done'))
    for (let seed = 3; seed < 9; seed++) {
      const ending = muddle(seed, Infinity)
      await once(ending, 'online')
      forgetWhenEnded(ending, lock, semaphore)
      // Some of its turns later, whichever they are.
      for (let turns = seed; turns > 0; turns--) (await lock.acquire()).release()
      await ending.terminate()
    }
    await Promise.all(staying)
    assert.deepEqual([new Int32Array(inside)[1], lock.held, semaphore.available], [0, false, 4])
  })
})

describe('an event that threads share', () => {
  it('frees those who wait in another thread, also when it is cleared at once', async () => {
    const event = new Event()
    const threads = [start({ kind: 'wait', event: event.memory }), start({ kind: 'wait', event: event.memory })]
    await Promise.all(threads.map((thread) => said(thread, 'waiting')))
    const here = event.wait()
    event.set()
    event.set()
    event.clear()
    assert.equal(event.isSet, false)
    await Promise.all([here, ...threads.map((thread) => said(thread, 'heard'))])
    await assert.rejects(event.wait({ signal: AbortSignal.abort() }), /\[cancelled\]/)
    event.set()
    await event.wait()
  })
})

describe('a channel that threads share', () => {
  it('carries each value once, in the order of its sender, through a ring that is far too small for all', async () => {
    const channel = new Channel<{ number: number; bytes: Uint8Array }>({ bytes: 512 })
    const count = 2_000
    const senders = [0, count].map((from) => start({ kind: 'send', channel: channel.memory, from, count }))
    void Promise.all(senders.map((sender) => said(sender, 'done'))).then(() => channel.close())
    const last = [-1, count - 1]
    let received = 0
    for await (const { number, bytes } of channel) {
      const sender = number < count ? 0 : 1
      assert.equal(number, (last[sender] ?? NaN) + 1)
      last[sender] = number
      assert.deepEqual(bytes, new Uint8Array((number % count) % 50).fill(7))
      received++
    }
    assert.equal(received, 2 * count)
    await assert.rejects(channel.send({ number: 0, bytes: new Uint8Array() }), /\[unavailable\]/)
  })

  it('shares its values among several receivers', async () => {
    const channel = new Channel<number>({ bytes: 256 })
    const sums = [1, 2].map(() => answer(start({ kind: 'sum', channel: channel.memory })))
    for (let value = 1; value <= 1_000; value++) await channel.send(value)
    channel.close()
    const [one, two] = await Promise.all(sums)
    assert.equal(Number(one) + Number(two), 500_500)
  })

  it('hands out what was sent before it was closed with an error, then the error', async () => {
    const channel = new Channel<string>({ bytes: 64 })
    assert.equal(channel.trySend('before'), true)
    channel.close(new Error('é'.repeat(2_000)))
    assert.equal(await channel.receive(), 'before')
    assert.equal(channel.tryReceive(), undefined)
    await assert.rejects(channel.receive(), /\[internal\] é+…/)
  })

  it('refuses what it could never carry, and is full for one that does not wait', async () => {
    const channel = new Channel<unknown>({ bytes: 64 })
    await assert.rejects(channel.send('x'.repeat(64)), /\[too-large\].*takes 60/)
    await assert.rejects(
      channel.send(() => {}),
      /\[invalid\].*cannot be sent/,
    )
    while (channel.trySend('xxxxxxxxxx'));
    await assert.rejects(channel.send('xxxxxxxxxx', { timeoutMs: 5 }), /\[deadline\].*had no room within/)
    const leaving = new AbortController()
    const waiting = channel.send('xxxxxxxxxx', { signal: leaving.signal })
    leaving.abort()
    await assert.rejects(waiting, /\[cancelled\]/)
    assert.throws(() => new Channel({ bytes: 100 }), /a power of two/)
  })
})

function start(task: Task): Worker {
  return new Worker(fixture, { workerData: task })
}

async function said(worker: Worker, word: string): Promise<void> {
  for await (const [message] of on(worker, 'message')) if (message === word) return
}

async function answer(worker: Worker): Promise<unknown> {
  const [message] = (await once(worker, 'message')) as [unknown]
  return message
}
