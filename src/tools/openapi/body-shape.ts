// What the body of an operation is made of: its properties as arguments of their own where it is a plain object, else one
// argument for the whole.

import type { Plain } from '../../core/plain.ts'
import type { Node } from './document.ts'
import type { BodyField, Style } from './operation.ts'
import { followed, isNode, nodes, parts, pointed } from './pointers.ts'

/** A body as a document describes it, read. */
export interface DescribedBody {
  mediaType: string
  kind: 'json' | 'form' | 'multipart' | 'text' | 'file'
  required: boolean
  description?: string
  schema: Plain | undefined
  /** Absent when it is one argument. */
  fields?: (Omit<BodyField, 'argument'> & { schema: Plain; required: boolean; many: boolean })[]
}

/** What may stand beside properties without saying anything about the object as a whole. */
const harmless = new Set(
  (
    'type properties required allOf title description example examples xml externalDocs $ref $schema $id ' +
    '$comment deprecated default readOnly writeOnly additionalProperties'
  ).split(' '),
)

/** Reads the body of an operation; JSON rather than a form, a form rather than text or bytes. */
export function bodyOf(root: Node, operation: Node): DescribedBody | undefined {
  if (operation['requestBody'] === undefined) return undefined
  const described = followed(root, operation['requestBody'])
  const ways = parts(described['content']).map(([mediaType, media]) => ({
    mediaType: mediaType.split(';', 1)[0]?.trim().toLowerCase() ?? '',
    media: followed(root, media),
  }))
  const ranked = ways.map((way) => ({ ...way, kind: kindOf(way.mediaType) }))
  const rank = ['json', 'form', 'multipart', 'text', 'file'] as const
  const [best] = ranked.sort((one, other) => rank.indexOf(one.kind) - rank.indexOf(other.kind))
  if (!best) return undefined
  const { kind, media } = best
  const { schema, encoding } = media
  const required = described['required'] === true
  const fields = kind === 'text' || kind === 'file' ? undefined : fieldsOf(root, schema, encoding)
  // Left out as a whole, it would not have what it must have.
  const whole = kind === 'json' && !required && fields?.some((field) => field.required) === true
  const { description } = described
  return {
    mediaType: best.mediaType.includes('*')
      ? kind === 'json'
        ? 'application/json'
        : 'application/octet-stream'
      : best.mediaType,
    kind,
    required,
    ...(typeof description === 'string' ? { description } : {}),
    schema,
    ...(fields && !whole ? { fields } : {}),
  }
}

function kindOf(mediaType: string): DescribedBody['kind'] {
  if (mediaType === 'application/json' || mediaType.endsWith('+json') || mediaType === '*/*') return 'json'
  if (mediaType === 'application/x-www-form-urlencoded') return 'form'
  if (mediaType === 'multipart/form-data') return 'multipart'
  return mediaType.startsWith('text/') || mediaType.endsWith('xml') || mediaType.endsWith('yaml') ? 'text' : 'file'
}

function fieldsOf(root: Node, schema: Plain | undefined, encoding: Plain | undefined): DescribedBody['fields'] {
  const shape = shapeOf(root, schema, 0)
  if (!shape || shape.properties.size === 0) return undefined
  const said = new Map(parts(encoding))
  return Array.from(shape.properties, ([name, property]) => {
    const { contentType, style, explode } = said.get(name) ?? {}
    const how = (typeof style === 'string' ? style : 'form') as Style
    const resolved = resolvedOf(root, property)
    const items = resolved['type'] === 'array' ? resolvedOf(root, resolved['items']) : undefined
    return {
      name,
      schema: property,
      required: shape.required.has(name),
      many: items !== undefined,
      style: how,
      explode: typeof explode === 'boolean' ? explode : how === 'form',
      ...(isBytes(items ?? resolved) ? { file: true as const } : {}),
      ...(typeof contentType === 'string' ? { mediaType: contentType.split(',', 1)[0]?.trim() ?? contentType } : {}),
    }
  })
}

interface Shape {
  properties: Map<string, Plain>
  required: Set<string>
}

/** The properties of a plain object, or of several of which it is composed; undefined for anything else. */
function shapeOf(root: Node, schema: Plain | undefined, depth: number): Shape | undefined {
  if (depth > 10) return undefined
  const node = resolvedOf(root, schema)
  const { type, properties, required, allOf, additionalProperties } = node
  const words = Object.keys(node).filter((word) => !word.startsWith('x-'))
  if (words.some((word) => !harmless.has(word))) return undefined
  if (additionalProperties !== undefined && additionalProperties !== false) return undefined
  if (type !== undefined && type !== 'object') return undefined
  if (type === undefined && properties === undefined && allOf === undefined) return undefined
  const shape: Shape = {
    properties: new Map(),
    required: new Set(Array.isArray(required) ? required.filter((name) => typeof name === 'string') : []),
  }
  for (const each of nodes(allOf)) {
    const part = shapeOf(root, each, depth + 1)
    if (!part) return undefined
    for (const [name, property] of part.properties) {
      // Two that say something about the same property say it together only as they stand.
      if (shape.properties.has(name)) return undefined
      shape.properties.set(name, property)
    }
    for (const name of part.required) shape.required.add(name)
  }
  for (const [name, property] of Object.entries(isNode(properties) ? properties : {})) {
    if (property === undefined) continue
    if (shape.properties.has(name)) return undefined
    if (resolvedOf(root, property)['readOnly'] !== true) shape.properties.set(name, property)
  }
  for (const name of shape.required) if (!shape.properties.has(name)) shape.required.delete(name)
  return shape
}

function resolvedOf(root: Node, schema: Plain | undefined): Node {
  let node: Plain | undefined = schema
  for (let step = 0; step < 20; step += 1) {
    if (!isNode(node)) return {}
    if (typeof node['$ref'] !== 'string') return node
    const { $ref, ...beside } = node
    const next = pointed(root, $ref)
    node = isNode(next) ? { ...next, ...beside } : next
  }
  return {}
}

function isBytes({ type, format, contentMediaType, contentEncoding }: Node): boolean {
  if (type !== undefined && type !== 'string') return false
  return format === 'binary' || (contentMediaType !== undefined && contentEncoding === undefined)
}
