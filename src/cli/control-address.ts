// Where the server of a data directory is reached by the commands: a unix socket in the directory, a named pipe on
// Windows.

import { createHash } from 'node:crypto'
import { lstat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** Longest path of a unix socket in bytes: 104 with the final zero on macOS, 108 on Linux. */
const longestPath = 103

/** The address for a data directory. Where the path would be too long, its hash stands in the folder for temporary files. */
export function controlAddress(dataDir: string): string {
  const folder = resolve(dataDir)
  const hash = createHash('sha256').update(folder).digest('hex').slice(0, 24)
  if (process.platform === 'win32') return `\\\\.\\pipe\\andon-${hash}`
  const inside = join(folder, 'control.sock')
  return Buffer.byteLength(inside) <= longestPath ? inside : join(tmpdir(), `andon-${hash}.sock`)
}

/**
 * Whether a socket may be there and is this user's own: somebody else could have put one where everybody may write.
 * Pipes of Windows cannot be looked at; they are tried.
 */
export async function mayBeOurs(address: string): Promise<boolean> {
  if (process.platform === 'win32') return true
  const found = await lstat(address).catch(() => undefined)
  return found?.isSocket() === true && found.uid === process.getuid?.()
}
