import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { z } from 'zod'
import { Calculator } from '../../test/tool-fixtures/arithmetic.ts'
import { ToolRegistry } from './registry.ts'
import type { RegistryChange } from './registry-changes.ts'
import type { ToolCall, ToolResult } from './tool.ts'

const arithmetic = new URL('../../test/tool-fixtures/arithmetic.ts', import.meta.url)
const anything = { type: 'object' } as const

function call(name: string, input: ToolCall['arguments'], id = name): ToolCall {
  return { id, name, arguments: input }
}

function inline(): ToolRegistry {
  return new ToolRegistry({ mode: 'inline' })
}

describe('what is registered', () => {
  test('a module gives the functions that are described in it, with their schemas', async () => {
    await using registry = inline()
    const tools = await registry.registerModule(arithmetic, { namespace: 'math' })
    assert.deepEqual(
      tools.map((tool) => tool.name),
      ['math-add', 'math-divide', 'math-forever', 'math-repeat'],
    )
    const add = registry.get('math-add')
    assert.equal(add?.description, 'Adds two numbers')
    assert.deepEqual(add?.tags, ['sum'])
    assert.deepEqual(add?.input['required'], ['a', 'b'])
    assert.deepEqual(add?.source, { kind: 'code', module: arithmetic.href, export: 'add' })
  })

  test('a class gives its static methods, or with what it is made with those of its instances, inherited ones too', async () => {
    await using registry = inline()
    const [twice] = await registry.registerClass({ module: arithmetic.href, export: 'Calculator' })
    assert.equal(twice?.name, 'twice')
    const bound = await registry.registerClass({
      module: arithmetic.href,
      export: 'ScientificCalculator',
      construct: [3],
      namespace: 'by3',
    })
    assert.deepEqual(
      bound.map((tool) => tool.name),
      ['by3-square', 'by3-times'],
    )
    const results = await registry.executeToolCalls([
      call('by3-times', { n: 5 }),
      call('by3-square', { n: 5 }),
      call('twice', '{"n":5}'),
    ])
    assert.deepEqual(
      results.map(({ value }) => value),
      [15, 25, 10],
    )
  })

  test('`only` chooses, and a name that is not there is told with those that are', async () => {
    await using registry = inline()
    const tools = await registry.registerModule(arithmetic, { only: ['whoami'] })
    assert.deepEqual(
      tools.map((tool) => tool.name),
      ['whoami'],
    )
    await assert.rejects(registry.registerModule(arithmetic, { only: ['subtract'] }), /subtract.*add, divide/)
    await assert.rejects(registry.registerClass({ module: arithmetic.href, export: 'Nobody' }), /no class Nobody/)
    await assert.rejects(registry.registerModule('./arithmetic.ts'), /no URL/)
  })

  test('a function as it is is refused where it cannot run, with what to write instead', async () => {
    await using registry = new ToolRegistry()
    const addOne = { name: 'add-one', description: 'Adds one', run: ({ n }: { n: number }) => n + 1 }
    assert.throws(() => registry.register(addOne), /export const addOne.*export: 'addOne'.*mode: 'inline'/)
    assert.equal(registry.has('add-one'), false)
    assert.equal(registry.register({ ...addOne, mode: 'inline' }).source.kind, 'closure')
    const [result] = await registry.executeToolCalls([call('add-one', { n: 1 })])
    assert.equal(result?.value, 2)
    assert.equal(result?.place, 'inline')
  })

  test('a closure that is asked to run elsewhere is told so, never run', async () => {
    await using registry = inline()
    let ran = false
    registry.register({ name: 'mark', description: 'Marks', run: () => (ran = true) })
    const [result] = await registry.executeToolCalls([call('mark', {})], { parallelMode: 'process' })
    assert.equal(result?.error?.kind, 'wrong-place')
    assert.equal(ran, false)
  })

  test('names that a provider would refuse, and names that are taken, are refused', async () => {
    await using registry = inline()
    const run = (): number => 1
    assert.throws(() => registry.register({ name: 'look up', description: '', run }), /letters.*look_up/)
    assert.throws(() => registry.register({ name: '查找', description: '', run }), /letters/)
    assert.throws(() => registry.register({ name: 'x'.repeat(65), description: '', run }), /65 characters/)
    registry.register({ name: 'one', description: '', run })
    assert.throws(() => registry.register({ name: 'one', description: '', run }), /\[conflict\].*one already/)
    assert.throws(() => registry.register({ name: 'discover_tools', description: '', run }), /\[conflict\]/)
    await assert.rejects(registry.registerModule(arithmetic, { tools: { add: { name: 'one' } } }), /\[conflict\]/)
    assert.equal(registry.list().length, 1)
  })

  test('definitions that cannot be tools are refused with what to give', async () => {
    await using registry = inline()
    const bad = (definition: object): void => void registry.register(definition as never)
    assert.throws(() => bad(() => 1), /registerModule/)
    assert.throws(() => bad({ name: 'x', description: '' }), /no code/)
    assert.throws(() => bad({ description: '', module: './x.ts', export: 'x' }), /no URL/)
    assert.throws(() => bad({ name: 'x', run: () => 1 }), /no description/)
    assert.throws(() => bad({ name: 'x', description: '', run: 5 }), /no function but number/)
    assert.throws(
      () => bad({ name: 'x', description: '', run: () => 1, input: { type: 'array' } }),
      /of type "array": arguments of tools are objects/,
    )
    assert.throws(
      () => bad({ name: 'x', description: '', run: () => 1, input: z.object({ when: z.date() }) }),
      /input schema of x cannot be said as JSON Schema/,
    )
    assert.throws(() => bad({ name: 'x', description: '', run: () => 1, limits: { timeoutMs: -1 } }), /timeoutMs of x/)
    assert.throws(() => new ToolRegistry({ mode: 'fast' as never }), /no mode fast/)
  })
})

