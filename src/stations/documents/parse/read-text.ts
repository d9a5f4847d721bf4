// The text of a file, whatever its encoding.

import { decodeText } from '../../../text/encodings.ts'
import { readBytes } from './parser.ts'
import type { PartBuilder } from './builder.ts'
import type { Source } from './parser.ts'
import { AndonError } from '../../../core/errors.ts'

/** Reads and decodes a file. What was lost in decoding becomes a warning of the part under way. */
export async function readText(
  source: Source,
  builder: PartBuilder,
  signal: AbortSignal,
  declared?: (bytes: Uint8Array) => string | undefined,
): Promise<string> {
  const bytes = await readBytes(source, signal)
  const { text, encoding, replaced } = decodeText(bytes, declared?.(bytes))
  if (!/\S/.test(text.slice(0, 1000)) && text.trim() === '')
    throw new AndonError('invalid', `${source.name} is empty: there is no text in it.`)
  if (encoding !== 'utf-8') builder.property('encoding', encoding)
  if (replaced > 0)
    builder.warn(
      `${replaced} character${replaced === 1 ? '' : 's'} could not be read as ${encoding} and stand as \uFFFD. Save the file as UTF-8 to keep them.`,
    )
  return text
}
