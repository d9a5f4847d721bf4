// A seeded value for a JSON Schema, drawn by its common keywords. Objects get all their required properties and a share
// of the others. `not`, `if`, `contains` and the like are not looked at: schema-value.ts checks what was drawn.

import { AndonError } from '../../core/errors.ts'
import type { Plain } from '../../core/plain.ts'
import type { Random } from '../../core/random.ts'
import { sampleRegex } from './regex-sample.ts'
import { fewWords } from './words.ts'

type Schema = Readonly<Record<string, unknown>>

/** Deeper than this a recursive schema is given what is smallest. */
const deepest = 6
/** Deeper than this it has no end. */
const endless = 64
/** A schema may demand no more values and no longer texts: the engine draws for all its callers. */
const mostValues = 20_000
const longestText = 200_000

/**
 * A value that the schema allows, as far as its common keywords say. `optional` is the share of properties that are
 * there without being required. Throws `invalid` for a pattern that nothing can be drawn for, and for a schema without
 * an end or with more than there is room for.
 */
export function sampleJson(schema: unknown, random: Random, optional = 0.5): Plain {
  return new Sampler(schema, random, optional).value(schema, 0)
}

class Sampler {
  readonly #root: unknown
  readonly #random: Random
  readonly #optional: number
  /** Values that may still be drawn. */
  #left = mostValues

  constructor(root: unknown, random: Random, optional: number) {
    this.#root = root
    this.#random = random
    this.#optional = optional
  }

