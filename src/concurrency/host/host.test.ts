import assert from 'node:assert/strict'
import { fork, type ChildProcess } from 'node:child_process'
import { on, once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { Lock, openArbiter, Semaphore } from './index.ts'
import type { Task } from './process.fixture.ts'

const fixture = new URL('./process.fixture.ts', import.meta.url)

describe('a lock and a semaphore of the host', () => {
  let folder = ''
  before(async () => (folder = await mkdtemp(join(tmpdir(), 'host-'))))
  after(() => rm(folder, { recursive: true }))

  it('never have two holders of a lock among several processes', async () => {
    const file = join(folder, 'count')
    await writeFile(file, '0')
    await using arbiter = await openArbiter({ folder, group: 'shared' })
    using lock = new Lock('ledger', { arbiter })
    const held = await lock.acquire()
    const rounds = 60
    const children = [1, 2].map(() => start({ folder, count: { file, rounds } }))
    const ends = children.map((child) => once(child, 'exit'))
    await Promise.all(children.map((child) => said(child, 'ready')))
    assert.equal(await readFile(file, 'utf8'), '0')
    held.release()
    assert.deepEqual(await Promise.all(ends), [
      [0, null],
      [0, null],
    ])
    assert.equal(await readFile(file, 'utf8'), String(2 * rounds))
  })

  it('are free again when the process that holds them is killed', async () => {
    await using arbiter = await openArbiter({ folder, group: 'shared' })
    using lock = new Lock('ledger', { arbiter })
    using semaphore = new Semaphore('gpu', 4, { arbiter })
    const child = start({ folder, hold: 3 })
    await said(child, 'holding')
    const small = await semaphore.acquire()
    await assert.rejects(semaphore.acquire({ timeoutMs: 5 }), /\[deadline\].*"gpu" had not enough free permits/)
    await assert.rejects(lock.acquire({ timeoutMs: 5 }), /\[deadline\].*"ledger" was not free within 5 ms/)
    const both = Promise.all([lock.acquire(), semaphore.acquire({ weight: 3 })])
    child.kill('SIGKILL')
    const [lockHeld, permits] = await both
    small.release()
    permits.release()
    permits.release()
    lockHeld.release()
  })

  it('serve big ones in two processes without a deadlock, and pass over who leaves while it collects', async () => {
    await using first = await openArbiter({ folder, group: 'weights' })
    await using second = await openArbiter({ folder, group: 'weights' })
    using one = new Semaphore('gpu', 4, { arbiter: first })
    using two = new Semaphore('gpu', 4, { arbiter: second })
    let out = 0
    const work = async (semaphore: Semaphore, weight: number): Promise<void> => {
      using _held = await semaphore.acquire({ weight })
      out += weight
      assert.ok(out <= 4, `${out} permits were out`)
      await new Promise(setImmediate)
      out -= weight
    }
    const busy = await one.acquire({ weight: 2 })
    const leaving = new AbortController()
    const left = two.acquire({ weight: 3, signal: leaving.signal })
    const works = [3, 1, 4, 1, 2, 3].flatMap((weight) => [work(one, weight), work(two, weight)])
    assert.equal(two.waiting, 7)
    leaving.abort()
    await assert.rejects(left, /\[cancelled\]/)
    busy.release()
    await Promise.all(works)
    assert.equal((await one.acquire({ weight: 4 })).held, true)
    await assert.rejects(two.acquire({ weight: 5 }), /\[invalid\].*from 1 to 4/)
  })

  it('let who holds finish when they are disposed', async () => {
    await using first = await openArbiter({ folder, group: 'ends' })
    await using second = await openArbiter({ folder, group: 'ends' })
    const lock = new Lock('ledger', { arbiter: first })
    using other = new Lock('ledger', { arbiter: second })
    const held = await lock.acquire()
    const waiting = lock.acquire()
    const elsewhere = other.acquire()
    lock[Symbol.dispose]()
    await assert.rejects(waiting, /\[unavailable\] The lock of the host "ledger" was closed/)
    assert.equal(other.waiting, 1)
    held.release()
    assert.equal((await elsewhere).held, true)
    assert.equal(new Lock('ledger', { arbiter: first }).waiting, 0)
  })
})

function start(task: Task): ChildProcess {
  const child = fork(fixture, [JSON.stringify(task)])
  after(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  return child
}

async function said(child: ChildProcess, word: string): Promise<void> {
  const gone = new AbortController()
  child.once('exit', () => gone.abort())
  for await (const [message] of on(child, 'message', { signal: gone.signal })) if (message === word) return
}
