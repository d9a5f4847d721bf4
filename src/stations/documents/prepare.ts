// The station between parser and store: a document's text becomes passages with their search terms, a few at a time.
// It computes, so it runs in a thread.

import type { Block, PreparedPassage } from '../../core/document.ts'
import { throwIfOver } from '../../core/call.ts'
import type { Call, Station } from '../../core/station.ts'
import { analyse } from '../../text/analyse.ts'
import { split } from './split.ts'
import type { Split, SplitOptions } from './split.ts'

export interface PrepareInput extends SplitOptions {
  /** The stored plain text. */
  text: string
  blocks: Block[]
  title: string
}

/** Passages in one item at most. */
const batchSize = 64

/** Gives the station. It holds nothing. */
export function open(): Prepare {
  return new Prepare()
}

/** Splits and analyses a document; yields its passages in order, at most 64 at once. */
export class Prepare implements Station<PrepareInput, PreparedPassage[]> {
  readonly name = 'prepare'

  async *run({ text, blocks, title, ...options }: PrepareInput, call: Call): AsyncGenerator<PreparedPassage[]> {
    const splits = split(text, blocks, options)
    for (let first = 0; first < splits.length; first += batchSize) {
      throwIfOver(call)
      yield splits.slice(first, first + batchSize).map((one, index) => prepare(text, title, one, first + index))
      // A timer's turn, so that a cancellation that has arrived is seen before the next batch.
      await new Promise(setImmediate)
    }
  }
}

/** One passage with its terms. */
export function prepare(text: string, title: string, one: Split, ordinal: number): PreparedPassage {
  const slice = text.slice(one.start, one.end)
  const titleTerms = termsOf([title, ...one.headings].join('\n'))
  const bodyTerms = termsOf(one.prefix === undefined ? slice : `${one.prefix}\n${slice}`)
  return {
    ...one,
    ordinal,
    text: slice,
    titleTerms: titleTerms.join(' '),
    bodyTerms: bodyTerms.join(' '),
    length: titleTerms.length + bodyTerms.length,
  }
}

function termsOf(text: string): string[] {
  return analyse(text).map((token) => token.term)
}
