// Where passages that may be cited stand: a passage over several pages or sections is cited by the place of its sentence.

import type { Passage } from '../core/question.ts'
import type { Call } from '../core/station.ts'
import type { Places } from '../stations/citation.ts'
import type { Library } from '../stores/store.ts'

/** Looks up, at once, the places of passages that may have several. A store that fails knows none. */
export async function placesOf(
  passages: readonly Passage[],
  call: Call,
  library: Pick<Library, 'places'>,
): Promise<Places> {
  const wanted = passages.filter(({ text, pageEnd }) => pageEnd !== undefined || text.includes('\n'))
  if (wanted.length === 0) return new Map()
  try {
    const spans = wanted.map(({ id, start, end }) => ({ id, start, end }))
    const places = await library.places(call.tenant, spans)
    return new Map(wanted.map(({ id }, at) => [id, places[at] ?? []]))
  } catch {
    // The passages' own pages and headings are good enough for an answer.
    call.signal.throwIfAborted()
    return new Map()
  }
}