describe('which tools there are', () => {
  test('they are listed by name, tags, namespace and whether they are on', async () => {
    await using registry = inline()
    const run = (): number => 1
    registry.register({ name: 'b', namespace: 'n', description: '', tags: ['x'], run })
    registry.register({ name: 'a', namespace: 'n', description: '', tags: ['x', 'y'], run })
    registry.register({ name: 'c', description: '', run, enabled: false })
    const names = (query: Parameters<ToolRegistry['list']>[0]): string[] => registry.list(query).map(({ name }) => name)
    assert.deepEqual(names({}), ['c', 'n-a', 'n-b'])
    assert.deepEqual(names({ namespace: 'n' }), ['n-a', 'n-b'])
    assert.deepEqual(names({ tags: ['x'], excludeTags: ['y'] }), ['n-b'])
    assert.deepEqual(names({ enabled: false }), ['c'])
  })

  test('a tool is on when it and its namespace are', async () => {
    await using registry = inline()
    const run = (): number => 1
    const news: RegistryChange[] = []
    const listening = registry.onChange((change) => news.push(change))
    registry.register({ name: 'a', namespace: 'n', description: '', run })
    registry.disable({ namespace: 'n' })
    registry.register({ name: 'b', namespace: 'n', description: '', run })
    assert.equal(registry.get('n-b')?.enabled, false)
    registry.disable('n-a')
    const [refused] = await registry.executeToolCalls([call('n-a', {})])
    assert.equal(refused?.error?.kind, 'disabled')
    registry.enable({ namespace: 'n' })
    assert.equal(registry.get('n-a')?.enabled, false)
    assert.equal(registry.get('n-b')?.enabled, true)
    registry.enable('n-a')
    assert.equal(registry.unregister('n-b'), true)
    assert.equal(registry.unregister('n-b'), false)
    listening[Symbol.dispose]()
    registry.setExecutionMode('auto')
    assert.deepEqual(
      news.map((change) => `${change.type} ${'tool' in change ? change.tool.name : ''}`),
      ['registered n-a', 'disabled n-a', 'registered n-b', 'enabled n-b', 'enabled n-a', 'unregistered n-b'],
    )
    assert.throws(() => registry.enable('n-z'), /\[not-found\]/)
  })

  test('a listener that throws harms nobody', async () => {
    await using registry = inline()
    let heard = 0
    registry.onChange(() => {
      throw new Error('no')
    })
    registry.onChange(() => heard++)
    registry.register({ name: 'a', description: '', run: () => 1 })
    assert.equal(heard, 1)
  })

  test('registries merge all or nothing, and a namespace spins off', async () => {
    await using one = inline()
    await using other = inline()
    const run = (): number => 1
    one.register({ name: 'a', description: '', run })
    other.register({ name: 'b', description: '', run })
    other.register({ name: 'a', description: '', run })
    assert.throws(() => one.merge(other), /\[conflict\]/)
    assert.equal(one.has('b'), false)
    one.merge(other, { namespace: 'lab' })
    assert.deepEqual(
      one.list().map(({ name }) => name),
      ['a', 'lab-a', 'lab-b'],
    )
    one.disable({ namespace: 'lab' })
    await using lab = one.spinoff('lab')
    assert.deepEqual(
      lab.list().map(({ name, enabled }) => [name, enabled]),
      [
        ['a', false],
        ['b', false],
      ],
    )
    assert.deepEqual(
      one.list().map(({ name }) => name),
      ['a'],
    )
    assert.throws(() => one.spinoff('lab'), /\[not-found\]/)
  })
})

