// Two routers that share their places through the arbiter of the host: what an endpoint asks of one of them, both do.

import { deepEqual, equal } from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openArbiter } from '../../src/concurrency/arbiter.ts'
import { ConcurrentRouter } from '../../src/router/index.ts'
import { openModelServer, sayWhole } from './upstream-server.ts'
import type { Came } from './upstream-server.ts'

const restMs = 400

/** A server with one place that wants to rest after its first request, which it has until told, and routers for it. */
async function openWorld() {
  const open = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'andon-rest-'))
  open.defer(() => rm(folder, { recursive: true }))
  const first = Promise.withResolvers<Came>()
  let restsUntil = 0
  let inside = 0
  const server = open.use(
    await openModelServer((came) => {
      if (performance.now() < restsUntil) inside++
      if (server.came.length === 1) first.resolve(came)
      else sayWhole(came, 'Hello')
    }),
  )
  return {
    server,
    first: first.promise,
    /** Requests that came inside the rest. */
    inside: () => inside,
    refuse({ response }: Came): void {
      restsUntil = performance.now() + restMs
      response.writeHead(429, { 'retry-after-ms': String(restMs) }).end('{}')
    },
    async router(maxConcurrent = 1): Promise<ConcurrentRouter> {
      const arbiter = open.use(await openArbiter({ folder }))
      const endpoint = { name: 'a', url: server.url, model: 'm', maxConcurrent, adaptive: false }
      return open.use(new ConcurrentRouter({ endpoints: [endpoint], scheduling: { permits: arbiter.open } }))
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  }
}

test('who waits for a place in another process is not given it before the rest is over', async () => {
  await using world = await openWorld()
  const one = await world.router()
  const other = await world.router()
  const refused = one.routeRequest('Hi')
  const came = await world.first
  // There is one place, and the first has it.
  const waiting = Array.from({ length: 4 }, () => other.routeRequest('Hi'))
  world.refuse(came)
  const answers = await Promise.all([refused, ...waiting])
  deepEqual(
    answers.map(({ text }) => text),
    answers.map(() => 'Hello'),
  )
  equal(world.inside(), 0)
  // Who was refused, and each once more or for the first time.
  equal(world.server.came.length, 6)
})

test('who comes while it rests in a new process waits, too', async () => {
  await using world = await openWorld()
  const one = await world.router()
  const refused = one.routeRequest('Hi')
  const came = await world.first
  const cooling = Promise.withResolvers<void>()
  one.subscribe((event) => void (event.type === 'endpoint-cooling' && cooling.resolve()))
  world.refuse(came)
  await cooling.promise
  const late = await world.router()
  // It has opened the name now, and is told before it is given a place.
  const waiting = late.routeRequest('Hi')
  equal((await waiting).text, 'Hello')
  equal((await refused).text, 'Hello')
  equal(world.inside(), 0)
})

test('when the rest is over one request of both tries, and the others go when it has answered', async () => {
  await using world = await openWorld()
  const { server } = world
  const one = await world.router(8)
  const refused = one.routeRequest('Hi')
  const came = await world.first
  const probe = Promise.withResolvers<Came>()
  server.behave = probe.resolve
  world.refuse(came)
  const other = await world.router(8)
  const all = [refused, ...Array.from({ length: 3 }, () => [one.routeRequest('Hi'), other.routeRequest('Hi')]).flat()]
  const trying = await probe.promise
  // Long enough for whoever else would try at the end of the rest.
  await sleep(50)
  equal(server.came.length, 2)
  server.behave = (next) => sayWhole(next, 'Hello')
  sayWhole(trying, 'Hello')
  const answers = await Promise.all(all)
  equal(server.came.length, 1 + answers.length)
})
