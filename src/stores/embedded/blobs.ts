// Blobs are files named by the SHA-256 of their bytes. A blob is written aside, made durable and then renamed, so that
// a file under its name is always whole.

import { createHash, randomUUID } from 'node:crypto'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Nursery } from '../../observe/nursery.ts'
import { AndonError } from '../../core/errors.ts'
import type { BlobStore } from '../store.ts'
import { blobPath } from './blob-path.ts'

/** Where blobs are written before they have a name. */
const incoming = 'incoming'

/** What only others know about blobs. */
export interface BlobEvents {
  /** Removes a blob, unless a document refers to it. */
  remove: (hash: string) => Promise<boolean>
  /** A blob is about to be used: resolves when no removal of it is under way any more. */
  arriving: (hash: string) => Promise<void>
}

/**
 * Opens the blobs of a folder and sweeps what an earlier process left half written: the caller holds the lock of the
 * data directory.
 */
export async function openBlobs(folder: string, { remove, arriving }: BlobEvents): Promise<BlobStore> {
  const aside = join(folder, incoming)
  await rm(aside, { recursive: true, force: true })
  await mkdir(aside, { recursive: true })
  return {
    put: (bytes, { limit = Infinity, signal, held = false } = {}) =>
      put(folder, bytes, limit, signal, held ? arriving : undefined),
    path: (hash) => blobPath(folder, hash),
    async has(hash) {
      return (await sizeOf(blobPath(folder, hash))) !== undefined
    },
    remove,
  }
}

async function put(
  folder: string,
  bytes: AsyncIterable<Uint8Array>,
  limit: number,
  signal: AbortSignal | undefined,
  arriving: BlobEvents['arriving'] | undefined,
): Promise<{ hash: string; size: number }> {
  const aside = join(folder, incoming, randomUUID())
  try {
    const written = await writeAside(aside, bytes, limit, signal)
    await arriving?.(written.hash)
    const path = blobPath(folder, written.hash)
    if ((await sizeOf(path)) === written.size) return written
    await mkdir(dirname(path), { recursive: true })
    await rename(aside, path)
    await syncFolder(dirname(path))
    await syncFolder(folder)
    return written
  } catch (reason) {
    throw diskError(reason, folder)
  } finally {
    await rm(aside, { force: true })
  }
}

async function writeAside(
  path: string,
  bytes: AsyncIterable<Uint8Array>,
  limit: number,
  signal: AbortSignal | undefined,
): Promise<{ hash: string; size: number }> {
  const hash = createHash('sha256')
  const nursery = new Nursery()
  let size = 0
  await using file = await open(path, 'wx')
  for await (const chunk of bytes) {
    signal?.throwIfAborted()
    size += chunk.byteLength
    if (size > limit) {
      throw new AndonError(
        'too-large',
        `It has more than the ${limit} bytes that are allowed. Split it, or raise the limit.`,
      )
    }
    hash.update(chunk)
    await writeAll(file, chunk)
    nursery.passed(chunk.byteLength)
  }
  signal?.throwIfAborted()
  await file.sync()
  return { hash: hash.digest('hex'), size }
}

/** A write may take less than it is given. */
async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.byteLength;) at += (await file.write(chunk, at)).bytesWritten
}

/** Makes a rename in a folder durable. Windows has no such thing, and needs none. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  await using folder = await open(path, 'r')
  await folder.sync()
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size
  } catch {
    return undefined
  }
}

/** Blobs that were put before a time (Unix ms) and that nobody refers to: their process ended before it used them. */
export async function strayBlobs(folder: string, referenced: ReadonlySet<string>, before: number): Promise<string[]> {
  const strays: string[] = []
  for (const part of await readdir(folder)) {
    if (!/^[0-9a-f]{2}$/.test(part)) continue
    for (const hash of await readdir(join(folder, part))) {
      if (referenced.has(hash) || !/^[0-9a-f]{64}$/.test(hash)) continue
      const found = await stat(join(folder, part, hash)).catch((reason: NodeJS.ErrnoException) => {
        // It was removed with its document since its folder was read.
        if (reason.code !== 'ENOENT') throw reason
      })
      if (found !== undefined && found.mtimeMs < before) strays.push(hash)
    }
  }
  return strays
}

function diskError(reason: unknown, folder: string): AndonError {
  const error = AndonError.from(reason)
  if (error.code !== 'overloaded' || reason instanceof AndonError) return error
  return new AndonError(
    'overloaded',
    `There is no room left on the disk of ${folder}: nothing was kept of it. Free some space, then try again.`,
    { cause: reason, retryAfterMs: 10_000 },
  )
}
