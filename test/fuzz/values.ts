// Values that a JSON Schema describes, and values that are nearly so. What is too long to print stands in them as a
// word in §…§, that `spelled` replaces in the text that is sent.

import fc from 'fast-check'

/** A JSON Schema, as far as the description of the API uses it. */
export interface Schema {
  $ref?: string
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: Schema | boolean
  items?: Schema
  minItems?: number
  maxItems?: number
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
}

/** Words for what is too long to print, and the JSON that they stand for. */
const spellings: Record<string, string> = {
  huge: '1e400',
  tiny: '-1e-400',
  digits: '9'.repeat(400),
  deep: `${'['.repeat(3_000)}${']'.repeat(3_000)}`,
  deeper: `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`,
  abyss: `${'['.repeat(300_000)}${']'.repeat(300_000)}`,
  long: JSON.stringify('x'.repeat(9_000)),
  longer: JSON.stringify('日本'.repeat(60_000)),
  wide: `[${'0,'.repeat(50_000)}0]`,
  many: `{${Array.from({ length: 5_000 }, (_, at) => `"k${at}":${at}`).join()}}`,
  nul: String.raw`"a\u0000b"`,
  half: String.raw`"\ud800"`,
  twice: '{"a":1,"a":2}',
  proto: '{"__proto__":{"polluted":true}}',
}

/** The JSON text of a value, with the real ids and the long things in their places. */
export function spelled(value: unknown, ids: Record<string, string>): string {
  return (JSON.stringify(value) ?? '').replaceAll(/"§(\w+)§"/g, (all, word: string) => {
    const id = ids[word]
    return id === undefined ? (spellings[word] ?? all) : JSON.stringify(id)
  })
}

const odd: string[] = [
  '',
  ' ',
  '\u0000',
  '\ud800',
  '\udc00x',
  '\u202e\u200b',
  '\ufeff',
  '𝕏🏳️‍🌈',
  'İſẞ',
  '../../etc/passwd',
  "' OR 1=1 --",
  '"*" NEAR(',
  '%00',
  '${x}',
  '-1',
  'NaN',
  'null',
  '\r\nX: y',
  '__proto__',
  'constructor',
]
const oddTexts = fc.constantFrom(...odd)

/** Text as questions, names and ids are made of, and as they should not be. */
export const texts: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: 'grapheme', maxLength: 40 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
  { weight: 2, arbitrary: oddTexts },
  { weight: 3, arbitrary: fc.constantFrom('When does the lighthouse open?', '灯塔几点开门？', 'lighthouse OR hours') },
)

const words = fc.constantFrom(...Object.keys(spellings)).map((word) => `§${word}§`)
const known = fc.constantFrom('document', 'job', 'answer', 'session', 'key', 'response').map((word) => `§${word}§`)

const numbers = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.constantFrom(0, -0, -1, 2 ** 31, 2 ** 53, 2 ** 63, -(2 ** 63), Number.MAX_VALUE, Number.MIN_VALUE),
)

/** Anything that JSON may hold, the more unpleasant the better. */
export const anything: fc.Arbitrary<unknown> = fc.oneof(
  words,
  oddTexts,
  numbers,
  fc.constantFrom(null, true, false, [], {}, [[]], [null], { a: {} }),
  fc.jsonValue({ maxDepth: 3 }),
)

/** Values that the schema describes; `all` are those that it may refer to. */
export function valuesOf(schema: Schema, all: Record<string, Schema>, depth = 0): fc.Arbitrary<unknown> {
  const inner = (each: Schema): fc.Arbitrary<unknown> => valuesOf(each, all, depth + 1)
  if (depth > 8) return fc.constant(null)
  if (schema.$ref !== undefined) return inner(all[schema.$ref.split('/').at(-1) ?? ''] ?? {})
  if ('const' in schema) return fc.constant(schema.const)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) return fc.oneof(...choices.map(inner))
  if (schema.allOf) return fc.tuple(...schema.allOf.map(inner)).map((parts) => Object.assign({}, ...parts) as unknown)
  const { type } = schema
  if (Array.isArray(type)) return fc.oneof(...type.map((each) => inner({ ...schema, type: each })))
  switch (type) {
    case 'object':
      return objectsOf(schema, inner)
    case 'array':
      return fc.array(inner(schema.items ?? {}), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 4, Math.max(4, schema.minItems ?? 0)),
      })
    case 'string':
      return fc.oneof({ weight: 4, arbitrary: texts }, { weight: 1, arbitrary: known })
    case 'integer':
    case 'number':
      return fc.integer({ min: ceil(schema.minimum ?? -1000), max: ceil(schema.maximum ?? 1000) })
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    default:
      return anything
  }
}

const ceil = (bound: number): number => Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.ceil(bound)))

function objectsOf(schema: Schema, inner: (each: Schema) => fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const { properties = {}, required = [], additionalProperties } = schema
  const named = fc.record(Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, inner(each)])), {
    requiredKeys: required.filter((name) => name in properties),
    noNullPrototype: true,
  })
  if (typeof additionalProperties !== 'object') return named
  return fc
    .tuple(named, fc.dictionary(texts, inner(additionalProperties), { maxKeys: 3 }))
    .map(([one, other]) => ({ ...other, ...one }))
}

/** One change to a value, somewhere inside it. */
interface Slip {
  how: 'replace' | 'drop' | 'add' | 'wrap' | 'repeat'
  where: number[]
  name: string
  value: unknown
}

const slips: fc.Arbitrary<Slip> = fc.record({
  how: fc.constantFrom('replace', 'replace', 'replace', 'drop', 'add', 'wrap', 'repeat'),
  where: fc.array(fc.nat(20), { maxLength: 4 }),
  name: texts,
  value: anything,
})

/** Values that a schema describes, and half of the time with one to three slips in them. */
export function nearlyOf(schema: Schema, all: Record<string, Schema>): fc.Arbitrary<unknown> {
  const right = valuesOf(schema, all)
  const wrong = fc
    .tuple(right, fc.array(slips, { minLength: 1, maxLength: 3 }))
    .map(([value, list]) => list.reduce((made, slip) => slipped(made, slip, slip.where), value))
  return fc.oneof({ weight: 4, arbitrary: right }, { weight: 5, arbitrary: wrong }, { weight: 1, arbitrary: anything })
}

function slipped(value: unknown, slip: Slip, [step, ...rest]: number[]): unknown {
  if (typeof value === 'object' && value !== null && step !== undefined) {
    const entries = Object.entries(value)
    const at = entries.length === 0 ? -1 : step % entries.length
    const changed = entries.flatMap(([name, part], place): [string, unknown][] => {
      if (place !== at) return [[name, part]]
      return slip.how === 'drop' && rest.length === 0 ? [] : [[name, slipped(part, slip, rest)]]
    })
    if (Array.isArray(value)) return changed.map(([, part]) => part)
    if (slip.how === 'add' && rest.length === 0) changed.push([slip.name, slip.value])
    return Object.fromEntries(changed)
  }
  if (slip.how === 'wrap') return [value]
  if (slip.how === 'repeat') return [value, value, value]
  return slip.value
}
