// One connection to the store's database: cached statements, typed rows, and errors that say what to do.

import { DatabaseSync } from 'node:sqlite'
import type { SQLInputValue, StatementSync } from 'node:sqlite'
import { AndonError } from '../../core/errors.ts'

/** What a statement can be given; undefined is written as NULL. */
export type Value = SQLInputValue | boolean | undefined

const mostStatements = 400
/** Result codes of SQLite, from its page "Result and Error Codes". */
const codes = { busy: 5, ioError: 10, corrupt: 11, full: 13, notADatabase: 26 } as const

export interface DatabaseOptions {
  readOnly?: boolean
  /** Page cache in KiB. Default 16,384. */
  cacheKiB?: number
}

/** A connection. All of it is synchronous: it belongs in a thread that may wait. */
export class Database implements Disposable {
  readonly path: string
  readonly #connection: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  constructor(path: string, options: DatabaseOptions = {}) {
    this.path = path
    try {
      this.#connection = new DatabaseSync(path, { readOnly: options.readOnly ?? false, timeout: 5_000 })
      this.#connection.exec(`PRAGMA cache_size = -${options.cacheKiB ?? 16_384}; PRAGMA temp_store = MEMORY`)
    } catch (reason) {
      throw databaseError(reason, path)
    }
  }

  /** Whether a transaction is open: SQLite itself ends one when the disk is full. */
  get inTransaction(): boolean {
    return this.#connection.isTransaction
  }

  /** The first row, or undefined. The caller names its type: the columns are in the statement beside it. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- a row's type cannot be told from its statement
  get<Row>(sql: string, ...values: Value[]): Row | undefined {
    return this.#run((statement) => statement.get(...bound(values)), sql) as Row | undefined
  }

  all<Row>(sql: string, ...values: Value[]): Row[] {
    return this.#run((statement) => statement.all(...bound(values)), sql) as Row[]
  }

  /** Rows one at a time, for results that are too many to hold. */
  *each<Row>(sql: string, ...values: Value[]): Generator<Row> {
    for (const row of this.#run((statement) => statement.iterate(...bound(values)), sql)) yield row as Row
  }

  run(sql: string, ...values: Value[]): { changes: number; lastRow: number } {
    const { changes, lastInsertRowid } = this.#run((statement) => statement.run(...bound(values)), sql)
    return { changes: Number(changes), lastRow: Number(lastInsertRowid) }
  }

  /** Runs several statements without values. */
  exec(sql: string): void {
    try {
      this.#connection.exec(sql)
    } catch (reason) {
      throw databaseError(reason, this.path)
    }
  }

  /** Everything that `body` reads is of one moment. */
  snapshot<Result>(body: () => Result): Result {
    if (this.inTransaction) return body()
    this.exec('BEGIN')
    try {
      return body()
    } finally {
      if (this.inTransaction) this.exec('COMMIT')
    }
  }

  [Symbol.dispose](): void {
    this.#statements.clear()
    if (this.#connection.isOpen) this.#connection.close()
  }

  #run<Result>(body: (statement: StatementSync) => Result, sql: string): Result {
    try {
      return body(this.#prepare(sql))
    } catch (reason) {
      throw databaseError(reason, this.path)
    }
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (statement) {
      this.#statements.delete(sql)
    } else {
      statement = this.#connection.prepare(sql)
      if (this.#statements.size >= mostStatements) {
        for (const oldest of this.#statements.keys()) {
          this.#statements.delete(oldest)
          break
        }
      }
    }
    this.#statements.set(sql, statement)
    return statement
  }
}

function bound(values: Value[]): SQLInputValue[] {
  return values.map((value) => (value === undefined ? null : typeof value === 'boolean' ? Number(value) : value))
}

/** What SQLite threw, as an AndonError. */
export function databaseError(reason: unknown, path: string): AndonError {
  if (reason instanceof AndonError) return reason
  const code = reason instanceof Error && 'errcode' in reason ? Number(reason.errcode) & 0xff : undefined
  const what = reason instanceof Error ? reason.message : String(reason)
  switch (code) {
    case codes.full:
      return new AndonError(
        'overloaded',
        `There is no room left on the disk of ${path}: nothing was changed. Free some space; then it goes on by itself.`,
        { cause: reason, retryAfterMs: 10_000 },
      )
    case codes.busy:
      return new AndonError('unavailable', `Another program holds the database ${path}. Close it and try again.`, {
        cause: reason,
        retryAfterMs: 1_000,
      })
    case codes.corrupt:
    case codes.notADatabase:
      return new AndonError('internal', `The database ${path} is damaged (${what}). Restore it from a backup.`, {
        cause: reason,
      })
    case codes.ioError:
      return new AndonError('unavailable', `The disk of ${path} failed to read or write (${what}).`, { cause: reason })
    default:
      return new AndonError('internal', `The store failed: ${what}`, { cause: reason })
  }
}
