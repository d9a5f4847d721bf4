// What is asked of servers beside the requests: their health, and their gauges.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { endpointSchema } from '../../src/router/endpoint.ts'
import { Gauges } from '../../src/router/gauges.ts'
import { ConcurrentRouter } from '../../src/router/index.ts'
import { Probes } from '../../src/router/probes.ts'
import { SideQuestions } from '../../src/router/side-questions.ts'
import { ModelServer } from './model-server.ts'
import { pair } from './pair.ts'

test('a server that says it is not well is sent nothing until it is', async () => {
  await using all = await pair('500')
  all.bad.healthy = false
  for (let count = 0; count < 4; count++) await all.router.routeRequest('Hi')
  all.bad.manner = 'well'
  while (all.bad.probed < 2) await delay(10)
  const before = all.bad.asked
  for (let count = 0; count < 4; count++) assert.equal((await all.router.routeRequest('Hi')).endpoint, 'good')
  assert.equal(all.bad.asked, before)
  all.bad.healthy = true
  const wellAt = performance.now()
  while ((await all.router.routeRequest('Hi')).endpoint !== 'bad') {
    assert.ok(performance.now() - wellAt < 5_000, 'it was never used again')
    await delay(10)
  }
})

test('a server that is shut, taken away and brought back is asked for its health while an old answer goes on', async () => {
  await using server = await ModelServer.start('endless')
  const endpoints = [{ name: 'a', url: server.url, model: 'm' }]
  // A request that has no place waits for the server's health, and tries nobody that is shut.
  await using router = new ConcurrentRouter({ endpoints, attempts: 1, scheduling: { panic: 1 } })
  const old = await router.routeRequest('Hi', { stream: true })
  server.manner = '401'
  await assert.rejects(router.routeRequest('Hi'))
  router.update([])
  router.update(endpoints)
  server.manner = 'well'
  assert.equal((await router.routeRequest('Hi', { budgetMs: 20_000 })).text, 'Hello world')
  assert.equal(router.state().inFlight, 1)
  await old[Symbol.asyncDispose]()
})

test('a server that hangs is heard at the first question after it came back, not when the earlier ones were given up', async () => {
  await using server = await ModelServer.start()
  server.healthy = 'hangs'
  await using questions = new SideQuestions()
  const told = Promise.withResolvers<boolean>()
  using probes = new Probes(questions, (_name, ok) => told.resolve(ok))
  const endpoint = endpointSchema.parse({ name: 'a', url: server.url })
  probes.update([endpoint])
  for (let count = 1; count <= 3; count++) {
    probes.ask('a')
    while (server.probed < count) await delay(1)
  }
  server.healthy = true
  probes.ask('a')
  // Those before fail after two seconds, and say so first.
  assert.equal(await told.promise, true)
})

test('the path of a probe follows the protocol, or the owner; gauges are read where they are wanted', async () => {
  await using server = await ModelServer.start()
  server.metrics = 'vllm:num_requests_running 3\nvllm:num_requests_waiting 4\n'
  await using questions = new SideQuestions()
  const told = Promise.withResolvers<unknown>()
  using gauges = new Gauges(questions, (name, hint) => told.resolve([name, hint]))
  const endpoint = endpointSchema.parse({ name: 'a', url: `${server.url}/v1`, protocol: 'vllm', metrics: true })
  gauges.update([endpoint])
  assert.deepEqual(await told.promise, ['a', { running: 3, waiting: 4, kvUsage: 0 }])

  const found = Promise.withResolvers<boolean>()
  using probes = new Probes(questions, (_name, ok) => found.resolve(ok))
  probes.update([{ ...endpoint, probe: { path: '/ready', everyMs: 5 } }])
  const alive = setTimeout(() => {}, 5_000)
  assert.equal(await found.promise, true)
  clearTimeout(alive)
  assert.deepEqual([...new Set(server.paths)], ['/metrics', '/ready'])
})

test(
  'news of other endpoints begins no interval anew and asks nobody once more',
  { timeout: 20_000 },
  async (context) => {
    await using server = await ModelServer.start()
    server.metrics = 'vllm:num_requests_running 3\n'
    context.mock.timers.enable({ apis: ['setInterval'] })
    const probed = { metrics: true, probe: { everyMs: 900 } }
    const asked = { name: 'a', url: server.url, protocol: 'vllm', contextTokens: 1_000, ...probed } as const
    await using router = new ConcurrentRouter({ endpoints: [asked] })
    for (let count = 1; count <= 3; count++) {
      context.mock.timers.tick(300)
      router.update([
        { ...asked, probe: { ...asked.probe } },
        { name: `b${count}`, url: server.url },
      ])
    }
    while (server.paths.length < 2) await delay(1)
    assert.deepEqual(new Set(server.paths), new Set(['/health', '/metrics']))
    // Settings of its own do.
    router.update([{ ...asked, probe: { everyMs: 100 } }])
    context.mock.timers.tick(100)
    while (server.probed === 1) await delay(1)
  },
)

test('what a server owes at an old address keeps nobody from asking at the new one', { timeout: 20_000 }, async () => {
  await using old = await ModelServer.start()
  old.healthy = 'hangs'
  await using fresh = await ModelServer.start()
  await using questions = new SideQuestions()
  const told: boolean[] = []
  using probes = new Probes(questions, (_name, ok) => told.push(ok))
  const endpoint = endpointSchema.parse({ name: 'a', url: old.url })
  probes.update([endpoint])
  for (let count = 1; count <= 4; count++) probes.ask('a')
  while (old.probed < 4) await delay(1)
  probes.update([{ ...endpoint, url: fresh.url }])
  probes.ask('a')
  assert.equal(fresh.probed, 0)
  while (told.length === 0) await delay(1)
  assert.deepEqual([told, fresh.probed], [[true], 1])
})

test('a key stands in no message and in no state', async () => {
  await using server = await ModelServer.start('401')
  await using router = new ConcurrentRouter({
    endpoints: [{ name: 'a', url: server.url, model: 'm', apiKey: 'secret-key' }],
    attempts: 1,
  })
  await assert.rejects(
    router.routeRequest('Hi'),
    (error: Error) => !JSON.stringify([error, error.message]).includes('secret-key'),
  )
  assert.equal(JSON.stringify(router.state()).includes('secret-key'), false)
})
