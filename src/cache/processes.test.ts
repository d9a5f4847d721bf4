// Several processes and one Redis: one of them works, all of them have the answer.

import { deepEqual, equal, ok } from 'node:assert/strict'
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { suite, test } from 'node:test'
import { noRedis, startRedis } from '../../test/servers/redis.ts'
import type { Seen, Task } from './cache.fixture.ts'

/** Processes that are ready to begin together. */
async function team(size: number, task: Task): Promise<ChildProcess[]> {
  return Promise.all(
    Array.from({ length: size }, async () => {
      const child = fork(new URL('cache.fixture.ts', import.meta.url), { serialization: 'advanced' })
      await once(child, 'message')
      const connected = once(child, 'message')
      child.send(task)
      await connected
      return child
    }),
  )
}

/** Sends them off; what each saw, and who led first. */
function go(children: readonly ChildProcess[]) {
  const leader = Promise.withResolvers<ChildProcess>()
  const seen = children.map(
    (child) =>
      new Promise<Seen | undefined>((resolve) => {
        child.on('message', (message) => (message === 'leads' ? leader.resolve(child) : resolve(message as Seen)))
        child.once('exit', () => resolve(undefined))
      }),
  )
  for (const child of children) child.send('go')
  return { leader: leader.promise, seen: Promise.all(seen) }
}

const task = { calls: 250, items: 20, lease: '5000ms' } as const

suite('several processes', { skip: noRedis, concurrency: false }, () => {
  test('a thousand calls of four processes run the function once', async () => {
    await using redis = await startRedis()
    const { seen } = go(await team(4, { ...task, kind: 'value', url: redis.url, takesMs: 200 }))
    const all = await seen
    equal(
      all.reduce((sum, one) => sum + (one?.executions ?? 0), 0),
      1,
    )
    for (const one of all) deepEqual(one?.answers, ['answer to q'])
    if (process.env['SHOW']) console.log(all.map((one) => one?.wallMs))
  })

  test('when the one that works is killed another takes over and all that live have the answer', async () => {
    await using redis = await startRedis()
    const { seen, leader } = go(await team(3, { ...task, kind: 'value', url: redis.url, takesMs: 300, lease: '300ms' }))
    const first = await leader
    first.kill('SIGKILL')
    const living = (await seen).filter((one) => one !== undefined)
    equal(living.length, 2)
    equal(
      living.reduce((sum, one) => sum + one.executions, 0),
      1,
    )
    equal(
      living.reduce((sum, one) => sum + one.takeovers, 0),
      1,
    )
    for (const one of living) deepEqual(one.answers, ['answer to q'])
    if (process.env['SHOW']) console.log(living.map((one) => one.wallMs))
  })

  test('a stream is made once and heard by all from its first item', async () => {
    await using redis = await startRedis()
    const { seen } = go(await team(4, { ...task, calls: 5, kind: 'stream', url: redis.url, takesMs: 15 }))
    const all = await seen
    const text = Array.from({ length: 20 }, (_, at) => `q ${at} `).join('')
    equal(
      all.reduce((sum, one) => sum + (one?.executions ?? 0), 0),
      1,
    )
    for (const one of all) deepEqual(one?.answers, [text])
    const firsts = all.map((one) => one?.firstMs ?? Infinity)
    // The last item comes 285 ms after the first: whoever waited for the end would be later than this.
    ok(Math.max(...firsts) - Math.min(...firsts) < 280)
    if (process.env['SHOW']) console.log(firsts.map((at) => at - Math.min(...firsts)))
  })

  test('when the one that streams is killed another goes on from where its readers are', async () => {
    await using redis = await startRedis()
    const { seen, leader } = go(
      await team(3, { ...task, calls: 5, kind: 'stream', url: redis.url, takesMs: 15, lease: '300ms' }),
    )
    const first = await leader
    setTimeout(() => first.kill('SIGKILL'), 150)
    const living = (await seen).filter((one) => one !== undefined)
    const text = Array.from({ length: 20 }, (_, at) => `q ${at} `).join('')
    equal(living.length, 2)
    equal(
      living.reduce((sum, one) => sum + one.executions, 0),
      1,
    )
    for (const one of living) deepEqual(one.answers, [text])
    if (process.env['SHOW']) console.log(living.map((one) => one.wallMs))
  })
})
