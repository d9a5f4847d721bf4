// Tokens as a model's own tokenizer.json counts them, which comes with every open model.

import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { AndonError } from '../core/errors.ts'
import type { Call } from '../core/station.ts'
import { isRecord, parsed } from '../models/failure.ts'
import type { Countable, TokenCounter } from './counter.ts'
import { tokensAround, wordsOf } from './messages.ts'
import { countPieces } from './pieces.ts'

/**
 * Reads `file`, and the tokenizer_config.json beside it when there is one. Throws `invalid` when it is no tokenizer, with
 * its path.
 */
export async function openTokenizerFile(file: string): Promise<TokenCounter> {
  const tokenizer = await read(file)
  if (!isRecord(tokenizer) || !isRecord(tokenizer['model']))
    throw new AndonError('invalid', `${file} is no tokenizer: give the tokenizer.json of a model.`)
  const settings = await read(join(dirname(file), 'tokenizer_config.json')).catch(() => undefined)
  const { Tokenizer } = await import('@huggingface/tokenizers')
  try {
    const encoder = new Tokenizer(tokenizer, isRecord(settings) ? settings : {})
    return new FileCounter(file, (text) => encoder.encode(text, { add_special_tokens: false }).ids.length)
  } catch (reason) {
    const { message } = AndonError.from(reason)
    throw new AndonError('invalid', `${file} is a tokenizer of a kind that is not known: ${message}`, { cause: reason })
  }
}

class FileCounter implements TokenCounter {
  readonly name: string
  readonly exact = true
  readonly #tokens: (text: string) => number

  constructor(name: string, tokens: (text: string) => number) {
    this.name = name
    this.#tokens = tokens
  }

  async count(input: Countable, call: Call): Promise<number> {
    return (await countPieces(wordsOf(input), this.#tokens, call)) + tokensAround(input)
  }
}

async function read(file: string): Promise<unknown> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (reason) {
    throw new AndonError('invalid', `${file} cannot be read: give the path of a tokenizer.json.`, { cause: reason })
  }
  return parsed(text)
}
