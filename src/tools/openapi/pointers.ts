// Follows references inside a document.

import { AndonError } from '../../core/errors.ts'
import type { Plain } from '../../core/plain.ts'
import type { Node } from './document.ts'

/** What may lie between a reference and what it means in the end. */
const mostSteps = 50

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A list of what is an object in it. */
export function nodes(value: unknown): Node[] {
  return Array.isArray(value) ? value.filter(isNode) : []
}

/** The named parts of an object. */
export function parts(value: unknown): [string, Node][] {
  return isNode(value) ? Object.entries(value).filter((entry): entry is [string, Node] => isNode(entry[1])) : []
}

/** What a part is in the end; fails with `invalid` when a reference leads nowhere, or around. */
export function followed(root: Node, part: Plain | undefined, steps = mostSteps): Node {
  let node = part
  for (let left = steps; left > 0; left -= 1) {
    if (!isNode(node)) throw new AndonError('invalid', `The OpenAPI document has ${JSON.stringify(node)} for an object`)
    const { $ref } = node
    if (typeof $ref !== 'string') return node
    node = pointed(root, $ref, left - 1)
  }
  throw new AndonError('invalid', 'The OpenAPI document has references that lead to one another without end')
}

/** What stands at a pointer, such as `#/components/schemas/Pet`; the way there may lead through references. */
export function pointed(root: Node, $ref: string, steps = mostSteps): Plain {
  let value: Plain | undefined = $ref.startsWith('#') ? root : undefined
  for (const word of wordsOf($ref)) {
    if (isNode(value) && typeof value['$ref'] === 'string' && !Object.hasOwn(value, word)) {
      value = followed(root, value, steps - 1)
    }
    if (isNode(value)) value = Object.hasOwn(value, word) ? value[word] : undefined
    else value = Array.isArray(value) ? (value as Plain[])[Number(word)] : undefined
  }
  if (value === undefined) {
    throw new AndonError('invalid', `The OpenAPI document refers to ${$ref.slice(0, 200)}, and there is nothing there`)
  }
  return value
}

/** The words of a pointer. */
export function wordsOf($ref: string): string[] {
  let pointer = $ref.slice($ref.indexOf('#') + 1)
  try {
    pointer = decodeURIComponent(pointer)
  } catch {
    // A name with a percent sign that was not escaped.
  }
  return pointer === ''
    ? []
    : pointer
        .split('/')
        .slice(1)
        .map((word) => word.replaceAll('~1', '/').replaceAll('~0', '~'))
}