  value(given: unknown, depth: number): Plain {
    if (depth > endless) throw new AndonError('invalid', 'The JSON Schema requires values within values without end.')
    if (this.#left-- <= 0) throw tooMany()
    const schema = this.#resolved(given, depth)
    if ('const' in schema) return plain(schema['const'])
    const listed = schema['enum']
    if (Array.isArray(listed) && listed.length > 0) return plain(listed[this.#upTo(listed.length - 1)])
    const type = this.#type(schema, depth)
    switch (type) {
      case 'object':
        return this.#object(schema, depth)
      case 'array':
        return this.#array(schema, depth)
      case 'integer':
        return this.#number(schema, 1)
      case 'number':
        return this.#number(schema, 0.01)
      case 'boolean':
        return this.#random() < 0.5
      case 'null':
        return null
      default:
        return this.#string(schema)
    }
  }

  /** Follows references, takes one of the alternatives, and puts `allOf` together. */
  #resolved(given: unknown, depth: number, hops = 0): Schema {
    if (!isRecord(given) || hops > 20) return {}
    const { $ref: reference, anyOf, oneOf, allOf, ...own } = given
    const parts: unknown[] = Array.isArray(allOf) ? [...allOf] : []
    if (typeof reference === 'string') parts.push(at(this.#root, reference))
    for (const list of [anyOf, oneOf])
      if (Array.isArray(list) && list.length > 0) parts.push(this.#alternative(list, depth))
    return parts.reduce<Schema>((merged, part) => together(merged, this.#resolved(part, depth, hops + 1)), own)
  }

  /** One of them; deep down one that ends there, if any does. */
  #alternative(list: readonly unknown[], depth: number): unknown {
    const ending = depth < deepest ? [] : list.filter((each) => isRecord(each) && flat.has(String(each['type'])))
    const from = ending.length > 0 ? ending : list
    return from[this.#upTo(from.length - 1)]
  }

  #type(schema: Schema, depth: number): string {
    const { type } = schema
    const types = Array.isArray(type) ? type.filter((each) => typeof each === 'string') : []
    if (types.length > 0)
      return depth > deepest && types.includes('null') ? 'null' : (types[this.#upTo(types.length - 1)] ?? 'null')
    if (typeof type === 'string') return type
    if (isRecord(schema['properties'])) return 'object'
    if ('items' in schema) return 'array'
    return 'minimum' in schema || 'maximum' in schema ? 'number' : 'string'
  }

  #object(schema: Schema, depth: number): Plain {
    const properties = isRecord(schema['properties']) ? schema['properties'] : {}
    const required = Array.isArray(schema['required']) ? schema['required'] : []
    const value: Record<string, Plain> = {}
    for (const [name, inner] of Object.entries(properties))
      if (required.includes(name) || (depth < deepest && this.#random() < this.#optional))
        value[name] = this.value(inner, depth + 1)
    for (const name of required)
      if (typeof name === 'string' && !(name in properties))
        value[name] = this.value(schema['additionalProperties'], depth + 1)
    return value
  }

  #array(schema: Schema, depth: number): Plain {
    const least = numberOr(schema['minItems'], 0)
    const most = Math.max(least, depth >= deepest ? least : numberOr(schema['maxItems'], least + 3))
    const count = least + this.#upTo(Math.min(most - least, 5))
    if (count > this.#left) throw tooMany()
    const first = Array.isArray(schema['prefixItems']) ? schema['prefixItems'] : []
    return Array.from({ length: count }, (_, index) => this.value(first[index] ?? schema['items'], depth + 1))
  }

  #number(schema: Schema, unit: number): number {
    const step = numberOr(schema['multipleOf'], unit)
    const low = 'exclusiveMinimum' in schema ? numberOr(schema['exclusiveMinimum'], 0) + step : schema['minimum']
    const high = 'exclusiveMaximum' in schema ? numberOr(schema['exclusiveMaximum'], 0) - step : schema['maximum']
    const least = numberOr(low, Math.min(0, numberOr(high, 0)))
    const most = Math.max(least, numberOr(high, least + 100))
    const first = Math.ceil(least / step)
    const last = Math.max(first, Math.floor(most / step))
    // Not 0.30000000000000004.
    return Number(((first + this.#upTo(last - first)) * step).toFixed(6))
  }

  #string(schema: Schema): string {
    const known = typeof schema['format'] === 'string' ? formats[schema['format']] : undefined
    if (known !== undefined) return known
    if (typeof schema['pattern'] === 'string') return sampleRegex(schema['pattern'], this.#random)
    const limit = numberOr(schema['maxLength'], 200)
    const least = numberOr(schema['minLength'], Math.min(1, limit))
    const most = Math.max(least, limit)
    if (least > longestText)
      throw new AndonError('invalid', `The JSON Schema requires a text of more than ${longestText} characters.`)
    let text = fewWords(1 + this.#upTo(3), this.#random)
    while (text.length < least) text += ` ${fewWords(4, this.#random)}`
    return text.slice(0, Math.min(most, Math.max(least, text.length)))
  }

  /** A whole number from 0 to `most`. */
  #upTo(most: number): number {
    return Math.floor(this.#random() * (most + 1))
  }
}

function tooMany(): AndonError {
  return new AndonError('invalid', `The JSON Schema requires more than ${mostValues} values.`)
}

const flat = new Set(['null', 'string', 'number', 'integer', 'boolean'])

const formats: Readonly<Record<string, string>> = {
  date: '2024-02-29',
  time: '12:30:00Z',
  'date-time': '2024-02-29T12:30:00Z',
  email: 'someone@example.org',
  uri: 'https://example.org/',
  uuid: '123e4567-e89b-42d3-a456-426614174000',
  hostname: 'example.org',
  ipv4: '192.0.2.1',
}

function together(one: Schema, other: Schema): Schema {
  const lists = (name: string): unknown[] =>
    [one[name], other[name]].flatMap((list) => (Array.isArray(list) ? list : []))
  return {
    ...one,
    ...other,
    ...('properties' in one || 'properties' in other
      ? { properties: { ...record(one['properties']), ...record(other['properties']) } }
      : {}),
    required: lists('required'),
  }
}

/** What a local reference such as `#/$defs/node` names. Others name nothing: no address is ever asked. */
function at(root: unknown, reference: string): unknown {
  if (!reference.startsWith('#')) return undefined
  let place: unknown = root
  for (const step of reference.split('/').slice(1))
    place = isRecord(place) ? place[decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~')] : undefined
  return place
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : otherwise
}

function plain(value: unknown): Plain {
  return JSON.parse(JSON.stringify(value ?? null)) as Plain
}

function record(value: unknown): Schema {
  return isRecord(value) ? value : {}
}

function isRecord(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
