// A form out of a JSON Schema: one field for each argument, and the arguments out of what was filled in. What has no
// field of its own kind is written as JSON.

import type { Plain } from '../../../../src/core/plain.ts'
import { isSchema, propertiesOf, requiredOf, resolved, typeOf, valuesOf, type Schema } from './schema.ts'
import { t } from './words.ts'

/** A field for one argument. `long` is text of several lines; `list` has one text in each line. */
export interface Field {
  name: string
  kind: 'text' | 'long' | 'list' | 'number' | 'integer' | 'boolean' | 'choice' | 'json'
  required: boolean
  /** Of a choice. */
  values: readonly Plain[]
  about?: string
  /** What stands in it at first. */
  initial: string
  /** What a right value looks like. */
  example?: string
}

/** What was filled in, by the names of the fields; empty is nothing. */
export type Filled = Readonly<Record<string, string>>

/** Arguments to send, or the field that keeps them from it, and why. */
export type Read = { arguments: Schema } | { field: string; problem: string }

/** The fields of a tool; undefined when its arguments have no names of their own: they are written as JSON. */
export function fieldsOf(input: Schema): Field[] | undefined {
  const top = resolved(input, input)
  const named = Object.entries(propertiesOf(top))
  if (named.length === 0) return top['additionalProperties'] === false || top['properties'] ? [] : undefined
  const required = requiredOf(top)
  const fields = named.map(([name, schema]) => fieldOf(name, resolved(schema, input), required.includes(name)))
  // Those that have to be there come first.
  return [...fields.filter((each) => each.required), ...fields.filter((each) => !each.required)]
}

/** The arguments that were filled in. */
export function argumentsOf(fields: readonly Field[], filled: Filled): Read {
  const found: [string, Plain][] = []
  for (const field of fields) {
    const { name, required } = field
    const text = filled[name] ?? ''
    if (text.trim() === '') {
      if (required) return { field: name, problem: t('form.missing', { name }) }
      continue
    }
    const value = valueOf(field, text)
    if (value === undefined) return { field: name, problem: wrong(field) }
    found.push([name, value])
  }
  return { arguments: Object.fromEntries(found) }
}

/** Arguments written as JSON. */
export function argumentsIn(text: string): Read {
  const value = parsed(text.trim() === '' ? '{}' : text)
  return isSchema(value) ? { arguments: value } : { field: '', problem: t('form.json.object') }
}

function fieldOf(name: string, schema: Schema, required: boolean): Field {
  const { description, examples } = schema
  const [example] = Array.isArray(examples) ? examples : []
  const kind = kindOf(name, schema)
  const initial = schema['default']
  return {
    name,
    kind,
    required,
    values: valuesOf(schema) ?? [],
    initial: initial === undefined ? '' : written(initial, kind),
    ...(typeof description === 'string' ? { about: description } : {}),
    ...(example === undefined ? {} : { example: written(example, kind) }),
  }
}

function kindOf(name: string, schema: Schema): Field['kind'] {
  if (valuesOf(schema) !== undefined) return 'choice'
  const type = typeOf(schema)
  if (type === 'boolean' || type === 'number' || type === 'integer') return type
  if (type === 'string') return /code|script|source|text|body/i.test(name) ? 'long' : 'text'
  const items = schema['items']
  const isTexts = isSchema(items) && typeOf(items) === 'string' && valuesOf(items) === undefined
  return type === 'array' && isTexts ? 'list' : 'json'
}

function valueOf({ kind, values }: Field, text: string): Plain | undefined {
  switch (kind) {
    case 'text':
    case 'long':
      return text
    case 'list':
      return text.split('\n').filter((line) => line.trim() !== '')
    case 'boolean':
      return text === 'true'
    case 'choice':
      return values.find((each) => written(each, 'choice') === text)
    case 'json':
      return parsed(text)
    case 'number':
    case 'integer': {
      const value = Number(text)
      return Number.isFinite(value) && (kind === 'number' || Number.isInteger(value)) ? value : undefined
    }
  }
}

function wrong({ name, kind }: Field): string {
  if (kind === 'integer') return t('form.integer', { name })
  return kind === 'number' ? t('form.number', { name }) : t('form.json', { name })
}

/** A value as it stands in a field. */
function written(value: Plain, kind: Field['kind']): string {
  if (typeof value === 'string') return kind === 'json' ? JSON.stringify(value) : value
  if (kind === 'list' && Array.isArray(value)) return value.join('\n')
  return JSON.stringify(value)
}

function parsed(text: string): Plain | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
