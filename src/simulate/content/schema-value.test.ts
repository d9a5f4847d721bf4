import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { seeded } from '../../core/random.ts'
import type { JsonSchema } from './reply.ts'
import { sampleRegex } from './regex-sample.ts'
import { schemaValue } from './schema-value.ts'

test('a value is one that the schema allows', () => {
  const node = { type: 'object', properties: { name: { type: 'string' }, next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] } }, required: ['name', 'next'] } // prettier-ignore
  const tree = { type: 'object', properties: { left: { anyOf: [{ $ref: '#/$defs/tree' }, { type: 'null' }] }, right: { anyOf: [{ $ref: '#/$defs/tree' }, { type: 'null' }] } }, required: ['left', 'right'] } // prettier-ignore
  const schemas: JsonSchema[] = [
    { type: 'object', properties: { a: { type: 'integer', minimum: 3, maximum: 5 }, b: { enum: ['x', 'y'] } }, required: ['a', 'b'], additionalProperties: false }, // prettier-ignore
    { type: 'array', items: { type: 'number', exclusiveMinimum: 0, maximum: 1 }, minItems: 2, maxItems: 4 },
    { type: 'string', minLength: 30, maxLength: 35 },
    { type: 'string', maxLength: 0 },
    { type: ['string', 'null'] },
    { oneOf: [{ const: 7 }, { type: 'boolean' }] },
    { allOf: [{ type: 'object', properties: { a: { type: 'string', format: 'date' } }, required: ['a'] }, { properties: { b: { type: 'integer', multipleOf: 5 } }, required: ['b'] }] }, // prettier-ignore
    { $ref: '#/$defs/node', $defs: { node } },
    { $ref: '#/$defs/tree', $defs: { tree } },
    { type: 'array', prefixItems: [{ const: 'first' }], items: { type: 'integer' }, minItems: 1 },
    {},
    { type: 'string', pattern: '^[A-Z]{3}-\\d{4}$' },
    { type: 'string', pattern: 'v\\d+', minLength: 3 },
    { type: 'array', items: { enum: ['a', 'b', 'c'] }, minItems: 2, uniqueItems: true },
    { type: 'object', properties: { a: { type: 'integer' }, b: { type: 'string' } }, minProperties: 1 },
    { type: 'object', properties: { kind: { enum: ['a', 'b'] }, why: { type: 'string' } }, required: ['kind'], if: { properties: { kind: { const: 'b' } } }, else: { required: ['why'] } }, // prettier-ignore
    { type: 'object', properties: { a: { type: 'string' }, b: { type: 'string' } }, oneOf: [{ required: ['a'] }, { required: ['b'] }] }, // prettier-ignore
    { type: 'integer', not: { const: 3 }, minimum: 1, maximum: 5 },
    { type: 'number', multipleOf: 0.1, minimum: 0, maximum: 1 },
    { type: 'object', required: ['x'], additionalProperties: { type: 'integer' } },
    { type: 'object', properties: { who: { $ref: '#/$defs/who', description: 'beside' } }, required: ['who'], $defs: { who: { type: 'object', properties: { n: { type: 'string' } }, required: ['n'] } } }, // prettier-ignore
  ]
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  for (const schema of schemas) {
    const allows = ajv.compile(schema)
    for (let seed = 0; seed < 40; seed++) {
      const value = schemaValue('the answer', schema, seeded(seed))
      assert.ok(allows(value), `${JSON.stringify(value)} for ${JSON.stringify(schema)}`)
    }
  }
})

test('a schema without a value that can be found is refused, and says why', () => {
  const refused: [JsonSchema, RegExp][] = [
    [{ type: 'nonsense' }, /JSON Schema of the answer cannot be used/],
    [{ $ref: 'https://example.org/elsewhere.json' }, /JSON Schema of the answer cannot be used/],
    [{ type: 'integer', not: {} }, /finds no value that the JSON Schema of the answer allows/],
    [{ type: 'string', pattern: '(?=a)b' }, /regular expression \(\?=a\)b/],
    [{ type: 'object', properties: { a: { $ref: '#' } }, required: ['a'] }, /without end/],
    [{ $ref: '#' }, /refers to itself without end/],
    [{ type: 'array', minItems: 1e9 }, /requires more than 20000 values/],
    [{ type: 'array', minItems: 200, items: { type: 'array', minItems: 200 } }, /requires more than 20000 values/],
    [{ type: 'string', minLength: 1e9 }, /requires a text of more than 200000 characters/],
  ]
  for (const [schema, message] of refused)
    assert.throws(() => schemaValue('the answer', schema, seeded(1)), { code: 'invalid', message })
})

test('a text is one that the whole of the regular expression matches', () => {
  const patterns = [
    'yes|no',
    '^(?:positive|negative|neutral)$',
    '^a$|^bc?$',
    '\\d{4}-\\d{2}-\\d{2}',
    '[A-Za-z_][\\w-]{0,15}',
    '(?<area>\\+\\d{1,3}) ?\\d+',
    '[^\\s"]+@[a-z]+\\.(com|org)',
    '.*?end',
    'a{2,}b{,2}',
    '\\{"n": -?(0|[1-9]\\d*)\\}',
    '[\\s\\S]{5}',
    '[\\-\\]x-z]+',
    '\\x41\\u4e2d[一-龥]{2}',
    '\\(\\W\\D\\S\\)',
    '',
  ]
  for (const pattern of patterns) {
    // JavaScript takes {,2} for itself.
    const matches = new RegExp(`^(?:${pattern.replace('{,', '{0,')})$`)
    for (let seed = 0; seed < 40; seed++) {
      const text = sampleRegex(pattern, seeded(seed))
      assert.match(text, matches, pattern)
    }
  }
})

test('a regular expression that looks around, back or at the time is refused', () => {
  for (const pattern of [
    '(?=a)a',
    '(?<!b)a',
    '(a)\\1',
    '\\bword',
    '\\p{L}',
    '(?i)a',
    '(a',
    'a)',
    '[a',
    '[]',
    '*a',
    'a**',
    'a{3,1}',
    'a$b',
    'x++',
    'a{2}{3}',
    '((a{999}){999}){999}',
    'a'.repeat(3_000),
  ])
    // prettier-ignore
    assert.throws(() => sampleRegex(pattern, seeded(1)), { code: 'invalid', message: /cannot answer by the regular/ })
})
