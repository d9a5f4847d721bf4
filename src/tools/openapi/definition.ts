// One operation of a document as the definition of a tool: one flat object of arguments, and how a request is made of it.

import type { Plain } from '../../core/plain.ts'
import type { JsonSchema, ToolTraits } from '../tool.ts'
import { bodyOf } from './body-shape.ts'
import type { DescribedBody } from './body-shape.ts'
import type { ApiDocument, Node } from './document.ts'
import type { Body, BodyField, Operation, Parameter } from './operation.ts'
import { parametersOf } from './parameters.ts'
import type { DescribedParameter } from './parameters.ts'
import { followed, parts } from './pointers.ts'
import { Schemas } from './schemas.ts'

/** An operation as it stands in a document. */
export interface DescribedOperation {
  method: string
  path: string
  item: Node
  node: Node
}

/** Longest description; providers refuse longer ones. */
const longest = 1_000

const fileSchema: JsonSchema = {
  type: 'object',
  properties: {
    base64: { type: 'string', description: 'The bytes, in base64.' },
    mediaType: { type: 'string' },
    filename: { type: 'string' },
  },
  required: ['base64'],
  additionalProperties: false,
}

/** What a tool is shown as, and what its connector is told. */
export function describe(
  document: ApiDocument,
  operation: DescribedOperation,
  credentials: string[],
  taken: (place: Parameter['in'], name: string) => boolean,
): { description: string; input: JsonSchema; traits: ToolTraits; operation: Operation } {
  const { method, path, item, node } = operation
  const { root } = document
  const parameters = parametersOf(root, item, node, taken)
  const body = bodyOf(root, node)
  const schemas = new Schemas(document, 'request')
  const names = argumentNames([...parameters, ...bodyParts(body)])
  const properties: Record<string, Plain> = {}
  const required: string[] = []
  const add = (argument: string, schema: JsonSchema, said: string | undefined, needed: boolean): void => {
    properties[argument] = withDescription(schema, said)
    if (needed) required.push(argument)
  }

  const written = parameters.map((each, index): Parameter => {
    const argument = names[index] ?? each.name
    add(argument, schemas.rewrite(each.schema), each.description, each.required)
    const { name, in: place, style, explode, reserved, json } = each
    return { argument, name, in: place, style, explode, ...(reserved ? { reserved } : {}), ...(json ? { json } : {}) }
  })
  const made = body && bodyWith(body, names.slice(parameters.length), schemas, add)
  const traits = traitsOf(method)
  return {
    description: descriptionOf(operation),
    input: {
      type: 'object',
      properties,
      ...(required.length > 0 ? { required } : {}),
      additionalProperties: false,
      ...schemas.defs,
    },
    traits,
    operation: {
      method,
      path,
      parameters: written,
      ...(made ? { body: made } : {}),
      credentials,
      idempotent: traits.idempotent === true,
    },
  }
}

/** The schema of what comes back as JSON when all is well. */
export function outputOf(document: ApiDocument, { node }: DescribedOperation): JsonSchema | undefined {
  const responses = parts(node['responses']).filter(([status]) => status.startsWith('2'))
  for (const [, response] of responses) {
    for (const [mediaType, media] of parts(followed(document.root, response)['content'])) {
      if (!/^application\/(?:[\w.-]+\+)?json/i.test(mediaType) || media['schema'] === undefined) continue
      const schemas = new Schemas(document, 'response')
      const schema = schemas.rewrite(media['schema'])
      return { ...schema, ...schemas.defs }
    }
  }
  return undefined
}

function bodyParts(body: DescribedBody | undefined): { in: string; name: string }[] {
  if (!body) return []
  return (body.fields ?? [{ name: 'body' }]).map(({ name }) => ({ in: 'body', name }))
}

function bodyWith(
  body: DescribedBody,
  names: readonly string[],
  schemas: Schemas,
  add: (argument: string, schema: JsonSchema, said: string | undefined, needed: boolean) => void,
): Body {
  const { mediaType, kind, required, fields, description } = body
  if (!fields) {
    const argument = names[0] ?? 'body'
    const schema = kind === 'file' ? fileSchema : kind === 'text' ? { type: 'string' } : schemas.rewrite(body.schema)
    add(argument, schema, description, required)
    return { mediaType, kind, argument }
  }
  const made = fields.map((field, index): BodyField => {
    const argument = names[index] ?? field.name
    const { name, style, explode, file, mediaType: own, many, schema, required: needed } = field
    const isFile = file && kind === 'multipart'
    const shown = isFile ? (many ? { type: 'array', items: fileSchema } : fileSchema) : schemas.rewrite(schema)
    add(argument, shown, undefined, needed && required)
    return {
      argument,
      name,
      style,
      explode,
      ...(isFile ? { file } : {}),
      ...(own === undefined ? {} : { mediaType: own }),
    }
  })
  return { mediaType, kind, fields: made, required }
}

/**
 * Names of arguments that providers accept. Of several with the same name the first, of path, query, header, cookie and
 * body in this order, keeps it; the others say where they stand: `query_id`.
 */
function argumentNames(all: readonly (Pick<DescribedParameter, 'name'> & { in: string })[]): string[] {
  const taken = new Set<string>()
  const plain = all.map(({ name }) => name.replaceAll(/[^A-Za-z0-9_.-]+/g, '_').slice(0, 56) || 'value')
  return all.map(({ in: place }, index) => {
    const name = plain[index] ?? 'value'
    let own = taken.has(name) ? `${place}_${name}` : name
    // A later one that is really called so keeps its name.
    for (let again = 2; taken.has(own) || (own !== name && plain.includes(own)); again += 1)
      own = `${place}_${name}_${again}`
    taken.add(own)
    return own
  })
}

function withDescription(schema: JsonSchema, said: string | undefined): JsonSchema {
  if (said === undefined || said.trim() === '') return schema
  const own = schema['description']
  const known = typeof own === 'string' && own !== said ? ` ${own}` : ''
  return { ...schema, description: `${said.trim()}${known}` }
}

function descriptionOf({ method, path, node }: DescribedOperation): string {
  const { summary, description, deprecated } = node
  const said = [summary, description].filter((each): each is string => typeof each === 'string' && each.trim() !== '')
  const text = [...new Set(said.map((each) => each.trim()))].join('\n\n')
  const whole = `${deprecated === true ? 'Deprecated. ' : ''}${text === '' ? `${method} ${path}` : text}`
  return whole.length > longest ? `${whole.slice(0, longest - 1)}…` : whole
}

function traitsOf(method: string): ToolTraits {
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS')
    return { readOnly: true, idempotent: true, network: true }
  if (method === 'PUT') return { idempotent: true, network: true }
  if (method === 'DELETE') return { idempotent: true, destructive: true, network: true }
  return { network: true }
}
