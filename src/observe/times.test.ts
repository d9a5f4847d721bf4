// What is read of times is what prom-client's own histogram would say of the same observations.

import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Histogram, Registry } from 'prom-client'
import { Times } from './times.ts'

const seconds = [0.01, 0.1, 1]

it('says what a histogram says of the same observations', async () => {
  const config = { name: 'took_seconds', help: 'How long it took', buckets: [...seconds] }
  const [ours, theirs] = [new Registry(), new Registry()]
  const times = new Times({ ...config, labelNames: ['endpoint'], registers: [ours] })
  const histogram = new Histogram({ ...config, labelNames: ['endpoint'], registers: [theirs] })
  for (const [endpoint, value] of [
    ['a', 0.005],
    ['b', 3],
    ['a', 0.01],
    ['a', 0.5],
    ['b', 0.1],
  ] as const) {
    times.add(endpoint, value)
    histogram.observe({ endpoint }, value)
  }
  assert.equal(await ours.metrics(), await theirs.metrics())
  // Theirs say of every bucket that it has no example.
  const plain = async (registry: Registry): Promise<unknown> =>
    JSON.parse(
      JSON.stringify(await registry.getMetricsAsJSON(), (name, value) => (name === 'exemplar' ? undefined : value)),
    )
  assert.deepEqual(await plain(ours), await plain(theirs))
  assert.match(await ours.metrics(), /took_seconds_bucket\{le="0.01",endpoint="a"\} 2/)
})

it('tells nothing of what was never seen', async () => {
  const registry = new Registry()
  void new Times({
    name: 'none_seconds',
    help: 'Nothing',
    buckets: [...seconds],
    labelNames: ['endpoint'],
    registers: [registry],
  })
  assert.doesNotMatch(await registry.metrics(), /none_seconds_bucket/)
})
