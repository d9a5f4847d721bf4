// Passages that a tool brought: what the house's own tools for reading found joins the numbered sources of the answer.

import type { Plain } from '../../core/plain.ts'
import type { Passage } from '../../core/question.ts'

/** The tools whose passages are passages of the library. Any other could name a document and put words in its mouth. */
const readers: ReadonlySet<string> = new Set(['search_documents', 'read_document'])

/** What a tool returned: its passages, and the rest. */
export interface Returned {
  passages: Passage[]
  /** Undefined when nothing is left beside the passages. */
  rest: Plain | undefined
}

/** Takes the passages out of what a tool returned: those under `passages`, each by itself or under `passage`. */
export function returnedBy(name: string, value: Plain): Returned {
  if (!readers.has(name) || !isFields(value) || !Array.isArray(value['passages'])) return { passages: [], rest: value }
  const { passages: listed, ...rest } = value
  const passages = (listed as readonly Plain[]).flatMap((each) => passageIn(each) ?? [])
  return { passages, rest: Object.keys(rest).length === 0 ? undefined : rest }
}

type Fields = { readonly [key: string]: Plain | undefined }

function passageIn(value: Plain): Passage | undefined {
  if (!isFields(value)) return undefined
  const inner = value['passage']
  const fields = inner !== undefined && isFields(inner) ? inner : value
  return isPassage(fields) ? fields : undefined
}

function isPassage(fields: object): fields is Passage {
  const { id, documentId, documentName, title, collection, text, headings, kind, ordinal, start, end } =
    fields as Partial<Record<keyof Passage, unknown>>
  return (
    [id, documentId, documentName, title, collection, text, kind].every((field) => typeof field === 'string') &&
    [ordinal, start, end].every((field) => Number.isSafeInteger(field)) &&
    Array.isArray(headings) &&
    headings.every((heading) => typeof heading === 'string')
  )
}

function isFields(value: Plain): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
