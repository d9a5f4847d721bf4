// A seeded value for a JSON Schema, as a model with constrained decoding would have to give one. Objects get all their
// required properties and half of the others. `pattern`, `not`, `if` and unevaluated keywords are not looked at.

import type { Plain } from '../../core/plain.ts'
import type { Random } from '../../core/random.ts'
import { fewWords } from './words.ts'

type Schema = Readonly<Record<string, unknown>>

/** Deeper than this a recursive schema is given what is smallest. */
const deepest = 6

/** A value that the schema allows, as far as its common keywords say. */
export function sampleJson(schema: unknown, random: Random): Plain {
  return new Sampler(schema, random).value(schema, 0)
}

class Sampler {
  readonly #root: unknown
  readonly #random: Random

  constructor(root: unknown, random: Random) {
    this.#root = root
    this.#random = random
  }

  value(given: unknown, depth: number): Plain {
    const schema = this.#resolved(given, 0)
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
  #resolved(given: unknown, hops: number): Schema {
    if (!isRecord(given) || hops > 20) return {}
    const { $ref: reference, anyOf, oneOf, allOf, ...own } = given
    if (typeof reference === 'string') return this.#resolved(at(this.#root, reference), hops + 1)
    const alternatives = [anyOf, oneOf].find((list) => Array.isArray(list) && list.length > 0)
    if (Array.isArray(alternatives))
      return { ...own, ...this.#resolved(alternatives[this.#upTo(alternatives.length - 1)], hops + 1) }
    if (!Array.isArray(allOf)) return own
    return allOf.reduce<Schema>((merged, part) => together(merged, this.#resolved(part, hops + 1)), own)
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
      if (required.includes(name) || (depth < deepest && this.#random() < 0.5))
        value[name] = this.value(inner, depth + 1)
    return value
  }

  #array(schema: Schema, depth: number): Plain {
    const least = numberOr(schema['minItems'], 0)
    const most = Math.max(least, depth >= deepest ? least : numberOr(schema['maxItems'], least + 3))
    const count = least + this.#upTo(Math.min(most - least, 5))
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
    const least = numberOr(schema['minLength'], 1)
    const most = Math.max(least, numberOr(schema['maxLength'], 200))
    let text = fewWords(1 + this.#upTo(3), this.#random)
    while (text.length < least) text += ` ${fewWords(4, this.#random)}`
    return text.slice(0, Math.min(most, Math.max(least, text.length)))
  }

  /** A whole number from 0 to `most`. */
  #upTo(most: number): number {
    return Math.floor(this.#random() * (most + 1))
  }
}

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
    properties: { ...record(one['properties']), ...record(other['properties']) },
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
