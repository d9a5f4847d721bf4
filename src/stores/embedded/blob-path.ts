// Where a blob's file lies.

import { join } from 'node:path'
import { AndonError } from '../../core/errors.ts'

/** Path of the file of a SHA-256 hash (hex), in one of 256 folders. Throws `invalid` for anything else. */
export function blobPath(folder: string, hash: string): string {
  if (!/^[0-9a-f]{64}$/.test(hash)) {
    throw new AndonError(
      'invalid',
      `${JSON.stringify(hash.slice(0, 80))} is not a SHA-256 hash of 64 lower-case hex digits`,
    )
  }
  return join(folder, hash.slice(0, 2), hash)
}
