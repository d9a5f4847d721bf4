// Endpoints behind a name come and go with its addresses.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AndonError } from '../core/errors.ts'
import { Discoveries } from './discovery.ts'
import type { Resolver } from './discovery.ts'
import { endpointSchema } from './endpoint.ts'
import type { ModelEndpoint } from './endpoint.ts'

/** Answers and failures as those of the machine. */
const resolverOf = (answers: {
  four?: () => string[]
  six?: () => string[]
  services?: () => { name: string; port: number }[]
}): Resolver => ({
  lookup: async (_host, family) =>
    (family === 4 ? answers.four : answers.six)?.().map((address) => ({ address })) ?? [],
  resolveSrv: async () => answers.services?.() ?? [],
})

const fail = (code: string): never => {
  throw Object.assign(new Error(code), { code })
}

const endpoint: ModelEndpoint = { name: 'vllm', url: 'http://vllm.models.svc:8000/v1', model: 'm' }

/** Waits for a look: its own timers keep no program alive. */
async function heard(looked: Promise<unknown>): Promise<void> {
  const alive = setTimeout(() => {}, 5_000)
  await looked
  clearTimeout(alive)
}

test('each address is an endpoint; a change is told, and an empty answer changes nothing', async () => {
  let addresses = ['10.0.0.2', '10.0.0.1']
  const looked = Promise.withResolvers<void>()
  let looks = 0
  const resolver = resolverOf({
    four: () => {
      if (++looks === 5) looked.resolve()
      return addresses
    },
    six: () => fail('ENOTFOUND'),
  })
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
  await heard(looked.promise)
  assert.deepEqual(told, [
    ['vllm:10.0.0.1:8000 http://10.0.0.1:8000/v1', 'vllm:10.0.0.2:8000 http://10.0.0.2:8000/v1'],
    ['vllm:10.0.0.1:8000 http://10.0.0.1:8000/v1'],
  ])
})

test('a name that is not found at the start is told at the second look, once, and once when it has one', async () => {
  const answers = ['ENOTFOUND', 'EAI_AGAIN', 'ENOTFOUND', '10.0.0.1', 'ENOTFOUND', '10.0.0.2']
  const looked = Promise.withResolvers<void>()
  const resolver = resolverOf({
    four: () => {
      const answer = answers.shift()
      if (answer === undefined) looked.resolve()
      return answer?.startsWith('E') ? fail(answer) : [answer ?? '10.0.0.2']
    },
    six: () => fail('ENOTFOUND'),
  })
  const told: string[] = []
  using discoveries = new Discoveries(
    [{ endpoint, everyMs: 1 }],
    (found) => void told.push(...found.map(({ name }) => name)),
    ({ sentence }) => void told.push(sentence),
    resolver,
  )
  await discoveries.start()
  assert.deepEqual(told, [])
  await heard(looked.promise)
  assert.deepEqual(told, [
    'The name vllm.models.svc of the endpoint "vllm" has no address, so nothing can be sent there. Check its url and the DNS: it is looked up again every 0.001 s.',
    'The endpoint "vllm" had no address until now: vllm.models.svc is found, and used from now on.',
    'vllm:10.0.0.1:8000',
    'vllm:10.0.0.2:8000',
  ])
})

