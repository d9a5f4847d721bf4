// Checks values against JSON Schema, compiled on first use and kept, and says in sentences what is wrong. A schema may
// come from a server that nobody believes: one that takes too long on a value is given up.

import { createContext, Script } from 'node:vm'
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
  /** Whether a small value can take it long. */
  costly: boolean
}

const compiled = new WeakMap<JsonSchema, Compiled>()

/** Sentences about one value; more of them help nobody. */
const mostProblems = 5

/** Words of a schema that may look at a value, or at parts of it, again and again. */
const costly =
  /"(?:pattern|patternProperties|uniqueItems|items|prefixItems|contains|unevaluated\w+|\$ref|\$\w*Ref)":|"additionalProperties":\{/

/** Milliseconds that checking one value may take where that has to be watched. */
const longestMs = 1_000

/**
 * Checks a value. Defaults of the schema are filled in on a copy. `of` names the tool. Throws `invalid` for a schema that
 * cannot be used, and `deadline` for one that does not come to an end on this value within a second.
 */
export function checkJson(of: string, schema: JsonSchema, value: unknown): Checked {
  let ready = compiled.get(schema)
  if (!ready) compiled.set(schema, (ready = compile(of, schema)))
  const { validate, fillsDefaults } = ready
  const own = fillsDefaults ? structuredClone(value) : value
  if (ready.costly ? inTime(of, () => validate(own)) : validate(own)) return { value: own }
  return { problems: sentences(validate.errors ?? []) }
}

let watched: { script: Script; room: { check?: () => boolean } } | undefined

/** What runs here can be stopped, wherever in it the time goes: also inside one regular expression. */
function inTime(of: string, check: () => boolean): boolean {
  const room: { check?: () => boolean } = {}
  watched ??= { script: new Script('check()'), room: createContext(room) }
  try {
    watched.room.check = check
    return watched.script.runInContext(watched.room, { timeout: longestMs }) === true
  } catch (reason) {
    if ((reason as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw reason
    throw new AndonError('deadline', `the JSON Schema of ${of} takes more than ${longestMs} ms to check them`)
  } finally {
    delete watched.room.check
  }
}

/** A compiler takes longer to make than a schema to compile; it keeps what it compiled, so it is replaced after so many. */
const mostCompiled = 500
const compilers = new Map<string, { ajv: Ajv; left: number }>()

function compilerFor(schema: JsonSchema, text: string): Ajv {
  const old = typeof schema['$schema'] === 'string' && schema['$schema'].includes('draft-0')
  // Two tools may use the same $id: such a schema has a compiler of its own.
  if (text.includes('"$id"')) return newCompiler(old)
  const kind = old ? 'old' : 'new'
  let compiler = compilers.get(kind)
  if (!compiler || compiler.left === 0) {
    compilers.set(kind, (compiler = { ajv: newCompiler(old), left: mostCompiled }))
  }
  compiler.left--
  return compiler.ajv
}

function newCompiler(old: boolean): Ajv {
  // `format` says something about a value and demands nothing, as draft 2020-12 has it.
  const options = { strict: false, allErrors: true, verbose: true, useDefaults: true, validateFormats: false } as const
  return old ? new Ajv({ ...options, logger: false }) : new Ajv2020({ ...options, logger: false })
}

function compile(of: string, schema: JsonSchema): Compiled {
  // The compiler would make a promise of the check, and nobody waits for it.
  const { $async: _, ...plain } = schema
  const text = JSON.stringify(plain)
  try {
    const validate = compilerFor(plain, text).compile(plain)
    return { validate, fillsDefaults: text.includes('"default"'), costly: costly.test(text) }
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
