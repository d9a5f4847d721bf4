// A lock between processes of one host: a database held in an exclusive transaction. The kernel lets go of it when its
// process ends, however it ends, so there is no stale lock to clean up.

import { DatabaseSync } from 'node:sqlite'

/**
 * Takes the lock of a file, which is made when it is not there; undefined when somebody has it, in this process or in
 * another. Never waits. Throws what the file system says when the file cannot be used. Dispose it to let go.
 */
export function tryLockFile(path: string): Disposable | undefined {
  const db = new DatabaseSync(path, { timeout: 0 })
  try {
    db.exec('BEGIN EXCLUSIVE')
  } catch (reason) {
    db.close()
    const code = reason instanceof Error && 'errcode' in reason ? Number(reason.errcode) & 0xff : 0
    if (code === busy) return undefined
    throw reason
  }
  return {
    [Symbol.dispose]() {
      if (db.isOpen) db.close()
    },
  }
}

/** SQLITE_BUSY: https://www.sqlite.org/rescode.html#busy */
const busy = 5