describe('calls', () => {
  test('every call has one result, in order, whatever is wrong with it', async () => {
    await using registry = inline()
    await registry.registerModule(arithmetic, { only: ['add', 'divide', 'repeat'] })
    registry.register({
      name: 'fails',
      description: '',
      run: () => {
        throw new Error('it broke')
      },
    })
    registry.register({
      name: 'json',
      description: '',
      input: { type: 'object', properties: { n: { type: 'integer', default: 7 } }, additionalProperties: false },
      run: (input: object) => input,
    })
    const heard: string[] = []
    const results = await registry.executeToolCalls(
      [
        call('add', '{"a":1,"b":2}', '1'),
        call('adds', '{}', '2'),
        call('add', '{"a":1,"b":', '3'),
        call('add', '[1,2]', '4'),
        call('add', '{"a":"1"}', '5'),
        call('divide', { a: 1, b: 0 }, '6'),
        call('fails', '', '7'),
        call('json', '{"m":1}', '8'),
        call('json', '{"n":"x"}', '9'),
        call('json', '', '9'),
        call('repeat', { text: 'ab' }, '9'),
      ],
      { onResult: (result) => heard.push(result.id) },
    )
    const said = results.map(({ id, ok, value, error }) => [id, ok ? value : error?.kind])
    assert.deepEqual(said, [
      ['1', 3],
      ['2', 'unknown-tool'],
      ['3', 'invalid-arguments'],
      ['4', 'invalid-arguments'],
      ['5', 'invalid-arguments'],
      ['6', 'invalid-result'],
      ['7', 'failed'],
      ['8', 'invalid-arguments'],
      ['9', 'invalid-arguments'],
      ['9', { n: 7 }],
      ['9', 'abab'],
    ])
    const message = (at: number): string => results[at]?.error?.message ?? ''
    assert.match(message(1), /no tool adds; near it (is|are) add\b/)
    assert.match(message(2), /no JSON: .*(behind|the text ends) "\{\\"a\\":1,\\"b\\":".*one JSON object/)
    assert.match(message(3), /\[1,2\].*one JSON object/)
    assert.match(message(4), /`a`: .*number.*`b`/)
    assert.match(message(5), /output schema/)
    assert.match(message(6), /it broke/)
    assert.match(message(7), /`m` is no argument; there are n/)
    assert.match(message(8), /`n` is "x", and must be integer/)
    assert.equal(heard.length, results.length)
  })

  test('no calls are no results', async () => {
    await using registry = inline()
    assert.deepEqual(await registry.executeToolCalls([]), [])
  })

  test('a long result is cut and kept whole', async () => {
    await using registry = inline()
    await registry.registerModule(arithmetic, { only: ['repeat'] })
    const [result] = await registry.executeToolCalls([call('repeat', { text: '中文', times: 1_000 })])
    assert.equal(result?.truncated?.bytes, 6_000)
    const { readFile } = await import('node:fs/promises')
    assert.equal(await readFile(result.truncated.artifact ?? '', 'utf8'), '中文'.repeat(1_000))
    assert.match(
      JSON.stringify(result.value),
      /^"(中文)+中?\\n\[\d+ of 6000 bytes left out here; the whole is in .*\]\\n文?(中文)+"$/u,
    )
  })

  test('what a transforming schema gives is what the tool gets', async () => {
    await using registry = inline()
    const input = z.object({ n: z.string().transform(Number) })
    registry.register({ name: 'f', description: '', input, run: ({ n }: { n: number }) => n + 1 })
    const slow = z.object({ n: z.number().refine(async (n) => n > 0, 'must be above 0') })
    registry.register({ name: 'g', description: '', input: slow, run: ({ n }: { n: number }) => n })
    const results = await registry.executeToolCalls([
      call('f', { n: '1' }),
      call('g', { n: 1 }),
      call('g', { n: -1 }, 'bad'),
    ])
    assert.deepEqual(
      results.map(({ value, error }) => value ?? error?.kind),
      [2, 1, 'invalid-arguments'],
    )
  })
})

