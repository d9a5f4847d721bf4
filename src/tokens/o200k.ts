// Tokens as OpenAI's models since GPT-4o count them. Its vocabulary is read when the first text is counted.

import type { Call } from '../core/station.ts'
import type { Countable, TokenCounter } from './counter.ts'
import { tokensAround, wordsOf } from './messages.ts'
import { countPieces } from './pieces.ts'

type Encoding = typeof import('gpt-tokenizer/encoding/o200k_base')

let encoding: Promise<Encoding> | undefined

/** Words that look like control tokens are counted as the words they are. */
const plain = { disallowedSpecial: new Set<string>() }

export class O200kCounter implements TokenCounter {
  readonly name = 'o200k'
  readonly exact = true

  async count(input: Countable, call: Call): Promise<number> {
    encoding ??= import('gpt-tokenizer/encoding/o200k_base')
    const { countTokens } = await encoding
    return (await countPieces(wordsOf(input), (piece) => countTokens(piece, plain), call)) + tokensAround(input)
  }
}
