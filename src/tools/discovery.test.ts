import assert from 'node:assert/strict'
import { test } from 'node:test'
import { discoveredIn } from './discovery.ts'
import { ToolRegistry } from './registry.ts'

function large(): ToolRegistry {
  const registry = new ToolRegistry({ mode: 'inline' })
  const run = (): number => 1
  const deferred = true
  for (let n = 0; n < 300; n++) {
    registry.register({ name: `report_${n}`, namespace: 'sales', description: `Report ${n} of sales`, deferred, run })
  }
  registry.register({ name: 'bookFlight', description: 'Books a seat on a plane', tags: ['travel'], deferred, run })
  registry.register({ name: 'send_mail', description: 'Sends a letter. Slow.', deferred, run })
  registry.register({
    name: 'weather',
    namespace: 'cn',
    description: '查询城市的天气预报。需要城市名。',
    deferred,
    run,
  })
  registry.register({ name: 'now', description: 'What time it is', run })
  return registry
}

function namesIn(schemas: object[]): unknown[] {
  return schemas.map((schema) => (schema as { name?: string }).name)
}

test('deferred tools are left out until they are discovered', async () => {
  await using registry = large()
  assert.deepEqual(namesIn(registry.schemas({ format: 'anthropic' })), ['now', 'discover_tools'])
  const results = await registry.executeToolCalls([
    { id: '1', name: 'discover_tools', arguments: '{"query":"book flights for travelling"}' },
  ])
  assert.deepEqual(discoveredIn(results), ['bookFlight'])
  assert.deepEqual(namesIn(registry.schemas({ format: 'anthropic', also: discoveredIn(results) })), [
    'bookFlight',
    'now',
    'discover_tools',
  ])
  assert.equal(registry.schemas({ format: 'anthropic', includeDeferred: true }).length, 304)
})

test('tools are found by names in any writing, descriptions and tags, in English and Chinese', async () => {
  await using registry = large()
  const first = (query: string): string | undefined => registry.discover(query)[0]?.name
  assert.equal(first('flight'), 'bookFlight')
  assert.equal(first('sending mails'), 'send_mail')
  assert.equal(first('a seat'), 'bookFlight')
  assert.equal(first('travel'), 'bookFlight')
  assert.equal(first('天气'), 'cn-weather')
  assert.equal(first('上海明天的天气怎么样'), 'cn-weather')
  assert.equal(first('report 217'), 'sales-report_217')
  assert.equal(first('qwertz'), undefined)
  assert.equal(registry.discover('sales report', 3).length, 3)
})

test('tools that are off, and those that went, are not found', async () => {
  await using registry = large()
  registry.disable('bookFlight')
  assert.deepEqual(registry.discover('flight'), [])
  registry.enable('bookFlight')
  assert.equal(registry.discover('flight').length, 1)
  registry.unregister('bookFlight')
  assert.deepEqual(registry.discover('flight'), [])
})

test('a summary is the first sentence', async () => {
  await using registry = large()
  const summaries = new Map(registry.summaries().map(({ name, summary }) => [name, summary]))
  assert.equal(summaries.get('send_mail'), 'Sends a letter.')
  assert.equal(summaries.get('cn-weather'), '查询城市的天气预报。')
  assert.equal(summaries.get('now'), 'What time it is')
})
