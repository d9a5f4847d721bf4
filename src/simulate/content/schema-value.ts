// A value that a JSON Schema allows: drawn until the check of the schema says so, and refused when it never does, so that
// nobody is given an answer in the wrong form.

import { Ajv } from 'ajv'
import type { ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { LRUCache } from 'lru-cache'
import { AndonError } from '../../core/errors.ts'
import type { Plain } from '../../core/plain.ts'
import type { Random } from '../../core/random.ts'
import { sampleJson } from './json-sample.ts'
import type { JsonSchema } from './reply.ts'

/** How much of what is optional is there, one draw after the other. */
const optional = [0.5, 0.5, 1, 0] as const
const draws = 40

/** Checks of the schemas asked for last, by the schema's text: compiling one takes longer than drawing a value. */
const checks = new LRUCache<string, ValidateFunction>({ max: 64 })

/** The value. `of` names the schema. Throws `invalid` for a schema that is none, or for which nothing that fits is found. */
export function schemaValue(of: string, schema: JsonSchema, random: Random): Plain {
  const allows = checkOf(of, schema)
  let problem = ''
  for (let draw = 0; draw < draws; draw++) {
    const value = drawn(schema, random, optional[draw % optional.length] ?? 1)
    if ('refused' in value) problem = value.refused
    else if (isAllowed(of, allows, value.drawn)) return value.drawn
    else {
      const [first] = allows.errors ?? []
      problem = `${first?.instancePath || 'the value'} ${first?.message ?? 'does not fit'}.`
    }
  }
  throw new AndonError(
    'invalid',
    `The simulated engine finds no value that the JSON Schema of ${of} allows: ${problem} Ask with a simpler one, or give the engine a script with the answer.`,
  )
}

function isAllowed(of: string, allows: ValidateFunction, value: Plain): boolean {
  try {
    return allows(value)
  } catch (cause) {
    // The check of one that is nothing but itself ends with the stack.
    throw new AndonError('invalid', `The JSON Schema of ${of} cannot be used: it refers to itself without end.`, {
      cause,
    })
  }
}

function drawn(schema: JsonSchema, random: Random, share: number): { drawn: Plain } | { refused: string } {
  try {
    return { drawn: sampleJson(schema, random, share) }
  } catch (reason) {
    return { refused: AndonError.from(reason).sentence }
  }
}

function checkOf(of: string, schema: JsonSchema): ValidateFunction {
  // One would make a promise of the check, and the other refuse a schema for the name of its draft alone.
  const { $async: _, $schema: draft, ...plain } = schema
  const text = JSON.stringify(plain)
  const known = checks.get(text)
  if (known) return known
  const options = { strict: false, validateFormats: false, logger: false } as const
  const old = typeof draft === 'string' && draft.includes('draft-0')
  try {
    const check = (old ? new Ajv(options) : new Ajv2020(options)).compile(plain)
    checks.set(text, check)
    return check
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new AndonError('invalid', `The JSON Schema of ${of} cannot be used: ${why}.`, { cause })
  }
}
