// Where the values of some fields of a JSON object stand: its bytes are walked once, field by field on the highest level,
// and never parsed as a whole. A long prompt would hold up everybody else.

import { AndonError } from '../../core/errors.ts'
import { parsed } from '../../models/failure.ts'

/** The bytes of a value, quotes and brackets among them. */
export interface Span {
  readonly start: number
  readonly end: number
}

export type Spans<Name extends string> = { [Each in Name]?: Span }

/** Names of fields, to be found as they are usually written without a text being made of every name. */
export class FieldNames<Name extends string> {
  readonly #names: ReadonlySet<string>
  readonly #byLength: { readonly name: Name; readonly bytes: Buffer }[][] = []

  constructor(names: readonly Name[]) {
    this.#names = new Set(names)
    for (const name of names) {
      const bytes = Buffer.from(name)
      ;(this.#byLength[bytes.length] ??= []).push({ name, bytes })
    }
  }

  /** The name that stands between two quotes, when it is one of these. */
  at(bytes: Buffer, start: number, end: number): Name | undefined {
    for (let at = start; at < end; at++) if (bytes[at] === backslash) return this.#escaped(bytes, start, end)
    for (const { name, bytes: wanted } of this.#byLength[end - start] ?? none)
      if (isAt(bytes, start, wanted)) return name
    return undefined
  }

  #escaped(bytes: Buffer, start: number, end: number): Name | undefined {
    const name = parsed(bytes.toString('utf8', start - 1, end + 1))
    return this.#has(name) ? name : undefined
  }

  #has(name: unknown): name is Name {
    return typeof name === 'string' && this.#names.has(name)
  }
}

/**
 * The values of these fields of an object; of a name that comes twice, the last, as JSON.parse has it. Throws `invalid` when
 * the bytes are no JSON object, as far as they are looked at.
 */
export function fieldsOf<Name extends string>(bytes: Buffer, names: FieldNames<Name>): Spans<Name> {
  if (bytes.length === 0) throw new AndonError('invalid', 'The body is empty. Send a JSON object.')
  const fields: Spans<Name> = {}
  const end = walk(bytes, skipSpace(bytes, bytes[0] === 0xef ? 3 : 0), names, fields)
  // Behind the object there is nothing.
  if (skipSpace(bytes, end) < bytes.length) throw notJson()
  return fields
}

/** Returns where the object ends. */
function walk<Name extends string>(bytes: Buffer, start: number, names: FieldNames<Name>, fields: Spans<Name>): number {
  if (bytes[start] !== 123) throw notJson()
  let at = skipSpace(bytes, start + 1)
  if (bytes[at] === 125) return at + 1
  for (;;) {
    if (bytes[at] !== quote) throw notJson()
    const nameEnd = stringEnd(bytes, at)
    // A name that is this long is none of those that are looked for.
    const name = nameEnd - at > 200 ? undefined : names.at(bytes, at + 1, nameEnd - 1)
    at = skipSpace(bytes, nameEnd)
    if (bytes[at] !== 58) throw notJson()
    const from = skipSpace(bytes, at + 1)
    const end = valueEnd(bytes, from)
    if (name !== undefined) fields[name] = { start: from, end }
    at = skipSpace(bytes, end)
    if (bytes[at] === 125) return at + 1
    if (bytes[at] !== 44) throw notJson()
    at = skipSpace(bytes, at + 1)
  }
}

/** What a value says; undefined when it is no JSON, or is not there. */
export function valueAt(bytes: Buffer, span: Span | undefined): unknown {
  return span && parsed(bytes.toString('utf8', span.start, span.end))
}

const quote = 34
const backslash = 92
const none: readonly never[] = []

/** Whether these bytes stand there. */
export function isAt(bytes: Buffer, start: number, wanted: Buffer): boolean {
  for (let place = 0; place < wanted.length; place++) if (bytes[start + place] !== wanted[place]) return false
  return true
}

/** Behind a value of any kind. */
function valueEnd(bytes: Buffer, start: number): number {
  const first = bytes[start]
  if (first === quote) return stringEnd(bytes, start)
  if (first === 123 || first === 91) return bracketEnd(bytes, start)
  let at = start
  // A number or a word ends at a comma, a bracket or a space.
  while (at < bytes.length && !isEnd(bytes[at])) at++
  if (at === start) throw notJson()
  return at
}

/** Behind the bracket that closes this one. Within, only how many there are is looked at. */
function bracketEnd(bytes: Buffer, start: number): number {
  let depth = 0
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === quote) at = stringEnd(bytes, at) - 1
    else if (byte === 123 || byte === 91) depth++
    else if ((byte === 125 || byte === 93) && --depth === 0) {
      // In ASCII a bracket is two before the one that closes it.
      if (byte !== (bytes[start] ?? 0) + 2) break
      return at + 1
    }
  }
  throw notJson()
}

/** Behind the closing quote of the string that begins here. */
function stringEnd(bytes: Buffer, start: number): number {
  let at = start + 1
  for (;;) {
    at = bytes.indexOf(quote, at)
    if (at === -1) throw notJson()
    let before = at - 1
    while (bytes[before] === backslash) before--
    // An even number of backslashes: they escape each other.
    if ((at - 1 - before) % 2 === 0) return at + 1
    at++
  }
}

/** Where something else than a space stands. */
export function skipSpace(bytes: Buffer, start: number): number {
  let at = start
  while (bytes[at] === 32 || bytes[at] === 10 || bytes[at] === 13 || bytes[at] === 9) at++
  return at
}

function isEnd(byte: number | undefined): boolean {
  return byte === 44 || byte === 125 || byte === 93 || byte === 32 || byte === 10 || byte === 13 || byte === 9
}

/** What is said of a body that is none. */
export function notJson(): AndonError {
  return new AndonError('invalid', 'The body is not valid JSON. Check its quotes and commas.')
}
