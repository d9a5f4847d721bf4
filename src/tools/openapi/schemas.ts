// Schemas of a document as JSON Schema that stands alone: what they refer to is kept once under $defs, so that they stay
// short and may refer to themselves; the words of OpenAPI 3.0 are said as JSON Schema says them.

import type { Plain } from '../../core/plain.ts'
import type { JsonSchema } from '../tool.ts'
import type { ApiDocument, Node } from './document.ts'
import { isNode, nodes, parts, pointed, wordsOf } from './pointers.ts'

/** Which side of an exchange: what is `readOnly` is not asked for, what is `writeOnly` does not come back. */
export type Side = 'request' | 'response'

const withSchema = ['items', 'additionalProperties', 'not', 'if', 'then', 'else', 'contains', 'propertyNames']
const withMoreSchema = ['unevaluatedItems', 'unevaluatedProperties', 'contentSchema', 'additionalItems']
const single = new Set([...withSchema, ...withMoreSchema])
const lists = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems'])
const maps = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'])

/** What models do not need, or what would mean something else in a schema that stands alone. */
const leftOut = new Set(
  (
    'xml externalDocs discriminator nullable readOnly writeOnly deprecated example default ' +
    '$schema $id $anchor $dynamicAnchor $dynamicRef $comment $vocabulary'
  ).split(' '),
)

/** Characters of a default or an example that are told. */
const mostTold = 80

/** Rewrites schemas of one tool, and collects what they refer to. */
export class Schemas {
  readonly #document: ApiDocument
  readonly #side: Side
  readonly #names = new Map<string, string>()
  readonly #defs: Record<string, Plain> = {}

  constructor(document: ApiDocument, side: Side) {
    this.#document = document
    this.#side = side
  }

  /** What has been referred to so far. */
  get defs(): { $defs?: Plain } {
    return Object.keys(this.#defs).length > 0 ? { $defs: this.#defs } : {}
  }

  /** A schema that stands with the rest under {@link defs}. `hidden` are properties that are not of this side. */
  rewrite(schema: Plain | undefined, hidden: ReadonlySet<string> = new Set()): JsonSchema {
    if (!isNode(schema)) return schema === false ? { not: {} } : {}
    const { $ref } = schema
    if (typeof $ref === 'string' && this.#document.old) return { $ref: this.#define($ref) }
    const outside = new Set([...hidden, ...this.#hidden(schema)])
    const made: Record<string, Plain> = {}
    for (const [word, value] of Object.entries(schema)) {
      if (
        value === undefined ||
        word.startsWith('x-') ||
        (leftOut.has(word) && !(word === 'id' && !this.#document.old))
      )
        continue
      if (word === '$ref' && typeof value === 'string') made['$ref'] = this.#define(value)
      else if (single.has(word)) made[word] = typeof value === 'boolean' ? value : this.rewrite(value)
      else if (lists.has(word) && Array.isArray(value)) {
        made[word] = value.map((each) => this.rewrite(each as Plain, word === 'allOf' ? outside : undefined))
      } else if (maps.has(word)) made[word] = this.#map(value, word === 'properties' ? outside : new Set())
      else if (word === 'required' && Array.isArray(value)) {
        const left = value.filter((name) => typeof name === 'string' && !outside.has(name))
        if (left.length > 0) made['required'] = left
      } else made[word] = value
    }
    if (this.#document.old) sayAnew(schema, made)
    tell(schema, made)
    return made
  }

  #map(value: Plain, outside: ReadonlySet<string>): Plain {
    const made: Record<string, Plain> = {}
    for (const [name, each] of Object.entries(isNode(value) ? value : {})) {
      if (outside.has(name)) continue
      made[name] = typeof each === 'boolean' ? each : this.rewrite(each)
    }
    return made
  }

  /** Names of properties that do not go to this side, also of what it is composed of. */
  #hidden(schema: Node, depth = 0): Set<string> {
    const mark = this.#side === 'request' ? 'readOnly' : 'writeOnly'
    const names = new Set<string>()
    if (depth > 10) return names
    for (const [name, property] of parts(schema['properties'])) {
      if (this.#looked(property)[mark] === true) names.add(name)
    }
    for (const each of nodes(schema['allOf']))
      for (const name of this.#hidden(this.#looked(each), depth + 1)) names.add(name)
    return names
  }

  /** What a schema is, its references followed; one that leads nowhere is told when it is defined. */
  #looked(schema: Node): Node {
    let node = schema
    for (let step = 0; step < 20 && typeof node['$ref'] === 'string'; step += 1) {
      const next = pointed(this.#document.root, node['$ref'])
      if (!isNode(next)) return node
      node = { ...next, ...(this.#document.old ? {} : without(node, '$ref')) }
    }
    return node
  }

  #define($ref: string): string {
    let name = this.#names.get($ref)
    if (name === undefined) {
      const target = pointed(this.#document.root, $ref)
      name = this.#nameFor($ref)
      this.#names.set($ref, name)
      // Its place is taken before it is made, so that it may refer to itself.
      this.#defs[name] = {}
      this.#defs[name] = typeof target === 'boolean' ? target : this.rewrite(target)
    }
    return `#/$defs/${name}`
  }

  #nameFor($ref: string): string {
    const last = wordsOf($ref).at(-1) ?? ''
    const plain = last.replaceAll(/[^A-Za-z0-9_]+/g, '_').slice(0, 60) || 'schema'
    let name = plain
    for (let again = 2; Object.hasOwn(this.#defs, name) || name === '__proto__'; again += 1) name = `${plain}_${again}`
    return name
  }
}

function without(node: Node, word: string): Node {
  const { [word]: _, ...rest } = node
  return rest
}

/** What OpenAPI 3.0 says in words of its own. */
function sayAnew(schema: Node, made: Record<string, Plain>): void {
  for (const [bound, exclusive] of [
    ['minimum', 'exclusiveMinimum'],
    ['maximum', 'exclusiveMaximum'],
  ] as const) {
    if (typeof made[exclusive] !== 'boolean') continue
    const beyond = made[exclusive]
    delete made[exclusive]
    const value = made[bound]
    if (!beyond || value === undefined) continue
    made[exclusive] = value
    delete made[bound]
  }
  if (schema['nullable'] !== true) return
  const { type } = made
  if (Array.isArray(made['enum']) && !made['enum'].includes(null)) made['enum'] = [...(made['enum'] as Plain[]), null]
  if (typeof type === 'string') made['type'] = [type, 'null']
  else if (['allOf', 'anyOf', 'oneOf'].some((word) => word in made)) {
    const { description, ...rest } = made
    for (const word of Object.keys(made)) delete made[word]
    made['anyOf'] = [rest, { type: 'null' }]
    if (description !== undefined) made['description'] = description
  }
}

/** Defaults are told and not filled in: a change of one field must not reset the others. An example helps a model. */
function tell(schema: Node, made: Record<string, Plain>): void {
  const said: string[] = []
  const fallback = JSON.stringify(schema['default'])
  if (fallback !== undefined && fallback.length <= mostTold) said.push(`Default: ${fallback}.`)
  const example = JSON.stringify(schema['example'])
  if (example !== undefined && example.length <= mostTold) said.push(`Example: ${example}.`)
  if (schema['deprecated'] === true) said.push('Deprecated.')
  if (said.length === 0) return
  const { description } = made
  made['description'] = [...(typeof description === 'string' && description !== '' ? [description] : []), ...said].join(
    ' ',
  )
}
