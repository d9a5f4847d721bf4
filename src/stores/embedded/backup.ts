// A backup is a data directory of one moment: the database first, then the blobs it refers to. A blob is written
// before the row that names it and never changes, so every blob of the copied database is there; none is deleted while
// the copy is made.

import { copyFile, link, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { backup as copySteps, DatabaseSync } from 'node:sqlite'
import { AndonError } from '../../core/errors.ts'
import { blobPath } from './blob-path.ts'
import type { ReadContext } from './context.ts'
import { Database, databaseError } from './database.ts'
import { totals, referencedBlobs } from './document-reads.ts'
import { databaseName } from './index.ts'
import { packageVersion } from './migrations/migrate.ts'

/** What the copied database says of itself. */
export interface DatabaseCopy {
  documents: number
  blobs: string[]
}

/** Copies the database of the moment to a new file. Writers go on: all pages are read in one snapshot. */
export async function copyDatabase({ db }: ReadContext, input: { to: string }): Promise<DatabaseCopy> {
  // A connection of its own: the copying runs beside this thread, which goes on answering.
  const source = new DatabaseSync(db.path, { readOnly: true })
  try {
    // More pages than there can be, so that it is one step: later steps would begin anew after every write.
    await copySteps(source, input.to, { rate: 2 ** 31 - 1 })
  } catch (reason) {
    throw databaseError(reason, input.to)
  } finally {
    source.close()
  }
  using copy = new Database(input.to, { readOnly: true })
  const { documents } = totals({ db: copy }, { tenant: undefined })
  return { documents, blobs: referencedBlobs({ db: copy }, null) }
}

/** Makes a backup as the new folder `to`, which appears when it is whole. Blobs are hard links where they can be. */
export async function backupTo(
  to: string,
  blobs: string,
  copy: (file: string) => Promise<DatabaseCopy>,
): Promise<{ path: string; documents: number; bytes: number }> {
  if (await exists(to)) {
    throw new AndonError('conflict', `${to} is already there. Name a new folder for the backup.`)
  }
  const unfinished = `${to}.unfinished`
  await rm(unfinished, { recursive: true, force: true })
  await mkdir(unfinished, { recursive: true, mode: 0o700 })
  try {
    const file = join(unfinished, databaseName)
    const copied = await copy(file)
    let bytes = (await stat(file)).size
    for (const hash of copied.blobs)
      bytes += await copyBlob(blobPath(blobs, hash), blobPath(join(unfinished, 'blobs'), hash))
    const about = {
      andon: packageVersion(),
      madeAt: new Date().toISOString(),
      documents: copied.documents,
      blobs: copied.blobs.length,
      bytes,
    }
    await writeFile(join(unfinished, 'backup.json'), `${JSON.stringify(about, null, 2)}\n`)
    await rename(unfinished, to)
    return { path: to, documents: copied.documents, bytes }
  } catch (reason) {
    await rm(unfinished, { recursive: true, force: true })
    throw AndonError.from(reason)
  }
}

/**
 * Makes a data directory from a backup. `to` must not exist or be empty; blobs are copied, not linked, so that the
 * backup stays as it is.
 */
export async function restoreBackup(from: string, to: string): Promise<{ documents: number }> {
  const file = join(from, databaseName)
  if (!(await exists(file))) {
    throw new AndonError('not-found', `${from} is no backup: it has no ${databaseName}`)
  }
  if (await exists(join(to, databaseName))) {
    throw new AndonError('conflict', `${to} holds a database already. Restore into a new folder.`)
  }
  await mkdir(to, { recursive: true })
  const unfinished = join(to, `${databaseName}.unfinished`)
  await copyFile(file, unfinished)
  const { documents, blobs } = describe(unfinished)
  for (const hash of blobs) {
    const target = blobPath(join(to, 'blobs'), hash)
    await mkdir(dirname(target), { recursive: true })
    await copyFile(blobPath(join(from, 'blobs'), hash), target)
  }
  await rename(unfinished, join(to, databaseName))
  return { documents }
}

function describe(file: string): DatabaseCopy {
  using db = new Database(file)
  const broken = db.get<{ quick_check: string }>('PRAGMA quick_check(1)')?.quick_check
  if (broken !== 'ok') {
    throw new AndonError(
      'invalid',
      `The database of the backup is damaged: ${broken ?? 'it cannot be read'}. Use another backup.`,
    )
  }
  return { documents: totals({ db }, { tenant: undefined }).documents, blobs: referencedBlobs({ db }, null) }
}

async function copyBlob(from: string, to: string): Promise<number> {
  await mkdir(dirname(to), { recursive: true })
  try {
    await link(from, to)
  } catch {
    await copyFile(from, to)
  }
  return (await stat(to)).size
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
