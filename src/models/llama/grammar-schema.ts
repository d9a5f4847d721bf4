// A JSON Schema made into what the grammar of an answer can say. The grammar is looser than the schema where it has to
// be: it keeps the model on the way, and the answer is checked against the schema itself.

type Schema = Record<string, unknown>

/** Any JSON. */
const anything: Schema = {
  oneOf: [
    { type: ['string', 'number', 'boolean', 'null'] },
    { type: 'array' },
    { type: 'object', additionalProperties: true },
  ],
}

const kinds = new Set(['string', 'number', 'integer', 'boolean', 'null'])
const formats = new Set(['date-time', 'time', 'date'])

/** The schema in node-llama-cpp's words, where every property that is named is written, in the schema's order. */
export function grammarSchema(schema: unknown): object {
  const root = isSchema(schema) ? schema : {}
  const definitions = { ...record(root['definitions']), ...record(root['$defs']) }
  const known = new Set(Object.keys(definitions))
  const made = narrowed(root, known)
  if (known.size === 0) return made
  return {
    ...made,
    $defs: Object.fromEntries(Object.entries(definitions).map(([name, each]) => [name, narrowed(each, known)])),
  }
}

function narrowed(schema: unknown, known: ReadonlySet<string>): Schema {
  if (!isSchema(schema)) return anything
  const { $ref, type, properties, items } = schema
  if (typeof $ref === 'string') {
    const name = /^#\/(?:\$defs|definitions)\/([^/]+)$/.exec($ref)?.[1]
    return name !== undefined && known.has(name) ? { $ref: `#/$defs/${name}` } : anything
  }
  if ('const' in schema) return isLiteral(schema['const']) ? { const: schema['const'] } : anything
  if (Array.isArray(schema['enum'])) return schema['enum'].every(isLiteral) ? { enum: schema['enum'] } : anything
  const choices = schema['oneOf'] ?? schema['anyOf']
  if (Array.isArray(choices) && choices.length > 0) return { oneOf: choices.map((choice) => narrowed(choice, known)) }
  if (type === 'object' || (type === undefined && isSchema(properties))) return object(schema, known)
  if (type === 'array') {
    const first = schema['prefixItems']
    return {
      type,
      ...(isSchema(items) ? { items: narrowed(items, known) } : {}),
      ...(Array.isArray(first) ? { prefixItems: first.map((each) => narrowed(each, known)) } : {}),
      ...numbers(schema, 'minItems', 'maxItems'),
    }
  }
  if (type === 'string') {
    const { format } = schema
    if (typeof format === 'string' && formats.has(format)) return { type, format }
    return { type, ...numbers(schema, 'minLength', 'maxLength') }
  }
  if (typeof type === 'string') return kinds.has(type) ? { type } : anything
  if (!Array.isArray(type)) return anything
  return { oneOf: type.map((each: unknown) => narrowed({ ...schema, type: each }, known)) }
}

/** With all properties, or with those that are required: a model without an answer for the rest need not invent one. */
function object(schema: Schema, known: ReadonlySet<string>): Schema {
  const named = Object.entries(record(schema['properties']))
  const more = schema['additionalProperties']
  if (named.length === 0)
    return {
      type: 'object',
      ...(more === false ? {} : { additionalProperties: isSchema(more) ? narrowed(more, known) : true }),
    }
  const all = named.map(([name, each]) => [name, narrowed(each, known)] as const)
  const required = new Set<unknown>(Array.isArray(schema['required']) ? schema['required'] : [])
  const needed = all.filter(([name]) => required.has(name))
  const whole = { type: 'object', properties: Object.fromEntries(all) }
  if (needed.length === 0 || needed.length === all.length) return whole
  return { oneOf: [whole, { type: 'object', properties: Object.fromEntries(needed) }] }
}

function numbers(schema: Schema, ...names: string[]): Schema {
  return Object.fromEntries(
    names.filter((name) => typeof schema[name] === 'number').map((name) => [name, schema[name]]),
  )
}

function isLiteral(value: unknown): boolean {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value)
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function record(value: unknown): Schema {
  return isSchema(value) ? value : {}
}
