// What the schema of the options says of each: its path, its kind, its default, what it is for.

import { z } from 'zod'
import { optionsSchema } from './options.ts'

/** The paths of all options, like `port` and `loading.memoryMb`, in the order of the schema. */
export function optionPaths(): string[] {
  return everyLeaf().map((option) => option.path)
}

/** What the documentation says about one option. */
export interface OptionDescription {
  path: string
  type: 'string' | 'number' | 'boolean'
  choices?: string[]
  default?: string | number | boolean
  description: string
}

/** Every single option (not the groups, and not the lists), in the order of the schema. */
export function describeOptions(): OptionDescription[] {
  return everyLeaf().flatMap((leaf) => (leaf.type === 'list' ? [] : { ...leaf, type: leaf.type }))
}

/** The lists, which stand in the configuration file only. */
export function describeLists(): Pick<OptionDescription, 'path' | 'description'>[] {
  return everyLeaf().flatMap(({ type, path, description }) => (type === 'list' ? { path, description } : []))
}

function everyLeaf(): Leaf[] {
  return leaves(z.toJSONSchema(optionsSchema, { io: 'input' }), '')
}

type JsonSchema = z.core.JSONSchema._JSONSchema
type Leaf = Omit<OptionDescription, 'type'> & { type: OptionDescription['type'] | 'list' }

function leaves(schema: JsonSchema, path: string): Leaf[] {
  if (typeof schema === 'boolean') return []
  if (schema.properties !== undefined)
    return Object.entries(schema.properties).flatMap(([key, part]) =>
      leaves(part, path === '' ? key : `${path}.${key}`),
    )
  const types = { boolean: 'boolean', integer: 'number', number: 'number', array: 'list', object: 'list' } as const
  // A number that may also be a word, such as p95, is read as the one that it looks like.
  const kinds = schema.anyOf?.map((each) => (typeof each === 'object' ? each.type : undefined)) ?? [schema.type]
  const type = kinds.includes('integer') ? 'number' : (types[schema.type as keyof typeof types] ?? 'string')
  const fallback = schema.default
  return [
    {
      path,
      type,
      description: schema.description ?? '',
      ...(schema.enum === undefined ? {} : { choices: schema.enum.map(String) }),
      ...(typeof fallback === 'string' || typeof fallback === 'number' || typeof fallback === 'boolean'
        ? { default: fallback }
        : {}),
    },
  ]
}

/** The names of what may stand at a path, which may lead into a list: `models.endpoints.0`. */
export function namesAt(path: string[]): string[] {
  let schema: JsonSchema | undefined = z.toJSONSchema(optionsSchema, { io: 'input' })
  for (const key of path) {
    if (typeof schema !== 'object') return []
    const next: JsonSchema | JsonSchema[] | undefined = /^\d+$/.test(key) ? schema.items : schema.properties?.[key]
    schema = Array.isArray(next) ? undefined : next
  }
  return typeof schema === 'object' ? Object.keys(schema.properties ?? {}) : []
}
