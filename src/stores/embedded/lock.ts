// One process owns a data directory, for as long as it lives.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tryLockFile } from '../../concurrency/file-lock.ts'
import { AndonError } from '../../core/errors.ts'

/**
 * Locks a data directory, which is made when it is not there, for its owner's eyes only. Throws `conflict` when another
 * process has it.
 */
export function lockDirectory(path: string): Disposable {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const note = join(path, 'lock.json')
  let lock: Disposable | undefined
  try {
    lock = tryLockFile(join(path, 'lock.sqlite'))
  } catch (reason) {
    throw new AndonError('unavailable', `The data directory ${path} cannot be locked`, { cause: reason })
  }
  if (!lock) {
    const holder = readHolder(note)
    throw new AndonError(
      'conflict',
      `The data directory ${path} is in use${holder === undefined ? '' : ` by process ${holder}`}. Talk to that Andon, stop it, or choose another data directory.`,
      { detail: { path, ...(holder === undefined ? {} : { pid: holder }) } },
    )
  }
  writeFileSync(note, JSON.stringify({ pid: process.pid, since: new Date().toISOString() }))
  return lock
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
