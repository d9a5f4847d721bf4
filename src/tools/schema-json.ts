// Checks values against JSON Schema, compiled on first use and kept, and says in sentences what is wrong.

import { Ajv } from 'ajv'
import type { ErrorObject, ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { AndonError } from '../core/errors.ts'
import type { JsonSchema } from './tool.ts'

/** What is wrong with a value, as sentences; or the value, with defaults filled in. */
export type Checked = { value: unknown } | { problems: string[] }

interface Compiled {
  validate: ValidateFunction
  fillsDefaults: boolean
}

const compiled = new WeakMap<JsonSchema, Compiled>()

/** Sentences about one value; more of them help nobody. */
const mostProblems = 5

/** Checks a value. Defaults of the schema are filled in on a copy. `of` names the tool. */
export function checkJson(of: string, schema: JsonSchema, value: unknown): Checked {
  let ready = compiled.get(schema)
  if (!ready) compiled.set(schema, (ready = compile(of, schema)))
  const { validate, fillsDefaults } = ready
  const own = fillsDefaults ? structuredClone(value) : value
  if (validate(own)) return { value: own }
  return { problems: sentences(validate.errors ?? []) }
}

function compile(of: string, schema: JsonSchema): Compiled {
  // `format` says something about a value and demands nothing, as draft 2020-12 has it.
  const options = { strict: false, allErrors: true, verbose: true, useDefaults: true, validateFormats: false } as const
  const old = typeof schema['$schema'] === 'string' && schema['$schema'].includes('draft-0')
  // One each, because two tools may use the same $id.
  const ajv = old ? new Ajv({ ...options, logger: false }) : new Ajv2020({ ...options, logger: false })
  try {
    return { validate: ajv.compile(schema), fillsDefaults: JSON.stringify(schema).includes('"default"') }
  } catch (reason) {
    throw new AndonError(
      'invalid',
      `The JSON Schema of ${of} cannot be used: ${reason instanceof Error ? reason.message : String(reason)}`,
      { cause: reason },
    )
  }
}

function sentences(errors: ErrorObject[]): string[] {
  const said = new Set(errors.map(sentence))
  const some = [...said].slice(0, mostProblems)
  return said.size > mostProblems ? [...some, `and ${said.size - mostProblems} more`] : some
}

function sentence(error: ErrorObject): string {
  const path = error.instancePath
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .join('.')
  const params = error.params as Record<string, unknown>
  if (error.keyword === 'required') return `\`${inside(path, params['missingProperty'])}\` is missing`
  if (error.keyword === 'additionalProperties' || error.keyword === 'unevaluatedProperties') {
    const name = params['additionalProperty'] ?? params['unevaluatedProperty']
    const known = Object.keys((error.parentSchema?.['properties'] ?? {}) as object)
    const have = known.length > 0 ? `; there are ${known.join(', ')}` : ''
    return `\`${inside(path, name)}\` is no argument${have}`
  }
  const allowed = params['allowedValues']
  const rule = Array.isArray(allowed)
    ? `must be one of ${allowed.map((one) => JSON.stringify(one)).join(', ')}`
    : (error.message ?? 'does not fit')
  const what = path === '' ? 'the whole' : `\`${path}\``
  return `${what} is ${shown(error.data)}, and ${rule}`
}

function inside(path: string, name: unknown): string {
  return path === '' ? String(name) : `${path}.${String(name)}`
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}
