// One row about a document, and the three ways it can end.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Code } from '../../src/core/errors.ts'
import type { DocumentSource } from '../../src/core/factory.ts'
import type { Row } from './house.ts'

/** A document and what becomes of it. */
export interface DocumentRow extends Row {
  /** `refused`: nothing is kept. `failed`: it is kept with the reason. `loaded`: with a warning, if `says` has words. */
  end: 'refused' | 'failed' | 'loaded'
  code?: Code
  /** Words of the error, the reason or the warning. */
  says: readonly string[]
  /** Words that a question must find in what was loaded. */
  finds?: string
  /** Makes the document; `folder` is empty and the row's own. */
  make: (folder: string) => DocumentSource | Promise<DocumentSource>
  /** Whether this machine and user can try it. */
  possible?: boolean
  /** Given by a user without rights: the superuser may do everything. */
  asNobody?: boolean
}

type Given = Omit<DocumentRow, 'gets' | 'end'>

/** Nothing of it is kept. */
export function refused(code: Code, row: Omit<Given, 'code'>): DocumentRow {
  return { ...row, code, end: 'refused', gets: `refused: ${code}` }
}

/** It is kept, with the reason why it cannot be read. */
export function failed(code: Code, row: Omit<Given, 'code'>): DocumentRow {
  return { ...row, code, end: 'failed', gets: `accepted, then failed with the reason: ${code}` }
}

/** It can be asked about; words to say are those of a warning. */
export function loaded(row: Given): DocumentRow {
  return { ...row, end: 'loaded', gets: row.says.length > 0 ? 'loaded, with a warning' : 'loaded' }
}

/** A document that is a file. */
export async function withFile(folder: string, name: string, bytes: string | Uint8Array): Promise<DocumentSource> {
  const path = join(folder, name)
  await writeFile(path, bytes)
  return { path }
}
