// One process owns a data directory. The lock is a database held in an exclusive transaction: the kernel lets go of it
// when the process ends, however it ends, so there is no stale lock to clean up.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { AndonError } from '../../core/errors.ts'

/**
 * Locks a data directory, which is made when it is not there, for its owner's eyes only. Throws `conflict` when another
 * process has it.
 */
export function lockDirectory(path: string): Disposable {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const note = join(path, 'lock.json')
  const db = new DatabaseSync(join(path, 'lock.sqlite'), { timeout: 0 })
  try {
    db.exec('BEGIN EXCLUSIVE')
  } catch (reason) {
    db.close()
    const code = reason instanceof Error && 'errcode' in reason ? Number(reason.errcode) & 0xff : 0
    if (code !== 5)
      throw new AndonError('unavailable', `The data directory ${path} cannot be locked`, { cause: reason })
    const holder = readHolder(note)
    throw new AndonError(
      'conflict',
      `The data directory ${path} is in use${holder === undefined ? '' : ` by process ${holder}`}. Talk to that Andon, stop it, or choose another data directory.`,
      { cause: reason, detail: { path, ...(holder === undefined ? {} : { pid: holder }) } },
    )
  }
  writeFileSync(note, JSON.stringify({ pid: process.pid, since: new Date().toISOString() }))
  return {
    [Symbol.dispose]() {
      if (db.isOpen) db.close()
    },
  }
}

/** Who wrote the note. It may be out of date: the lock itself never is. */
function readHolder(note: string): number | undefined {
  try {
    const { pid } = JSON.parse(readFileSync(note, 'utf8')) as { pid?: unknown }
    return typeof pid === 'number' ? pid : undefined
  } catch {
    return undefined
  }
}
