// Grammars for answers in JSON, with what checks them afterwards: made once for each schema, the last ones are kept.

import { Ajv } from 'ajv'
import type { ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { AndonError } from '../../core/errors.ts'
import type { Engine } from './engine.ts'
import { grammarSchema } from './grammar-schema.ts'
import type { Grammar } from './peer.ts'

/** Schemas whose grammars are kept. */
const kept = 32

export interface JsonGrammar {
  readonly grammar: Grammar
  /** What is wrong with an answer, or undefined when nothing is. */
  problem(text: string): string | undefined
}

export class Grammars {
  readonly #engine: Engine
  readonly #bySchema = new Map<string, Promise<JsonGrammar>>()
  #json: Promise<Grammar> | undefined

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** One JSON object, whatever is in it. */
  json(): Promise<Grammar> {
    return (this.#json ??= this.#engine.llama.getGrammarFor('json'))
  }

  /** Throws `invalid` for a schema that cannot be used. */
  of(schema: object): Promise<JsonGrammar> {
    const key = JSON.stringify(schema)
    const known = this.#bySchema.get(key)
    this.#bySchema.delete(key)
    const made = known ?? this.#make(schema)
    this.#bySchema.set(key, made)
    const [oldest] = this.#bySchema.keys()
    if (this.#bySchema.size > kept && oldest !== undefined) this.#bySchema.delete(oldest)
    return made
  }

  async #make(schema: object): Promise<JsonGrammar> {
    const validate = compiled(schema)
    // A schema that no grammar can be made of still gets JSON, and is checked.
    const grammar = await this.#engine.llama.createGrammarForJsonSchema(grammarSchema(schema)).catch(() => this.json())
    return { grammar, problem: (text) => problemIn(text, validate) }
  }
}

function compiled(schema: object): ValidateFunction {
  const version = '$schema' in schema ? String(schema.$schema) : ''
  const options = { strict: false, validateFormats: false, logger: false } as const
  try {
    return version.includes('2020-12') ? new Ajv2020(options).compile(schema) : new Ajv(options).compile(schema)
  } catch (reason) {
    throw new AndonError(
      'invalid',
      `The JSON Schema of the answer cannot be used: ${AndonError.from(reason).sentence}.`,
    )
  }
}

function problemIn(text: string, validate: ValidateFunction): string | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return 'it is no JSON'
  }
  if (validate(value)) return undefined
  const [first] = validate.errors ?? []
  return `${first?.instancePath || 'it'} ${first?.message ?? 'does not fit'}`
}
