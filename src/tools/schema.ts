// Schemas of arguments and results, from zod, any Standard Schema or JSON Schema: one JSON Schema to show to models, and
// one check of values.

import { AndonError } from '../core/errors.ts'
import type { JsonSchema } from './tool.ts'
import { checkJson } from './schema-json.ts'
import type { Checked } from './schema-json.ts'

/** A schema as a registry keeps it. */
export interface ToolSchema {
  readonly json: JsonSchema
  /** A promise only where the schema itself is asynchronous. */
  check(value: unknown): Checked | Promise<Checked>
}

/** The part of Standard Schema (https://standardschema.dev) that is used; zod 4, Valibot and ArkType have it. */
export interface StandardSchema {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    validate(value: unknown): StandardResult | Promise<StandardResult>
    readonly jsonSchema?: {
      input(options: { target: string }): Record<string, unknown>
      output(options: { target: string }): Record<string, unknown>
    }
  }
}

interface StandardResult {
  readonly value?: unknown
  readonly issues?: readonly StandardIssue[] | undefined
}

interface StandardIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** What may be given as a schema. */
export type SchemaLike = StandardSchema | JsonSchema

/**
 * Reads a schema. `side` says which one is shown: what goes in, or what comes out. Fails with `invalid` when it cannot
 * be told as JSON Schema, or does not describe an object of arguments.
 */
export function readSchema(of: string, schema: unknown, side: 'input' | 'output'): ToolSchema {
  if (isStandard(schema)) return standard(of, schema, side)
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) {
    throw new AndonError(
      'invalid',
      `The ${side} schema of ${of} is ${String(schema)}: give a zod schema, another Standard Schema, or a JSON Schema object`,
    )
  }
  const json = plainSchema(of, schema, side)
  return { json, check: (value) => checkJson(of, json, value) }
}

/** Whether something is a Standard Schema: zod's objects are, ArkType's functions too. */
export function isStandard(schema: unknown): schema is StandardSchema {
  return (
    ((typeof schema === 'object' && schema !== null) || typeof schema === 'function') &&
    '~standard' in schema &&
    typeof schema['~standard'] === 'object'
  )
}

function standard(of: string, schema: StandardSchema, side: 'input' | 'output'): ToolSchema {
  const rules = schema['~standard']
  if (!rules.jsonSchema) {
    throw new AndonError(
      'invalid',
      `The ${side} schema of ${of} (by ${rules.vendor}) cannot say itself as JSON Schema: give the JSON Schema instead`,
    )
  }
  let told: object
  try {
    told = rules.jsonSchema[side]({ target: 'draft-2020-12' })
  } catch (reason) {
    throw new AndonError(
      'invalid',
      `The ${side} schema of ${of} cannot be said as JSON Schema (${reason instanceof Error ? reason.message : String(reason)}): use types that JSON has`,
      { cause: reason },
    )
  }
  return {
    json: plainSchema(of, told, side),
    check(value) {
      const result = rules.validate(value)
      return result instanceof Promise ? result.then(checked) : checked(result)
    },
  }
}

function checked(result: StandardResult): Checked {
  if (!result.issues) return { value: result.value }
  return { problems: result.issues.map(sentence) }
}

function sentence({ path, message }: StandardIssue): string {
  const at = (path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.')
  return at === '' ? message : `\`${at}\`: ${message}`
}

/** A copy, so that nobody changes it later, without what only tools for schemas read. */
function plainSchema(of: string, schema: object, side: 'input' | 'output'): JsonSchema {
  let copy: Record<string, JsonSchema[string]>
  try {
    copy = JSON.parse(JSON.stringify(schema)) as typeof copy
  } catch (reason) {
    throw new AndonError('invalid', `The ${side} schema of ${of} is no plain JSON: write references as $ref`, {
      cause: reason,
    })
  }
  if (side === 'input') {
    const { type } = copy
    if (type !== undefined && type !== 'object') {
      throw new AndonError(
        'invalid',
        `The input schema of ${of} is of type ${JSON.stringify(type)}: arguments of tools are objects with names; wrap it in one`,
      )
    }
    return { ...copy, type: 'object', properties: copy['properties'] ?? {} }
  }
  return copy
}
