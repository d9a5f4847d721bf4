// Every table of bad inputs under its heading, as docs/bad-inputs.md shows them.

import { argumentRows } from './argument-rows.ts'
import { chatRows } from './chat-rows.ts'
import { documentRows } from './document-rows.ts'
import type { Row } from './house.ts'
import { idTable, noIds, sessionRow } from './id-rows.ts'
import { nameRows } from './name-rows.ts'
import { pathRows } from './path-rows.ts'
import { questionRows, searchRows } from './question-rows.ts'
import { leavingRows, requestRows } from './request-rows.ts'

/** Rows under one heading. */
export interface Table {
  title: string
  /** The file whose tests are named after the rows. */
  test: string
  rows: readonly Row[]
}

export const tables: readonly Table[] = [
  { title: 'Documents', test: 'documents.test.ts', rows: [...documentRows, ...pathRows] },
  { title: 'Names and what else is said about a document', test: 'names.test.ts', rows: nameRows },
  { title: 'Questions and searches', test: 'questions.test.ts', rows: [...questionRows, ...searchRows] },
  { title: 'Unknown ids and other tenants’ ids', test: 'ids.test.ts', rows: [...idTable, sessionRow, ...noIds] },
  { title: 'Arguments of the library', test: 'ids.test.ts', rows: argumentRows },
  { title: 'Requests over HTTP', test: 'requests.test.ts', rows: [...requestRows, ...Object.values(leavingRows)] },
  { title: 'Chat requests in OpenAI’s format', test: 'chat.test.ts', rows: chatRows },
]

/** A table as it stands in the documentation. */
export function markdownOf(table: Table): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|')
  const lines = table.rows.map(({ given, gets }) => `| ${cell(given)} | ${cell(gets)} |`)
  return `## ${table.title}\n\nTested by test/bad-inputs/${table.test}.\n\n| what is given | what you get |\n|---|---|\n${lines.join('\n')}\n`
}
