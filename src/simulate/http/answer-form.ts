// The form an answer must have, as a request demands it: OpenAI's `response_format`, vLLM's `structured_outputs`, and the
// `guided_…` fields that vLLM had before its version 0.12. A form that the simulated engine has no answer for is refused.

import { z } from 'zod'
import { AndonError } from '../../core/errors.ts'
import type { Plain } from '../../core/plain.ts'
import type { Asked, JsonSchema } from '../content/reply.ts'

const optional = <Schema extends z.ZodType>(schema: Schema) => schema.nullish().transform((value) => value ?? undefined)
const json: z.ZodType<Plain> = z.json()
const choices = z.array(z.string()).min(1)
const boolean = optional(z.boolean())

/** The fields of a body that demand a form. */
export const formFields = {
  response_format: optional(
    z.discriminatedUnion(
      'type',
      [
        z.looseObject({ type: z.literal('text') }),
        z.looseObject({ type: z.literal('json_object') }),
        z.looseObject({ type: z.literal('json_schema'), json_schema: z.looseObject({ schema: json }) }),
      ],
      { error: 'the simulated engine knows text, json_object and json_schema' },
    ),
  ),
  structured_outputs: optional(
    z.looseObject({
      json: optional(json),
      json_object: boolean,
      choice: optional(choices),
      regex: optional(z.string()),
      grammar: optional(json),
      structural_tag: optional(json),
    }),
  ),
  guided_json: optional(json),
  guided_json_object: boolean,
  guided_choice: optional(choices),
  guided_regex: optional(z.string()),
  guided_grammar: optional(json),
}

const fields = z.object(formFields)
type Form = Asked['form']

/** The form. Throws `invalid` for more than one, for a schema that is none, and for a form that is not known here. */
export function formOf(body: z.output<typeof fields>): Form {
  const { response_format: format, structured_outputs: outputs } = body
  const forms: Form[] = []
  if (format?.type === 'json_schema')
    forms.push(bySchema('response_format.json_schema.schema', format.json_schema.schema))
  if (format?.type === 'json_object') forms.push({ type: 'json' })
  for (const [name, given] of [
    ['structured_outputs.json', outputs?.json],
    ['guided_json', body.guided_json],
  ] as const)
    if (given !== undefined) forms.push(bySchema(name, given))
  for (const given of [outputs?.json_object, body.guided_json_object]) if (given === true) forms.push({ type: 'json' })
  for (const given of [outputs?.choice, body.guided_choice])
    if (given !== undefined) forms.push({ type: 'choice', choices: given })
  for (const given of [outputs?.regex, body.guided_regex])
    if (given !== undefined) forms.push({ type: 'regex', pattern: given })
  for (const [name, given] of [
    ['structured_outputs.grammar', outputs?.grammar],
    ['structured_outputs.structural_tag', outputs?.structural_tag],
    ['guided_grammar', body.guided_grammar],
  ] as const)
    if (given !== undefined)
      throw new AndonError(
        'invalid',
        `The simulated engine has no answer for ${name}: ask for a JSON Schema, a choice or a regular expression, or give it a server with a model.`,
      )
  const [only = { type: 'text' }, another] = forms
  if (another !== undefined)
    throw new AndonError(
      'invalid',
      `The request demands ${forms.length} forms of its answer at once: leave all but one out.`,
    )
  return only
}

/** vLLM takes a schema also as its text. */
function bySchema(of: string, given: Plain): Form {
  const schema = typeof given === 'string' ? parsed(of, given) : given
  if (schema === true) return { type: 'schema', of, schema: {} }
  if (isSchema(schema)) return { type: 'schema', of, schema }
  throw new AndonError('invalid', `${of} is no JSON Schema: give an object.`)
}

function parsed(of: string, text: string): Plain {
  try {
    return JSON.parse(text) as Plain
  } catch (cause) {
    throw new AndonError('invalid', `${of} is a text that is no JSON.`, { cause })
  }
}

function isSchema(value: Plain): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
