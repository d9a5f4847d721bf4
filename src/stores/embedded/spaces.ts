// A space holds the terms of one tenant under one analyser in an FTS5 table of its own, so that document frequencies,
// lengths and vocabulary never mix with another tenant's, nor with those of another analyser.

import type { Database } from './database.ts'
import type { WriteContext } from './context.ts'
import { rowRange } from './rows.ts'

export interface SpaceRow {
  number: number
  tenant: number
  analyser: string
  passages: number
  terms: number
}

/** The terms of a passage, separated by spaces, and how many there are. */
export interface TermRow {
  row: number
  title: string
  body: string
  length: number
}

// Terms come separated by spaces, so every other ASCII character may be part of one; what is not ASCII always may.
const tokenCharacters = `!#$%&()*+,-./:;<=>?@[\\]^_\`{|}~''`

/** The space that answers questions of the tenant. */
export function currentSpace(db: Database, tenant: number): SpaceRow | undefined {
  return db.get<SpaceRow>('SELECT s.* FROM tenants t JOIN spaces s ON s.number = t.space WHERE t.number = ?', tenant)
}

/** The space for an analyser, made when it is new. The tenant's first one answers its questions at once. */
export function ensureSpace(context: WriteContext, tenant: number, analyser: string): SpaceRow {
  const { db } = context
  const find = () => db.get<SpaceRow>('SELECT * FROM spaces WHERE tenant = ? AND analyser = ?', tenant, analyser)
  const known = find()
  if (known) return known
  const { lastRow: number } = db.run('INSERT INTO spaces (tenant, analyser) VALUES (?, ?)', tenant, analyser)
  db.exec(`
    CREATE VIRTUAL TABLE terms_${number} USING fts5(title, body, content='', contentless_delete=1,
      tokenize="ascii tokenchars '${tokenCharacters}'");
    CREATE VIRTUAL TABLE frequencies_${number} USING fts5vocab(terms_${number}, row);
    CREATE TABLE words_${number} (number INTEGER PRIMARY KEY AUTOINCREMENT, word TEXT NOT NULL UNIQUE)`)
  db.run('UPDATE tenants SET space = ? WHERE number = ? AND space IS NULL', number, tenant)
  const made = find()
  if (!made) throw new Error(`The space ${number} vanished while it was being made`)
  return made
}

export function dropSpace({ db, words }: WriteContext, number: number): void {
  words.forget(number)
  db.exec(`DROP TABLE frequencies_${number}; DROP TABLE terms_${number}; DROP TABLE words_${number}`)
  db.run('DELETE FROM edition_terms WHERE space = ?', number)
  db.run('DELETE FROM spaces WHERE number = ?', number)
}

/** Writes the terms of an edition's rows up to `carried`, which are not in the space yet, into it. */
export function addTerms(
  context: WriteContext,
  space: number,
  edition: number,
  carried: number,
  rows: Iterable<TermRow>,
): void {
  const { db } = context
  let passages = 0
  let terms = 0
  const lines: string[] = []
  for (const { row, title, body, length } of rows) {
    db.run(`INSERT INTO terms_${space} (rowid, title, body) VALUES (?, ?, ?)`, row, title, body)
    passages++
    terms += length
    lines.push(title, body)
  }
  context.words.write(db, space, lines, (effect) => context.afterCommit(effect))
  db.run('UPDATE spaces SET passages = passages + ?, terms = terms + ? WHERE number = ?', passages, terms, space)
  db.run('INSERT OR REPLACE INTO edition_terms VALUES (?, ?, ?)', edition, space, carried)
}

/** Takes an edition's terms out of every space that has them. */
export function removeTerms(db: Database, edition: number): void {
  const [first] = rowRange(edition)
  const holders = db.all<{ space: number; carried: number }>(
    'SELECT space, carried FROM edition_terms WHERE edition = ?',
    edition,
  )
  for (const { space, carried } of holders) {
    const had = db.get<{ passages: number; terms: number }>(
      'SELECT count(*) AS passages, coalesce(sum(length), 0) AS terms FROM passages WHERE row BETWEEN ? AND ?',
      first,
      carried,
    )
    db.run(`DELETE FROM terms_${space} WHERE rowid BETWEEN ? AND ?`, first, carried)
    db.run(
      'UPDATE spaces SET passages = passages - ?, terms = terms - ?, stale_words = 1 WHERE number = ?',
      had?.passages ?? 0,
      had?.terms ?? 0,
      space,
    )
  }
  db.run('DELETE FROM edition_terms WHERE edition = ?', edition)
}

/** Forgets words that stand in no passage any more. */
export function sweepWords(context: WriteContext): void {
  const { db, words } = context
  for (const { number } of db.all<{ number: number }>('SELECT number FROM spaces WHERE stale_words = 1')) {
    words.forget(number)
    context.afterCommit(() => words.forget(number))
    db.run(`DELETE FROM words_${number} WHERE word NOT IN (SELECT term FROM frequencies_${number})`)
    db.run('UPDATE spaces SET stale_words = 0 WHERE number = ?', number)
  }
}
