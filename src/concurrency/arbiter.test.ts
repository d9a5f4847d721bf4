import assert from 'node:assert/strict'
import { fork, type ChildProcess } from 'node:child_process'
import { on, once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { openArbiter, type Arbiter } from './arbiter.ts'

const holder = new URL('./arbiter.fixture.ts', import.meta.url)

describe('permits of a host', () => {
  let folder = ''
  before(async () => (folder = await mkdtemp(join(tmpdir(), 'arbiter-'))))
  after(() => rm(folder, { recursive: true }))

  it('are never more than the limit over all who share them', async () => {
    await using first = await openArbiter({ folder, group: 'limit' })
    await using second = await openArbiter({ folder, group: 'limit' })
    assert.deepEqual([first.serving, second.serving], [true, false])
    const one = permitsOf(first, 'model', 3)
    const two = permitsOf(second, 'model', 3)
    assert.equal(one.permits.take(), false)
    for (let at = 0; at < 3; at++) await one.taken()
    assert.equal(one.permits.held, 3)
    const waiting = two.taken()
    one.permits.give()
    await waiting
    assert.equal(one.permits.held, 2)
    assert.equal(two.permits.held, 1)
    assert.equal(two.permits.heldByAll, 3)
    assert.throws(() => first.open('model', 3, () => {}), /open in this process already/)
  })

  it('follow the lowest limit, also while they are used', async () => {
    await using first = await openArbiter({ folder, group: 'lowest' })
    await using second = await openArbiter({ folder, group: 'lowest' })
    const one = permitsOf(first, 'model', 2)
    const two = permitsOf(second, 'model', 9)
    await one.taken()
    await two.taken()
    one.permits.setLimit(1)
    const waiting = two.taken()
    two.permits.give()
    one.permits.give()
    // One is free of one: the other limit of 9 does not count.
    await waiting
    one.permits.want(1)
    two.permits.give()
    await one.taken()
    assert.deepEqual([one.permits.held, two.permits.held], [1, 0])
  })

  it('go from turn to turn', async () => {
    await using first = await openArbiter({ folder, group: 'turns' })
    await using second = await openArbiter({ folder, group: 'turns' })
    const order: string[] = []
    const greedy = permitsOf(first, 'model', 1)
    const modest = permitsOf(second, 'model', 1)
    await greedy.taken()
    const greedyDone = Promise.all(
      Array.from({ length: 4 }, async () => {
        await greedy.taken()
        order.push('greedy')
        greedy.permits.give()
      }),
    )
    const modestDone = modest.taken().then(() => {
      order.push('modest')
      modest.permits.give()
    })
    await arrived(second)
    greedy.permits.give()
    await Promise.all([greedyDone, modestDone])
    assert.ok(order.indexOf('modest') <= 1, order.join(' '))
  })

  it('come back when their holder is killed', async () => {
    await using arbiter = await openArbiter({ folder, group: 'killed' })
    const mine = permitsOf(arbiter, 'model', 2)
    const child = await holding({ folder, group: 'killed', count: 2 })
    const both = Promise.all([mine.taken(), mine.taken()])
    child.kill('SIGKILL')
    await both
    assert.equal(mine.permits.held, 2)
  })

  it('are kept to while the arbiter itself is killed', async () => {
    // The first child is the arbiter; the second holds two, this process one of four.
    const serving = await holding({ folder, group: 'succession', count: 1 })
    const other = await holding({ folder, group: 'succession', count: 2 })
    await using arbiter = await openArbiter({ folder, group: 'succession' })
    assert.equal(arbiter.serving, false)
    const mine = permitsOf(arbiter, 'model', 4)
    await mine.taken()
    // All four are held: the one of the dead arbiter is free again, and no more than that.
    const next = mine.taken()
    serving.kill('SIGKILL')
    await next
    assert.equal(mine.permits.held, 2)
    assert.equal(mine.permits.heldByAll, 4)
    other.kill('SIGKILL')
    await Promise.all([mine.taken(), mine.taken()])
    assert.equal(mine.permits.held, 4)
  })

  it('rest for all when one says so: they hear it, are granted none meanwhile, and so is who comes later', async () => {
    await using first = await openArbiter({ folder, group: 'rest' })
    await using second = await openArbiter({ folder, group: 'rest' })
    await using third = await openArbiter({ folder, group: 'rest' })
    const heard: string[] = []
    const one = permitsOf(first, 'model', 1, () => heard.push('one rests'))
    const two = permitsOf(second, 'model', 1, (ms) => heard.push(`two rests for ${ms} ms`))
    await one.taken()
    const taken = two.taken().then(() => heard.push('two has it'))
    const saidAt = performance.now()
    one.permits.rest(50)
    one.permits.give()
    await taken
    assert.deepEqual(heard, ['two rests for 50 ms', 'two has it'])
    assert.ok(performance.now() - saidAt >= 50)
    two.permits.rest(60_000)
    const late = Promise.withResolvers<number>()
    permitsOf(third, 'model', 1, late.resolve)
    const left = await late.promise
    assert.ok(left > 0 && left <= 60_000, `${left}`)
  })

  it('are granted one at a time after a rest, until somebody says that all may have theirs', async () => {
    await using first = await openArbiter({ folder, group: 'careful' })
    await using second = await openArbiter({ folder, group: 'careful' })
    const one = permitsOf(first, 'model', 3)
    const two = permitsOf(second, 'model', 3)
    await one.taken()
    one.permits.rest(1)
    one.permits.give()
    await one.taken()
    const next = two.taken()
    const last = two.taken()
    await arrived(second)
    assert.equal(two.permits.held, 0)
    one.permits.give()
    await next
    assert.equal(two.permits.held, 1)
    two.permits.woke()
    await last
    assert.equal(two.permits.held, 2)
  })

  it('rest no more for who comes after another thing has the name', async () => {
    await using first = await openArbiter({ folder, group: 'another' })
    await using second = await openArbiter({ folder, group: 'another' })
    const one = permitsOf(first, 'model', 1)
    one.permits.rest(60_000)
    one.permits.rest(0)
    await one.taken()
    one.permits.give()
    const heard: number[] = []
    const two = permitsOf(second, 'model', 1, (ms) => heard.push(ms))
    await two.taken()
    assert.deepEqual(heard, [])
  })

  it('rest for who comes after the arbiter and who said so were killed', async () => {
    const serving = await holding({ folder, group: 'heir', count: 1, restMs: 60_000 })
    await using second = await openArbiter({ folder, group: 'heir' })
    const told = Promise.withResolvers<number>()
    permitsOf(second, 'model', 4, told.resolve)
    await told.promise
    serving.kill('SIGKILL')
    await once(serving, 'exit')
    await using third = await openArbiter({ folder, group: 'heir' })
    const late = Promise.withResolvers<number>()
    permitsOf(third, 'model', 4, late.resolve)
    const left = await late.promise
    assert.ok(left > 0 && left <= 60_000, `${left}`)
  })

  it('leave no member behind', async () => {
    {
      await using arbiter = await openArbiter({ folder, group: 'leaving' })
      using permits = arbiter.open('model', 1, () => {})
      assert.equal(permits.held, 0)
    }
    const members = (await readdir(folder)).filter((name) => name.endsWith('.members'))
    const left = await Promise.all(members.map((name) => readdir(join(folder, name))))
    const dead = left.flat().filter((name) => name.startsWith(`${process.pid}-`))
    assert.deepEqual(dead, [])
  })
})

/** Permits with a way to wait for one. */
function permitsOf(arbiter: Arbiter, name: string, limit: number, onRest?: (ms: number) => void) {
  const waiting: (() => void)[] = []
  const onFree = (): void => {
    while (waiting.length > 0 && permits.take()) waiting.shift()?.()
    permits.want(waiting.length)
  }
  const permits = arbiter.open(name, limit, onFree, onRest)
  return {
    permits,
    taken(): Promise<void> {
      if (permits.take()) return Promise.resolve()
      return new Promise((resolve) => {
        waiting.push(resolve)
        permits.want(waiting.length)
      })
    },
  }
}

/** What a process said before this has been heard by its arbiter: it answers in order. */
async function arrived(arbiter: Arbiter): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const permits = arbiter.open(`echo ${Math.random()}`, 1, () => {
    if (permits.take()) resolve()
  })
  permits.want(1)
  await promise
  permits[Symbol.dispose]()
}

interface Task {
  folder: string
  group: string
  count: number
  /** It says this when it holds them. */
  restMs?: number
}

async function holding(task: Task): Promise<ChildProcess> {
  const child = fork(holder, [JSON.stringify(task)])
  const gone = new AbortController()
  child.once('exit', () => gone.abort())
  for await (const [message] of on(child, 'message', { signal: gone.signal })) if (message === 'holding') break
  after(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  return child
}