test('service records say the port, and IPv6 addresses stand in brackets', async () => {
  const resolver = resolverOf({
    four: () => fail('ENOTFOUND'),
    six: () => ['fd00::1'],
    services: () => [{ name: 'pod-1.models.svc', port: 9000 }],
  })
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

test('a machine with addresses of both families is one endpoint, by the one that is asked for', async () => {
  const resolver = resolverOf({ four: () => ['10.0.0.1', '10.0.0.1'], six: () => ['fd00::1'] })
  for (const [family, expected] of [
    [undefined, 'http://10.0.0.1:8000/v1'],
    [4, 'http://10.0.0.1:8000/v1'],
    [6, 'http://[fd00::1]:8000/v1'],
  ] as const) {
    const told: string[][] = []
    using discoveries = new Discoveries(
      [family === undefined ? { endpoint } : { endpoint, family }],
      (found) => void told.push(found.map(({ url }) => url)),
      assert.ifError,
      resolver,
    )
    await discoveries.start()
    assert.deepEqual(told, [[expected]])
  }
})

test('when IPv4 cannot be looked up just now, IPv6 does not take its place', async () => {
  const told: string[][] = []
  const codes = ['', 'EAI_AGAIN', 'ENOTFOUND', '']
  const looked = Promise.withResolvers<void>()
  const resolver = resolverOf({
    four: () => {
      const code = codes.shift()
      if (code === undefined) looked.resolve()
      return code ? fail(code) : [code === undefined ? '10.0.0.2' : '10.0.0.1']
    },
    six: () => ['fd00::1'],
  })
  using discoveries = new Discoveries(
    [{ endpoint, everyMs: 1 }],
    (found) => void told.push(found.map(({ url }) => url)),
    assert.ifError,
    resolver,
  )
  await discoveries.start()
  await heard(looked.promise)
  await new Promise(setImmediate)
  assert.deepEqual(told, [['http://10.0.0.1:8000/v1'], ['http://10.0.0.2:8000/v1']])
})

test('names are looked up as this machine does, and addresses are taken as they are', async () => {
  for (const [host, expected] of [
    ['localhost', /^http:\/\/(127\.0\.0\.1|\[::1\]):8000\/v1$/],
    ['127.0.0.1', /^http:\/\/127\.0\.0\.1:8000\/v1$/],
    ['[::1]', /^http:\/\/\[::1\]:8000\/v1$/],
  ] as const) {
    const told: string[][] = []
    using discoveries = new Discoveries(
      [{ endpoint: { ...endpoint, url: `http://${host}:8000/v1` } }],
      (found) => void told.push(found.map(({ url }) => url)),
      assert.ifError,
    )
    await discoveries.start()
    assert.equal(told.length, 1, host)
    assert.equal(told[0]?.length, 1, host)
    assert.match(told[0]?.[0] ?? '', expected)
  }
})

test('while a look is under way there is no other', async () => {
  let looks = 0
  let looksMeanwhile = 0
  let ticks = 0
  const begun = Promise.withResolvers<void>()
  const whole = Promise.withResolvers<void>()
  const resolver: Resolver = {
    async lookup(host) {
      if (host === 'clock.svc') {
        // The other is due several times meanwhile.
        if (looks > 1 && ++ticks === 5) whole.resolve()
      } else if (++looks > 1) {
        begun.resolve()
        await whole.promise
        looksMeanwhile ||= looks
      }
      return [{ address: '10.0.0.1' }]
    },
    resolveSrv: async () => [],
  }
  const clock = { ...endpoint, name: 'clock', url: 'http://clock.svc:8000' }
  using discoveries = new Discoveries(
    [
      { endpoint, everyMs: 1 },
      { endpoint: clock, everyMs: 1 },
    ],
    () => {},
    assert.ifError,
    resolver,
  )
  await discoveries.start()
  const alive = setTimeout(() => {}, 5_000)
  await begun.promise
  await whole.promise
  clearTimeout(alive)
  await new Promise(setImmediate)
  assert.equal(looksMeanwhile, 2)
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
  const resolver = resolverOf({ services: () => hosts.map((name) => ({ name, port: 8000 })) })
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
  const resolver = resolverOf({ four: () => ['10.0.0.1'] })
  const failures: string[] = []
  const found = (): void => {
    throw new AndonError('invalid', 'Two endpoints are named vllm:10.0.0.1:8000')
  }
  using discoveries = new Discoveries([{ endpoint }], found, ({ sentence }) => void failures.push(sentence), resolver)
  await discoveries.start()
  assert.deepEqual(failures, ['Two endpoints are named vllm:10.0.0.1:8000'])
})
