// What the process of a model is started with, and what a schema becomes for its grammar.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { grammarSchema } from './grammar-schema.ts'
import { chatHistory } from './history.ts'
import { llamaPool } from './pool.ts'
import { engineSettings, llamaName } from './settings.ts'

const path = '/models/Some-8B.Q4_K_M.gguf'

test('a pool has one process with a call for each sequence, and sees accelerators but no keys', () => {
  const pool = llamaPool(
    { path, sequences: 3, queue: 5, memoryMb: 1_628 },
    { PATH: '/bin', CUDA_VISIBLE_DEVICES: '1', OPENAI_API_KEY: 'secret', ANDON_TOKEN: 'secret' },
  )
  assert.deepEqual(
    { ...pool, graceMs: 0 },
    {
      place: 'process',
      size: 1,
      concurrency: 3,
      queue: 5,
      graceMs: 0,
      nice: 5,
      environment: { PATH: '/bin', CUDA_VISIBLE_DEVICES: '1' },
      memoryMb: 1_000,
    },
  )
})

test('a model has the name of its file, and threads are its own business unless they are named', () => {
  assert.equal(llamaName({ path }), 'Some-8B.Q4_K_M')
  assert.equal(llamaName({ path, name: 'some' }), 'some')
  assert.deepEqual(engineSettings({ path, threads: 3, contextTokens: 4_096 }), {
    path,
    sequences: 2,
    gpu: 'auto',
    contextTokens: 4_096,
    threads: 3,
  })
  assert.throws(() => engineSettings({ path, sequences: 0 }))
})

test('a schema becomes what a grammar can say, and any JSON where it cannot', () => {
  const any = grammarSchema(true)
  assert.deepEqual(grammarSchema({ type: 'string', pattern: 'x', minLength: 2 }), { type: 'string', minLength: 2 })
  assert.deepEqual(grammarSchema({ anyOf: [{ const: 1 }, { type: 'null' }] }), {
    oneOf: [{ const: 1 }, { type: 'null' }],
  })
  assert.deepEqual(grammarSchema({ type: ['integer', 'null'] }), { oneOf: [{ type: 'integer' }, { type: 'null' }] })
  assert.deepEqual(grammarSchema({ enum: ['a', { b: 1 }] }), any)
  assert.deepEqual(grammarSchema({ not: { type: 'string' } }), any)
  assert.deepEqual(grammarSchema({ $ref: 'https://example.org/schema' }), any)
  assert.deepEqual(grammarSchema({ type: 'object', additionalProperties: { type: 'boolean' } }), {
    type: 'object',
    additionalProperties: { type: 'boolean' },
  })
  assert.deepEqual(grammarSchema({ $ref: '#/definitions/a', definitions: { a: { type: 'boolean' } } }), {
    $ref: '#/$defs/a',
    $defs: { a: { type: 'boolean' } },
  })
})

test('what is not required may be left out', () => {
  const number = { type: 'number' }
  assert.deepEqual(grammarSchema({ type: 'object', properties: { a: number, b: number }, required: ['a'] }), {
    oneOf: [
      { type: 'object', properties: { a: number, b: number } },
      { type: 'object', properties: { a: number } },
    ],
  })
  assert.deepEqual(grammarSchema({ properties: { a: number } }), { type: 'object', properties: { a: number } })
})

test('calls of tools, and what came of them, are told in words', () => {
  assert.deepEqual(
    chatHistory([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'How warm is it?' },
      { role: 'assistant', content: '', toolCalls: [{ id: 'c1', name: 'weather', arguments: '{"at":"Bern"}' }] },
      { role: 'tool', callId: 'c1', content: '21 degrees' },
    ]),
    [
      { type: 'system', text: 'Be brief.' },
      { type: 'user', text: 'How warm is it?' },
      { type: 'model', response: ['Called weather with {"at":"Bern"} as c1.'] },
      { type: 'user', text: 'Result of c1:\n21 degrees' },
    ],
  )
})
