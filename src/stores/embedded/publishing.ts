// From staged passages to a published document: invisible until one transaction puts the whole new edition in the
// place of the old one.

import { AndonError } from '../../core/errors.ts'
import type { DocumentInfo, PreparedPassage } from '../../core/document.ts'
import type { Publication } from '../store.ts'
import { markOrphan } from './accepting.ts'
import type { WriteContext } from './context.ts'
import { writeMetadata } from './describing.ts'
import { documentInfo, documentOf } from './document-rows.ts'
import type { DocumentRow } from './document-rows.ts'
import { dropStaged, endEdition, retiredForMs, sweepRetired } from './editions.ts'
import type { EditionRow } from './editions.ts'
import { endJob } from './job-changes.ts'
import { heldJob } from './job-leases.ts'
import { rowOf, rowRange, rowsPerEdition } from './rows.ts'
import { addTerms, currentSpace, ensureSpace } from './spaces.ts'
import type { TermRow } from './spaces.ts'
import { touchTenant } from './tenants.ts'
import { writeBlocks, writeText } from './texts.ts'

export interface StageInput {
  tenant: string
  documentId: string
  jobId: string
  fence: number
  passages: PreparedPassage[]
}

/** See {@link Library.stage}. What an older fence staged is forgotten first. */
export function stage(context: WriteContext, input: StageInput): void {
  const { db } = context
  const document = loadable(context, input)
  const edition = stagedEdition(context, document, input.jobId, input.fence)
  for (const passage of input.passages) {
    if (!Number.isInteger(passage.ordinal) || passage.ordinal < 0 || passage.ordinal >= rowsPerEdition) {
      throw new AndonError(
        'too-large',
        `${document.name} has a passage numbered ${passage.ordinal}; a document may have ${rowsPerEdition} passages. Split it into several documents.`,
      )
    }
    const row = rowOf(edition, passage.ordinal)
    db.run(
      'INSERT OR REPLACE INTO passages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      row,
      passage.start,
      passage.end,
      passage.kind,
      passage.page,
      passage.pageEnd,
      passage.length,
      JSON.stringify(passage.headings),
      passage.prefix,
      passage.text,
    )
    db.run('INSERT OR REPLACE INTO staged_terms VALUES (?, ?, ?)', row, passage.titleTerms, passage.bodyTerms)
  }
}

/** See {@link Library.publish}. Ends the job as done in the same transaction. */
export function publish(context: WriteContext, publication: Publication): DocumentInfo {
  const { db, now } = context
  const document = loadable(context, publication)
  const edition = stagedEdition(context, document, publication.jobId, publication.fence)
  if (document.edition !== null) endEdition(context, document.edition, 'retire')
  const passages = indexStaged(context, document, edition, publication.analyser)
  writeText(db, edition, publication.text)
  writeBlocks(db, edition, publication.blocks)
  db.run("UPDATE editions SET state = 'published', job = NULL, passages = ? WHERE number = ?", passages, edition)
  if (passages > 0) {
    db.run('INSERT INTO vector_gaps SELECT ? WHERE EXISTS (SELECT 1 FROM generations WHERE wanted = 1)', edition)
  }
  if (document.published_hash !== null && document.published_hash !== document.hash) {
    markOrphan(context, document.published_hash)
  }
  writeMetadata(context, document)
  db.run(
    `UPDATE documents SET edition = ?, version = version + 1, title = ?, passages = ?, pages = ?, warnings = ?,
     published_hash = hash, status = 'ready', reason = NULL, updated_at = ? WHERE number = ?`,
    edition,
    // A title that was given while it was being loaded is not in what was loaded.
    document.given_title ?? publication.title,
    passages,
    publication.pages,
    JSON.stringify(publication.warnings),
    now,
    document.number,
  )
  touchTenant(db, document.tenant)
  endJob(context, publication.jobId, 'done')
  sweepRetired(context, now - retiredForMs, 4)
  const after = documentOf(db, publication.tenant, publication.documentId)
  if (!after) throw new AndonError('internal', `The document ${publication.documentId} vanished while it was published`)
  return documentInfo(after)
}

/** The document, when this lease is the one that may load it. */
function loadable(
  context: WriteContext,
  claim: { tenant: string; documentId: string; jobId: string; fence: number },
): DocumentRow {
  const document = documentOf(context.db, claim.tenant, claim.documentId)
  if (!document) throw new AndonError('not-found', `There is no document ${claim.documentId}`)
  heldJob(context.db, claim.jobId, claim.fence)
  if (document.removed_at !== null || document.job !== claim.jobId) {
    throw new AndonError(
      'conflict',
      `The document ${document.name} was ${document.removed_at === null ? 'replaced' : 'removed'} while it was being loaded: nothing of this attempt is kept`,
    )
  }
  return document
}

/** The edition that this lease is filling, empty when it is a new one. */
function stagedEdition(context: WriteContext, document: DocumentRow, job: string, fence: number): number {
  const { db } = context
  const open = db.get<EditionRow>(
    "SELECT * FROM editions WHERE document = ? AND state = 'staged' AND job = ? AND fence = ?",
    document.number,
    job,
    fence,
  )
  if (open) return open.number
  dropStaged(context, document.number)
  return db.run(
    "INSERT INTO editions (document, tenant, version, state, job, fence) VALUES (?, ?, ?, 'staged', ?, ?)",
    document.number,
    document.tenant,
    document.version + 1,
    job,
    fence,
  ).lastRow
}

/** Moves the staged terms into the space that is searched, and into the one being built beside it. */
function indexStaged(context: WriteContext, document: DocumentRow, edition: number, analyser: string): number {
  const { db } = context
  const [first, last] = rowRange(edition)
  const made = ensureSpace(context, document.tenant, analyser)
  const current = currentSpace(db, document.tenant) ?? made
  const rows = db.all<TermRow>(
    `SELECT s.row, s.title, s.body, p.length FROM staged_terms s JOIN passages p ON p.row = s.row
     WHERE s.row BETWEEN ? AND ? ORDER BY s.row`,
    first,
    last,
  )
  addTerms(context, current.number, edition, last, rows)
  if (made.number !== current.number) addTerms(context, made.number, edition, last, rows)
  db.run('DELETE FROM staged_terms WHERE row BETWEEN ? AND ?', first, last)
  return rows.length
}
