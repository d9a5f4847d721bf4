import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { readSchema } from './schema.ts'
import type { JsonSchema } from './tool.ts'

async function problems(schema: JsonSchema, value: unknown): Promise<string[]> {
  const checked = await readSchema('x', schema, 'input').check(value)
  return 'problems' in checked ? checked.problems : []
}

test('what is wrong is said with argument, value and rule', async () => {
  const schema = {
    type: 'object',
    properties: {
      n: { type: 'integer', minimum: 1 },
      color: { enum: ['red', 'green'] },
      list: { type: 'array', items: { type: 'object', properties: { 'a/b': { type: 'string' } }, required: ['a/b'] } },
    },
    required: ['n'],
    additionalProperties: false,
  }
  assert.deepEqual(await problems(schema, { n: 1, color: 'red', list: [{ 'a/b': '' }] }), [])
  assert.deepEqual(await problems(schema, {}), ['`n` is missing'])
  assert.deepEqual(await problems(schema, { n: 0 }), ['`n` is 0, and must be >= 1'])
  assert.deepEqual(await problems(schema, { n: 1, color: 'blue' }), [
    '`color` is "blue", and must be one of "red", "green"',
  ])
  assert.deepEqual(await problems(schema, { n: 1, m: 1 }), ['`m` is no argument; there are n, color, list'])
  assert.deepEqual(await problems(schema, { n: 1, list: [{ 'a/b': 5 }, {}] }), [
    '`list.0.a/b` is 5, and must be string',
    '`list.1.a/b` is missing',
  ])
  assert.match((await problems(schema, { n: 'y'.repeat(500) }))[0] ?? '', /^`n` is "y{76}\.\.\., and must be integer$/)
})

test('many faults are said as a few and a number', async () => {
  const all = { type: 'object', additionalProperties: { type: 'number' } }
  const value = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`k${n}`, 'x']))
  const said = await problems(all, value)
  assert.equal(said.length, 6)
  assert.equal(said[5], 'and 25 more')
})

test('defaults are filled in on a copy', async () => {
  const given = { list: [1] }
  const input = readSchema('x', { type: 'object', properties: { n: { default: 5 } } }, 'input')
  assert.deepEqual(await input.check(given), { value: { list: [1], n: 5 } })
  assert.deepEqual(given, { list: [1] })
})

test('both drafts of JSON Schema are read, and two tools may use the same $id', async () => {
  const old = { $schema: 'http://json-schema.org/draft-07/schema#', $id: 'https://example.org/x', type: 'object' }
  const tuple = { type: 'array', items: [{ type: 'string' }, { type: 'number' }] }
  assert.deepEqual(await problems({ ...old, properties: { t: tuple } }, { t: ['a', 'b'] }), [
    '`t.1` is "b", and must be number',
  ])
  const pair = { type: 'array', prefixItems: [{ type: 'string' }, { type: 'number' }] }
  const recent = {
    $id: 'https://example.org/x',
    type: 'object',
    $defs: { pair },
    properties: { t: { $ref: '#/$defs/pair' } },
  }
  assert.deepEqual(await problems(recent, { t: ['a', 'b'] }), ['`t.1` is "b", and must be number'])
  assert.deepEqual(await problems(recent, { t: ['a', 2] }), [])
})

test('a schema is kept as it was, whatever its giver does later', async () => {
  const schema = { type: 'object', properties: { n: { type: 'number' } } }
  const read = readSchema('x', schema, 'input')
  schema.properties.n.type = 'string'
  assert.deepEqual(await read.check({ n: 1 }), { value: { n: 1 } })
})

test('a schema that cannot be used says so when it is used, with the name of its tool', () => {
  const read = readSchema('x', { type: 'object', properties: { n: { $ref: '#/$defs/none' } } }, 'input')
  assert.throws(() => read.check({ n: 1 }), /\[invalid\] The JSON Schema of x cannot be used: .*none/)
})

test('zod says the input side of arguments and the output side of results', () => {
  const schema = z.object({ n: z.number().default(1), t: z.string().optional() })
  assert.equal(readSchema('x', schema, 'input').json['required'], undefined)
  assert.deepEqual(readSchema('x', schema, 'output').json['required'], ['n'])
  assert.throws(() => readSchema('x', z.string(), 'input'), /of type "string"/)
  assert.throws(() => readSchema('x', 'number', 'input'), /schema of x is number/)
})

test('schemas that refer to themselves, and define the same names, do not meet', async () => {
  const tree = (leaf: string) => ({
    type: 'object',
    properties: { leaf: { $ref: '#/$defs/leaf' }, next: { $ref: '#' } },
    $defs: { leaf: { type: leaf } },
  })
  const [numbers, texts] = [
    readSchema('numbers', tree('number'), 'input'),
    readSchema('texts', tree('string'), 'input'),
  ]
  assert.ok('value' in (await numbers.check({ leaf: 1, next: { leaf: 2 } })))
  assert.ok('value' in (await texts.check({ leaf: 'a', next: { leaf: 'b' } })))
  assert.ok('problems' in (await numbers.check({ leaf: 1, next: { leaf: 'b' } })))
  assert.ok('problems' in (await texts.check({ leaf: 'a', next: { leaf: 2 } })))
})

test('a schema that would look for ever at a value is given up, and one of promises is read as one without', async () => {
  const many = Object.fromEntries(
    Array.from({ length: 40 }, (_, at) => [
      `d${at}`,
      { anyOf: [{ $ref: `#/$defs/d${at + 1}` }, { $ref: `#/$defs/d${at + 1}` }] },
    ]),
  )
  const schema = {
    properties: { text: { type: 'string', pattern: '^(a+)+$' }, deep: { $ref: '#/$defs/d0' } },
    $defs: { ...many, d40: { type: 'string' } },
  }
  const read = readSchema('x', schema, 'input')
  assert.deepEqual(read.check({ text: 'aaaa' }), { value: { text: 'aaaa' } })
  for (const value of [{ text: `${'a'.repeat(60)}!` }, { deep: 1 }])
    assert.throws(() => read.check(value), /\[deadline\] the JSON Schema of x takes more than/)
  assert.deepEqual(await problems({ $async: true, properties: { n: { type: 'number' } } }, { n: 'a' }), [
    '`n` is "a", and must be number',
  ])
})
