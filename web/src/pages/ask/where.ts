// Where citations stand, in lines, for documents that have no pages: counted once for each document, and kept.

import { signal } from '@preact/signals'
import type { Citation } from '../../../../src/core/question.ts'
import { call } from '../../api/client.ts'

/** Lines by document and span; undefined until they are counted. */
const known = signal<Readonly<Record<string, { from: number; to: number }>>>({})
const asked = new Set<string>()

/** Further into a document lines are not counted: its headings say enough. */
const countable = 400_000

/** The lines of a citation, when they are known; begins to count when they are not. */
export function linesOf(citation: Citation, all: readonly Citation[]): { from: number; to: number } | undefined {
  const found = known.value[keyOf(citation)]
  if (found === undefined && citation.page === undefined) void count(citation.documentId, all)
  return found
}

async function count(documentId: string, all: readonly Citation[]): Promise<void> {
  const wanted = all.filter(
    (each) => each.documentId === documentId && !asked.has(keyOf(each)) && each.end <= countable,
  )
  if (wanted.length === 0) return
  for (const each of wanted) asked.add(keyOf(each))
  const end = Math.max(...wanted.map((each) => each.end))
  try {
    const path = `/v1/documents/${encodeURIComponent(documentId)}/text?start=0&end=${end}`
    const text = await (await call(path, { headers: { accept: 'text/plain' } })).text()
    const lineAt = (offset: number): number => text.slice(0, offset).split('\n').length
    const lines = wanted
      // Of a document that changed since, lines would be of something else.
      .filter((each) => text.slice(each.start, each.end) === each.quote)
      .map((each) => [keyOf(each), { from: lineAt(each.start), to: lineAt(each.end) }])
    known.value = { ...known.value, ...Object.fromEntries(lines) }
  } catch {
    // Deleted, or not reachable now: the source says so when it is opened.
  }
}

function keyOf({ passageId, start, end }: Citation): string {
  return `${passageId} ${start} ${end}`
}
