// What has to be known of a request's body to pass it on: its model, whether it wants a stream, and about how large its
// prompt is. The bytes are walked once, field by field on the highest level, and never parsed as a whole: a long prompt
// would hold up everybody else.

import { AndonError } from '../../core/errors.ts'
import { isRecord, parsed } from '../../models/failure.ts'

/** Bytes of JSON to a token, roughly: four of text, and the names and braces around it count for what is denser. */
const bytesPerToken = 4

export class AskedBody {
  readonly bytes: Buffer
  readonly model: string | undefined
  readonly stream: boolean
  /** Tokens that the answer may have at most; 0 when the request does not say. */
  readonly maxTokens: number
  /** The bytes of the field that holds the prompt, with its brackets; empty when there is none. */
  readonly prompt: Buffer
  /** Where the model's name stands, with its quotes. */
  readonly #modelAt: Span | undefined

  /** Throws `invalid` when the bytes are no JSON object, as far as they are looked at. */
  constructor(bytes: Buffer) {
    this.bytes = bytes
    const fields = fieldsOf(bytes)
    const valueOf = (name: string): unknown => {
      const span = fields.get(name)
      return span && parsed(bytes.toString('utf8', span.start, span.end))
    }
    const model = valueOf('model')
    this.model = typeof model === 'string' && model !== '' ? model : undefined
    this.#modelAt = this.model === undefined ? undefined : fields.get('model')
    const stream = fields.get('stream')
    // Only true begins with a t.
    this.stream = stream !== undefined && bytes[stream.start] === 116
    const most = valueOf('max_completion_tokens') ?? valueOf('max_tokens')
    this.maxTokens = typeof most === 'number' && most > 0 ? most : 0
    const prompt = fields.get('messages') ?? fields.get('prompt') ?? fields.get('input') ?? fields.get('documents')
    this.prompt = prompt ? bytes.subarray(prompt.start, prompt.end) : bytes.subarray(0, 0)
  }

  /** Tokens of the prompt, roughly. */
  get promptTokens(): number {
    return Math.ceil(this.prompt.length / bytesPerToken)
  }

  /** The same body, asking for the model under another name. Without a change the very same bytes. */
  withModel(name: string | undefined): Buffer {
    if (name === undefined || name === this.model || this.#modelAt === undefined) return this.bytes
    const { start, end } = this.#modelAt
    return Buffer.concat([this.bytes.subarray(0, start), Buffer.from(JSON.stringify(name)), this.bytes.subarray(end)])
  }

  /** The whole body, parsed: for those who have to translate it. Throws `invalid` when it is no JSON. */
  parse(): Record<string, unknown> {
    const value = parsed(this.bytes.toString('utf8'))
    if (!isRecord(value)) throw notJson()
    return value
  }
}

interface Span {
  start: number
  end: number
}

/** The fields whose values are asked for; what the others are called does not matter. */
const wanted = new Set(
  ['model', 'stream', 'max_tokens', 'max_completion_tokens', 'messages', 'prompt', 'input', 'documents'].map((name) =>
    JSON.stringify(name),
  ),
)

const quote = 34
const backslash = 92

/** The values of the wanted fields of an object; of a name that comes twice, the last, as JSON.parse has it. */
function fieldsOf(bytes: Buffer): Map<string, Span> {
  const fields = new Map<string, Span>()
  let at = skipSpace(bytes, bytes[0] === 0xef ? 3 : 0)
  if (bytes[at] !== 123) throw bytes.length === 0 ? emptyBody() : notJson()
  at = skipSpace(bytes, at + 1)
  if (bytes[at] === 125) return closed(bytes, at + 1, fields)
  for (;;) {
    if (bytes[at] !== quote) throw notJson()
    const nameEnd = stringEnd(bytes, at)
    const name = nameOf(bytes, at, nameEnd)
    at = skipSpace(bytes, nameEnd)
    if (bytes[at] !== 58) throw notJson()
    const start = skipSpace(bytes, at + 1)
    const end = valueEnd(bytes, start)
    if (name !== undefined) fields.set(name, { start, end })
    at = skipSpace(bytes, end)
    if (bytes[at] === 125) return closed(bytes, at + 1, fields)
    if (bytes[at] !== 44) throw notJson()
    at = skipSpace(bytes, at + 1)
  }
}

/** Behind the object there is nothing. */
function closed(bytes: Buffer, at: number, fields: Map<string, Span>): Map<string, Span> {
  if (skipSpace(bytes, at) < bytes.length) throw notJson()
  return fields
}

/** The name, when it is one of the wanted. */
function nameOf(bytes: Buffer, start: number, end: number): string | undefined {
  if (end - start > 64) return undefined
  const written = bytes.toString('latin1', start, end)
  if (wanted.has(written)) return written.slice(1, -1)
  if (!written.includes('\\')) return undefined
  const name = parsed(written)
  return typeof name === 'string' && wanted.has(`"${name}"`) ? name : undefined
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

function bracketEnd(bytes: Buffer, start: number): number {
  let depth = 0
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === quote) at = stringEnd(bytes, at) - 1
    else if (byte === 123 || byte === 91) depth++
    else if ((byte === 125 || byte === 93) && --depth === 0) return at + 1
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

function skipSpace(bytes: Buffer, start: number): number {
  let at = start
  while (bytes[at] === 32 || bytes[at] === 10 || bytes[at] === 13 || bytes[at] === 9) at++
  return at
}

function isEnd(byte: number | undefined): boolean {
  return byte === 44 || byte === 125 || byte === 93 || byte === 32 || byte === 10 || byte === 13 || byte === 9
}

function notJson(): AndonError {
  return new AndonError('invalid', 'The body is not valid JSON. Check its quotes and commas.')
}

function emptyBody(): AndonError {
  return new AndonError('invalid', 'The body is empty. Send a JSON object.')
}