describe('calls in processes', () => {
  let registry: ToolRegistry
  before(async () => {
    registry = new ToolRegistry({ executor: { workers: 2 } })
    await registry.registerModule(arithmetic)
    await registry.registerModule(arithmetic, { only: ['whoami'] })
    await registry.registerClass({ module: arithmetic.href, export: 'Calculator', construct: [3] })
    await registry.warm()
  })
  after(async () => {
    await registry[Symbol.asyncDispose]()
  })

  test('run there, with their context', async () => {
    const [who, times] = await registry.executeToolCalls([call('whoami', ''), call('times', { n: 2 })], { tenant: 't' })
    const value = who?.value as { tenant: string; pid: number }
    assert.equal(value.tenant, 't')
    assert.notEqual(value.pid, process.pid)
    assert.equal(who?.place, 'process')
    assert.equal(times?.value, new Calculator(3).times({ n: 2 }))
  })

  test('one that never ends is killed at its time, and the others answer', async () => {
    const calls = [call('forever', {}), ...Array.from({ length: 20 }, (_, n) => call('add', { a: n, b: 1 }, `${n}`))]
    const [late, ...others] = await registry.executeToolCalls(calls)
    assert.equal(late?.error?.kind, 'timeout')
    assert.deepEqual(
      others.map(({ value }) => value),
      others.map((_, n) => n + 1),
    )
  })

  test('results and refusals keep their places', async () => {
    const results: ToolResult[] = await registry.executeToolCalls(
      Array.from({ length: 50 }, (_, n) => call(n % 2 === 0 ? 'add' : 'nothing', { a: n, b: 0 }, `${n}`)),
    )
    assert.deepEqual(
      results.map(({ id, value, error }) => [id, value ?? error?.kind]),
      Array.from({ length: 50 }, (_, n) => [`${n}`, n % 2 === 0 ? n : 'unknown-tool']),
    )
  })
})

test('a closed registry says so', async () => {
  const registry = inline()
  await registry[Symbol.asyncDispose]()
  assert.throws(() => registry.register({ name: 'a', description: '', input: anything, run: () => 1 }), /is closed/)
  await assert.rejects(registry.executeToolCalls([]), /is closed/)
})
