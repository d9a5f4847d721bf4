// The station that makes the search terms of stored passages anew, for an analyser whose rules have changed. It
// computes, so it runs in a thread.

import { throwIfOver } from '../../core/call.ts'
import type { Call, Station } from '../../core/station.ts'
import type { PassageTerms, PassageToAnalyse } from '../../stores/store.ts'
import { prepare } from './prepare.ts'

/** Gives the station. It holds nothing. */
export function open(): Station<PassageToAnalyse[], PassageTerms[]> {
  return {
    name: 'terms',
    async *run(passages: PassageToAnalyse[], call: Call) {
      throwIfOver(call)
      yield passages.map(({ rowId, title, headings, prefix, text }) => {
        const split = {
          start: 0,
          end: text.length,
          headings,
          kind: 'paragraph' as const,
          ...(prefix === undefined ? {} : { prefix }),
        }
        const { titleTerms, bodyTerms, length } = prepare(text, title, split, 0)
        return { rowId, titleTerms, bodyTerms, length }
      })
    },
  }
}
