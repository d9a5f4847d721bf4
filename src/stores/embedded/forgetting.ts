// What is forgotten for good leaves no letter in the file: freed space is written over with zeros, which what is only
// removed does not need.

import type { Database } from './database.ts'

/** Runs deletions so that nothing of the rows can be read from the database file any more. */
export function forgetWholly<Result>(db: Database, deletions: () => Result): Result {
  db.exec('PRAGMA secure_delete = ON')
  try {
    return deletions()
  } finally {
    db.exec('PRAGMA secure_delete = OFF')
  }
}
