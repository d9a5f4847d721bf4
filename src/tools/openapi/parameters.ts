// The parameters of an operation: those of its path and its own, and how each is written.

import type { Plain } from '../../core/plain.ts'
import type { Node } from './document.ts'
import type { Parameter, Place, Style } from './operation.ts'
import { followed, isNode, parts } from './pointers.ts'

/** A parameter as a document describes it, read. */
export interface DescribedParameter extends Omit<Parameter, 'argument'> {
  required: boolean
  description?: string
  schema: Plain | undefined
}

const order: readonly Place[] = ['path', 'query', 'header', 'cookie']

const styles: Record<Place, Style> = { path: 'simple', query: 'form', header: 'simple', cookie: 'form' }

/** Headers that say how a message travels: nobody's to set. The first three are said elsewhere in a document. */
const notOurs = new Set(
  (
    'accept content-type authorization host connection content-length transfer-encoding upgrade te ' +
    'trailer keep-alive expect cookie proxy-authorization proxy-connection x-andon-budget-ms traceparent'
  ).split(' '),
)

/** By place, then as described; an operation's own counts more than that of its path. `taken` are headers that are set. */
export function parametersOf(
  root: Node,
  item: Node,
  operation: Node,
  taken: (place: Place, name: string) => boolean,
): DescribedParameter[] {
  const found = new Map<string, DescribedParameter>()
  for (const list of [item['parameters'], operation['parameters']]) {
    for (const each of Array.isArray(list) ? (list as Plain[]) : []) {
      const read = readParameter(root, followed(root, each))
      if (read && !taken(read.in, read.name)) found.set(`${read.in} ${read.name}`, read)
    }
  }
  return [...found.values()].sort((one, other) => order.indexOf(one.in) - order.indexOf(other.in))
}

function readParameter(root: Node, described: Node): DescribedParameter | undefined {
  const { name, in: place, required, description, schema, style, explode, allowReserved, content } = described
  if (typeof name !== 'string' || !isPlace(place)) return undefined
  if (place === 'header' && notOurs.has(name.toLowerCase())) return undefined
  const how = isStyle(style) ? style : styles[place]
  const [mediaType, media] = parts(content)[0] ?? []
  return {
    name,
    in: place,
    style: how,
    explode: typeof explode === 'boolean' ? explode : how === 'form' || how === 'deepObject',
    ...(allowReserved === true && place === 'query' ? { reserved: true } : {}),
    ...(mediaType?.includes('json') === true ? { json: true } : {}),
    required: place === 'path' || required === true,
    ...(typeof description === 'string' ? { description } : {}),
    schema: media
      ? followed(root, media)['schema']
      : isNode(schema) || typeof schema === 'boolean'
        ? schema
        : undefined,
  }
}

function isPlace(value: unknown): value is Place {
  return order.includes(value as Place)
}

function isStyle(value: unknown): value is Style {
  return ['simple', 'label', 'matrix', 'form', 'spaceDelimited', 'pipeDelimited', 'deepObject'].includes(String(value))
}
