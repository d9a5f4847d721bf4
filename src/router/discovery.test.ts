// Endpoints behind a name come and go with its addresses.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AndonError } from '../core/errors.ts'
import { Discoveries } from './discovery.ts'
import type { Resolver } from './discovery.ts'
import { endpointSchema } from './endpoint.ts'
import type { ModelEndpoint } from './endpoint.ts'

const endpoint: ModelEndpoint = { name: 'vllm', url: 'http://vllm.models.svc:8000/v1', model: 'm' }

test('each address is an endpoint; a change is told, and an empty answer changes nothing', async () => {
  let addresses = ['10.0.0.2', '10.0.0.1']
  const looked = Promise.withResolvers<void>()
  let looks = 0
  const resolver: Resolver = {
    resolve4: async () => {
      if (++looks === 5) looked.resolve()
      return addresses
    },
    resolve6: async () => Promise.reject(new Error('ENODATA')),
    resolveSrv: async () => [],
  }
  const told: string[][] = []
  using discoveries = new Discoveries(
    [{ endpoint, everyMs: 2 }],
    (found) => {
      told.push(found.map(({ name, url }) => `${name} ${url}`))
      addresses = told.length === 1 ? ['10.0.0.1'] : []
    },
    assert.ifError,
    resolver,
  )
  await discoveries.start()
  // Its own timers keep no program alive.
  const alive = setTimeout(() => {}, 5_000)
  await looked.promise
  clearTimeout(alive)
  assert.deepEqual(told, [
    ['vllm:10.0.0.1:8000 http://10.0.0.1:8000/v1', 'vllm:10.0.0.2:8000 http://10.0.0.2:8000/v1'],
    ['vllm:10.0.0.1:8000 http://10.0.0.1:8000/v1'],
  ])
})

test('service records say the port, and IPv6 addresses stand in brackets', async () => {
  const resolver: Resolver = {
    resolve4: async () => [],
    resolve6: async () => ['fd00::1'],
    resolveSrv: async () => [{ name: 'pod-1.models.svc', port: 9000 }],
  }
  const told: string[] = []
  using discoveries = new Discoveries(
    [{ endpoint }, { endpoint: { ...endpoint, name: 'srv' }, records: 'service' }],
    (found) => void told.splice(0, told.length, ...found.map(({ url }) => url)),
    assert.ifError,
    resolver,
  )
  await discoveries.start()
  assert.deepEqual(told.sort(), ['http://[fd00::1]:8000/v1', 'http://pod-1.models.svc:9000/v1'])
})

test('what needs a certificate cannot be found by its addresses', () => {
  assert.throws(
    () => new Discoveries([{ endpoint: { ...endpoint, url: 'https://models.svc' } }], () => {}, assert.ifError),
    {
      code: 'invalid',
    },
  )
})

test('hosts with long names have endpoints with names of their own', async () => {
  const hosts = [1, 2].map((pod) => `vllm-${pod}.vllm-headless.language-models.svc.cluster.example.internal`)
  const resolver: Resolver = {
    resolve4: async () => [],
    resolve6: async () => [],
    resolveSrv: async () => hosts.map((name) => ({ name, port: 8000 })),
  }
  const told: ModelEndpoint[] = []
  using discoveries = new Discoveries(
    [{ endpoint, records: 'service' }],
    (found) => void told.push(...found),
    assert.ifError,
    resolver,
  )
  await discoveries.start()
  assert.equal(told.length, 2)
  assert.equal(new Set(told.map((each) => endpointSchema.parse(each).name)).size, 2)
})

test('what is found and cannot be used is told, and those before stay', async () => {
  const resolver: Resolver = {
    resolve4: async () => ['10.0.0.1'],
    resolve6: async () => [],
    resolveSrv: async () => [],
  }
  const failures: string[] = []
  const found = (): void => {
    throw new AndonError('invalid', 'Two endpoints are named vllm:10.0.0.1:8000')
  }
  using discoveries = new Discoveries([{ endpoint }], found, ({ sentence }) => void failures.push(sentence), resolver)
  await discoveries.start()
  assert.deepEqual(failures, ['Two endpoints are named vllm:10.0.0.1:8000'])
})
