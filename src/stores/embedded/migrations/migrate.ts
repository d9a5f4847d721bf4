// Brings a database to the newest schema, one forward step at a time, each in a transaction of its own.

import { readFileSync } from 'node:fs'
import { AndonError } from '../../../core/errors.ts'
import type { Database } from '../database.ts'
import { statements as first } from './0001.ts'
import { statements as second } from './0002.ts'
import { statements as third } from './0003.ts'
import { statements as fourth } from './0004.ts'
import { statements as fifth } from './0005.ts'
import { statements as sixth } from './0006.ts'

/** Every step there ever was, oldest first. A published step never changes. */
export const migrations: readonly string[] = [first, second, third, fourth, fifth, sixth]

/** Written into the header of the file, so that another program's database is never taken for ours ("Andn"). */
const applicationId = 0x41_6e_64_6e

/** Version of the package that is running. */
export function packageVersion(): string {
  const file = new URL('../../../../package.json', import.meta.url)
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string }
  return version
}

/**
 * Makes or upgrades the schema. A database of a newer Andon, or of another program, is refused as a conflict before
 * anything is written.
 */
export function migrate(db: Database, steps: readonly string[] = migrations, version: string = packageVersion()): void {
  const at = numberOf(db, 'user_version')
  const owner = numberOf(db, 'application_id')
  if (owner !== applicationId && (owner !== 0 || at !== 0 || hasTables(db))) {
    throw new AndonError(
      'conflict',
      `The file ${db.path} is a database of another program. Give Andon a data directory of its own.`,
    )
  }
  if (at > steps.length) {
    const maker = db.get<{ value: string }>("SELECT value FROM facts WHERE name = 'andon-version'")?.value
    throw new AndonError(
      'conflict',
      `The database ${db.path} was made by Andon ${maker ?? '(version unknown)'} with schema ${at}; this is Andon ${version}, which knows schemas up to ${steps.length}. Use the newer Andon, or restore a backup made before the upgrade. Nothing was changed.`,
      { detail: { schema: at, known: steps.length, madeBy: maker ?? null } },
    )
  }
  if (at === 0) db.exec('PRAGMA auto_vacuum = INCREMENTAL')
  db.exec('PRAGMA journal_mode = WAL')
  for (const [index, step] of steps.entries()) {
    if (index < at) continue
    db.exec('BEGIN IMMEDIATE')
    try {
      db.exec(step)
      db.exec(`PRAGMA user_version = ${index + 1}; PRAGMA application_id = ${applicationId}`)
      db.exec('COMMIT')
    } catch (reason) {
      if (db.inTransaction) db.exec('ROLLBACK')
      throw reason
    }
  }
  const known = db.get<{ value: string }>("SELECT value FROM facts WHERE name = 'andon-version'")?.value
  if (known !== version) db.run("INSERT OR REPLACE INTO facts VALUES ('andon-version', ?)", version)
}

function numberOf(db: Database, pragma: 'user_version' | 'application_id'): number {
  return db.get<Record<string, number>>(`PRAGMA ${pragma}`)?.[pragma] ?? 0
}

function hasTables(db: Database): boolean {
  return db.get('SELECT 1 FROM sqlite_schema LIMIT 1') !== undefined
}
