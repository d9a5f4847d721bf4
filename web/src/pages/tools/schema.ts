// A JSON Schema as people read it: one row for each property, with its type in words. Nothing is fetched; what refers to
// itself is shown down to a few levels.

import type { Plain } from '../../../../src/core/plain.ts'
import { language, number } from '../../language.ts'
import { t } from './words.ts'

export type Schema = { readonly [key: string]: Plain }

/** A property, with those inside of it behind it, one level deeper. */
export interface Row {
  name: string
  depth: number
  /** `text, required`. */
  type: string
  /** What it is for, as its schema says. */
  about?: string
  /** A value that is right. */
  example?: string
}

/** How deep properties inside of properties are shown. */
const deepest = 3

/** Most rows. */
const most = 60

/** The rows of an object; of any other value one row without a name; none when nothing is said about it. */
export function rowsOf(schema: Schema | undefined): Row[] {
  if (schema === undefined) return []
  const rows: Row[] = []
  const top = resolved(schema, schema)
  if (Object.keys(propertiesOf(top)).length > 0) addProperties(top, schema, 0, rows)
  else if (typeWords(top, schema) !== t('type.any')) rows.push(rowOf('', top, schema, 0))
  return rows.slice(0, most)
}

/** The properties of an object's schema. */
export function propertiesOf(schema: Schema): { readonly [name: string]: Schema } {
  const properties = schema['properties']
  if (!isSchema(properties)) return {}
  return Object.fromEntries(
    Object.entries(properties).map(([name, each]) => [name, isSchema(each) ? each : {}] as const),
  )
}

/** Names of the properties that have to be there. */
export function requiredOf(schema: Schema): readonly string[] {
  const required = schema['required']
  return Array.isArray(required) ? required.filter((each): each is string => typeof each === 'string') : []
}

/** The schema that stands behind `$ref`, within the same document; of one that may be null, that of the other values. */
export function resolved(schema: Schema, root: Schema): Schema {
  let now = schema
  for (let step = 0; step < 10; step++) {
    const reference = now['$ref']
    const choices = choicesOf(now)?.filter((each) => each['type'] !== 'null')
    if (typeof reference === 'string') {
      const { $ref: _, ...beside } = now
      now = { ...at(root, reference), ...beside }
    } else if (choices?.length === 1 && choices[0] !== undefined) {
      const { anyOf: _, oneOf: __, ...beside } = now
      now = { ...choices[0], ...beside }
    } else break
  }
  return now
}

/** The values that it is one of; undefined when it is not a list of a few. */
export function valuesOf(schema: Schema): readonly Plain[] | undefined {
  const values = schema['enum']
  return Array.isArray(values) ? values : undefined
}

/** Its one type; undefined when it may be of several, or nothing is said. */
export function typeOf(schema: Schema): string | undefined {
  const type = schema['type']
  if (typeof type === 'string') return type
  const types = Array.isArray(type) ? type.filter((each) => each !== 'null') : []
  return types.length === 1 && typeof types[0] === 'string' ? types[0] : undefined
}

/** Whether a value is an object of JSON. */
export function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function addProperties(schema: Schema, root: Schema, depth: number, rows: Row[]): void {
  const required = requiredOf(schema)
  for (const [name, property] of Object.entries(propertiesOf(schema))) {
    if (rows.length >= most) return
    const found = resolved(property, root)
    rows.push(rowOf(name, found, root, depth, required.includes(name)))
    const items = found['items']
    const inside = isSchema(items) ? resolved(items, root) : found
    if (depth + 1 < deepest) addProperties(inside, root, depth + 1, rows)
  }
}

function rowOf(name: string, schema: Schema, root: Schema, depth: number, isRequired?: boolean): Row {
  const { description, examples } = schema
  const values = valuesOf(schema)
  const example = Array.isArray(examples) ? examples[0] : undefined
  const words = [
    values === undefined ? typeWords(schema, root) : values.map(written).join(' · '),
    ...bounds(schema),
    ...(isRequired ? [t('required')] : []),
    ...(schema['default'] === undefined ? [] : [t('usually', { value: written(schema['default']) })]),
  ]
  return {
    name,
    depth,
    type: words.join(language.value === 'zh' ? '，' : ', '),
    ...(typeof description === 'string' && description !== '' ? { about: description } : {}),
    ...(example === undefined ? {} : { example: written(example) }),
  }
}

function typeWords(schema: Schema, root: Schema): string {
  const constant = schema['const']
  if (constant !== undefined) return written(constant)
  const choices = choicesOf(schema)
  if (choices !== undefined)
    return [...new Set(choices.map((each) => typeWords(resolved(each, root), root)))].join(' · ')
  switch (typeOf(schema)) {
    case 'string':
      return t('type.text')
    case 'number':
      return t('type.number')
    case 'integer':
      return t('type.integer')
    case 'boolean':
      return t('type.boolean')
    case 'null':
      return t('type.nothing')
    case 'array': {
      const items = schema['items']
      return isSchema(items) ? t('type.list', { of: typeWords(resolved(items, root), root) }) : t('type.list.any')
    }
    case 'object':
      return t('type.object')
    default:
      return isSchema(schema['properties']) ? t('type.object') : t('type.any')
  }
}

/** How large or long it may be. The bounds of whole numbers as such are none. */
function bounds(schema: Schema): string[] {
  const least = bound(schema['minimum'])
  const largest = bound(schema['maximum'])
  const longest = bound(schema['maxLength'])
  const said = longest === undefined ? [] : [t('longest', { n: longest })]
  if (least !== undefined && largest !== undefined)
    return [t('range', { a: number(least), b: number(largest) }), ...said]
  if (least !== undefined) return [t('range.from', { a: number(least) }), ...said]
  return largest === undefined ? said : [t('range.to', { b: number(largest) }), ...said]
}

function bound(value: Plain | undefined): number | undefined {
  return typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER ? value : undefined
}

function choicesOf(schema: Schema): Schema[] | undefined {
  const choices = schema['anyOf'] ?? schema['oneOf']
  return Array.isArray(choices) ? choices.filter(isSchema) : undefined
}

/** What a reference within the document points at. */
function at(root: Schema, reference: string): Schema {
  let now: Plain | undefined = root
  for (const part of reference.replace(/^#\/?/, '').split('/')) {
    if (part === '') continue
    now = isSchema(now) ? now[part.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined
  }
  return isSchema(now) ? now : {}
}

function written(value: Plain): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
