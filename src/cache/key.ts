// From arguments to a key: a canonical text in which every string carries its length, and its SHA-256. Two arguments
// have one key only when they mean the same; what has no such text is refused instead of colliding.

import { hash } from 'node:crypto'
import { AndonError } from '../core/errors.ts'

/** Deeper than this is taken for a circle. */
const deepest = 200

/**
 * The key of some arguments: 43 characters, the SHA-256 of {@link canonical} in base64url.
 * Throws `invalid` for what has no canonical text.
 */
export function keyOf(args: unknown): string {
  return hashed(canonical(args))
}

/**
 * SHA-256 of a canonical text in base64url: of its ASCII, or of its UTF-16 where it has other letters, which costs a
 * third of making UTF-8 of them. No text of the one has the bytes of one of the other: a canonical text has no NUL in the
 * second place.
 */
export function hashed(text: string): string {
  const ascii = Buffer.byteLength(text) === text.length
  return hash('sha256', ascii ? text : Buffer.from(text, 'utf16le'), 'base64url')
}

/**
 * The canonical text. Equal: objects whose properties stand in another order, and a missing property and one that is
 * `undefined` (an AbortSignal counts as `undefined`). Different: everything else that differs, also `-0` and `0`, `1n`
 * and `1`, a date and its text, `[undefined]` and `[null]`, typed arrays of other types. Maps and sets have no order.
 * Refused with `invalid`: functions, symbols, instances of classes, circles, strings with half a surrogate pair.
 */
export function canonical(value: unknown): string {
  return write(value, 0)
}

function write(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'string':
      if (!value.isWellFormed()) throw refused('a string with half a surrogate pair')
      return `s${value.length}:${value}`
    case 'number':
      return Object.is(value, -0) ? 'n-0;' : `n${value};`
    case 'boolean':
      return value ? 't' : 'f'
    case 'undefined':
      return 'u'
    case 'bigint':
      return `b${value};`
    case 'object':
      return value === null ? 'z' : writeObject(value, depth + 1)
    default:
      throw refused(`a ${typeof value}`)
  }
}

function writeObject(value: object, depth: number): string {
  if (depth > deepest) throw refused('a circle, or more than 200 levels')
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Array.prototype && Array.isArray(value)) {
    let text = `a${value.length}[`
    for (let at = 0; at < value.length; at++) text += write(value[at], depth)
    return text
  }
  if (prototype === Object.prototype || prototype === null) return writePlain(value, depth)
  if (value instanceof AbortSignal) return 'u'
  if (value instanceof Date && prototype === Date.prototype) return `d${value.getTime()};`
  if (value instanceof Map && prototype === Map.prototype)
    return sorted(
      'm',
      Array.from(value, ([key, held]) => write(key, depth) + write(held, depth)),
    )
  if (value instanceof Set && prototype === Set.prototype)
    return sorted(
      'e',
      Array.from(value, (held) => write(held, depth)),
    )
  if (ArrayBuffer.isView(value)) {
    const { buffer, byteOffset, byteLength } = value
    return `y${value.constructor.name}:${hash('sha256', new Uint8Array(buffer, byteOffset, byteLength), 'base64url')}`
  }
  if (value instanceof ArrayBuffer) return `yArrayBuffer:${hash('sha256', new Uint8Array(value), 'base64url')}`
  throw refused(`an instance of ${value.constructor?.name || 'a class'}`)
}

function writePlain(value: object, depth: number): string {
  if (Object.getOwnPropertySymbols(value).length > 0) throw refused('an object with a symbol for a property')
  let count = 0
  let text = ''
  const entries = value as Record<string, unknown>
  for (const key of Object.keys(value).sort()) {
    const held = entries[key]
    if (held === undefined || held instanceof AbortSignal) continue
    count++
    text += write(key, depth) + write(held, depth)
  }
  return `o${count}{${text}`
}

/** Length-prefixed, so that no two lists of parts make one text. */
function sorted(tag: string, parts: string[]): string {
  let text = `${tag}${parts.length}{`
  for (const part of parts.sort()) text += `${part.length}:${part}`
  return text
}

function refused(what: string): AndonError {
  return new AndonError('invalid', `The arguments hold ${what}, of which no key can be made: give the option "key"`)
}
