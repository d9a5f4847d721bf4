// What has to be known of a request's body to pass it on: its model, whether it wants a stream, and about how large its
// prompt is.

import { isRecord, parsed } from '../../models/failure.ts'
import { blockCharacters, prefixOf } from '../prefix.ts'
import { FieldNames, fieldsOf, notJson, valueAt, type Span } from './json-fields.ts'

/** Bytes of JSON to a token, roughly: four of text, and the names and braces around it count for what is denser. */
const bytesPerToken = 4

/** The estimate may be too high by so much. */
const certain = 0.75
/** A shorter prompt is taken for text, whatever it holds. Bytes. */
const mostWithoutMedia = 4_096
/** At so many places of a longer one it is looked whether so many bytes in a row are base64. */
const places = 16
const run = 64

const names = new FieldNames([
  'model',
  'stream',
  'max_tokens',
  'max_completion_tokens',
  'max_output_tokens',
  'messages',
  'prompt',
  'input',
  'documents',
])

export class AskedBody {
  readonly bytes: Buffer
  readonly model: string | undefined
  readonly stream: boolean
  /** Tokens that the answer may have at most; 0 when the request does not say. */
  readonly maxTokens: number
  /** Where the field stands that holds the prompt, with its brackets. */
  readonly #promptAt: Span
  /** Where the model's name stands, with its quotes. */
  readonly #modelAt: Span | undefined

  /** Throws `invalid` when the bytes are no JSON object, as far as they are looked at. */
  constructor(bytes: Buffer) {
    this.bytes = bytes
    const fields = fieldsOf(bytes, names)
    const model = valueAt(bytes, fields.model)
    this.model = typeof model === 'string' && model !== '' ? model : undefined
    this.#modelAt = this.model === undefined ? undefined : fields.model
    // Only true begins with a t.
    this.stream = fields.stream !== undefined && bytes[fields.stream.start] === 116
    const { max_completion_tokens, max_tokens, max_output_tokens } = fields
    const most =
      valueAt(bytes, max_completion_tokens) ?? valueAt(bytes, max_tokens) ?? valueAt(bytes, max_output_tokens)
    this.maxTokens = typeof most === 'number' && most > 0 ? most : 0
    this.#promptAt = fields.messages ?? fields.input ?? fields.prompt ?? fields.documents ?? nowhere
  }

  /** Tokens of the prompt, roughly. */
  get promptTokens(): number {
    const { start, end } = this.#promptAt
    return Math.ceil((end - start) / bytesPerToken)
  }

  /**
   * Tokens of prompt and answer together: fewer than they will be rather than more. Of pictures and sounds, which are more
   * bytes than tokens, nothing is known: 0.
   */
  get likelyTokens(): number {
    const { start, end } = this.#promptAt
    if (end - start > mostWithoutMedia && holdsMedia(this.bytes, start, end)) return 0
    return Math.ceil(this.promptTokens * certain) + this.maxTokens
  }

  /** The beginnings of the prompt, for caches: see prefix.ts. */
  get prefix(): readonly number[] {
    const { start, end } = this.#promptAt
    return end - start < blockCharacters ? [] : prefixOf(this.bytes.subarray(start, end))
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

/** Whether a large part of it is no text: pictures and sounds come in base64, and no language has words so long. */
function holdsMedia(bytes: Buffer, start: number, end: number): boolean {
  const step = Math.floor((end - start) / (places + 1))
  for (let at = start + step; at + run < end; at += step) {
    let place = 0
    while (place < run && isBase64(bytes[at + place] ?? 0)) place++
    if (place === run) return true
  }
  return false
}

function isBase64(byte: number): boolean {
  const letter = byte | 32
  return (letter >= 97 && letter <= 122) || (byte >= 47 && byte <= 57) || byte === 43
}

const nowhere: Span = { start: 0, end: 0 }
