import assert from 'node:assert/strict'
import { test } from 'node:test'
import { counting, shout, weather } from '../../test/tool-fixtures/foreign.ts'
import { ToolRegistry } from './registry.ts'
import type { ToolCall } from './tool.ts'

const module = new URL('../../test/tool-fixtures/foreign.ts', import.meta.url).href

function call(name: string, input: ToolCall['arguments']): ToolCall {
  return { id: `id-${name}`, name, arguments: input }
}

test('tools of the AI SDK run as they are, in this process', async () => {
  await using registry = new ToolRegistry()
  registry.register(weather, { name: 'weather', tags: ['outside'] })
  registry.register(counting, { name: 'counting' })
  assert.deepEqual(registry.get('weather')?.tags, ['outside'])
  assert.equal(registry.get('weather')?.description, 'Tells the weather of a city')
  const results = await registry.executeToolCalls([
    call('weather', '{"city":"Bonn"}'),
    call('counting', '{"to":3}'),
    call('weather', '{"town":"Bonn"}'),
    call('counting', '{"to":"3"}'),
  ])
  assert.deepEqual(
    results.map(({ value, error }) => value ?? error?.kind),
    [
      { city: 'Bonn', unit: 'C', toolCallId: 'id-weather', canStop: true, pid: process.pid },
      '3',
      'invalid-arguments',
      'invalid-arguments',
    ],
  )
})

test('tools of LangChain.js run as they are, and read their arguments once', async () => {
  await using registry = new ToolRegistry()
  registry.register(shout)
  const [result] = await registry.executeToolCalls([call('shout', '{"text":"ho"}')])
  assert.deepEqual(result?.value, { said: 'HO!', pid: process.pid })
  assert.equal(result?.place, 'inline')
})

test('with their module and export they run in workers', async () => {
  await using registry = new ToolRegistry({ executor: { workers: 1 } })
  registry.register(weather, { module, export: 'weather' })
  registry.register(counting, { module, export: 'counting', name: 'count' })
  registry.register(shout, { module, export: 'shout', namespace: 'loud' })
  const results = await registry.executeToolCalls([
    call('weather', '{"city":"Bonn"}'),
    call('count', '{"to":2}'),
    call('loud-shout', '{"text":"ho"}'),
  ])
  const [told, counted, said] = results.map(({ value }) => value as Record<string, unknown>)
  assert.equal(told?.['city'], 'Bonn')
  assert.equal(told['canStop'], true)
  assert.notEqual(told['pid'], process.pid)
  assert.equal(counted, '2')
  assert.equal(said?.['said'], 'HO!')
  assert.deepEqual(
    results.map(({ place }) => place),
    ['process', 'process', 'process'],
  )
})

test('a tool of another library that cannot be used is refused with what to give', async () => {
  await using registry = new ToolRegistry()
  assert.throws(() => registry.register(weather), /has no name: give one/)
  assert.throws(() => registry.register({ inputSchema: {} }, { name: 'x' }), /x has no execute/)
  assert.throws(() => registry.register(weather, { name: 'x', module }), /both the module and its export/)
  const old = { '~standard': { version: 1, vendor: 'old', validate: (value: unknown) => ({ value }) } }
  const strange = { name: 'strange', description: '', schema: old, invoke: () => 1 }
  assert.throws(() => registry.register(strange), /by old.*give the JSON Schema instead/)
  assert.equal(registry.register(strange, { input: { type: 'object' } }).name, 'strange')
})
