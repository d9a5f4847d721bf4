// Reads zip archives that may be hostile: the central directory first, then only the entries that are asked for, and
// never more bytes than agreed, whatever the archive says of itself.

import { open } from 'node:fs/promises'
import { inflateRawSync } from 'node:zlib'
import { AndonError } from '../../../core/errors.ts'

/** What an archive may hold. */
export interface ZipLimits {
  /** Entries. Default 10,000. */
  entries?: number
  /** Unpacked bytes of one entry. Default 64 MiB. */
  entryBytes?: number
  /** Unpacked bytes of all entries that are read. Default 256 MiB. */
  totalBytes?: number
  /** Unpacked over packed bytes of an entry of more than 1 MiB. Office files stay far below. Default 200. */
  ratio?: number
}

interface Entry {
  name: string
  method: number
  packed: number
  unpacked: number
  offset: number
}

/** An open archive. Disposal closes the file. */
export interface Zip extends AsyncDisposable {
  /** The names of its entries that are files. */
  readonly names: readonly string[]
  has(name: string): boolean
  /** The bytes of an entry, or undefined when there is none of that name. */
  read(name: string): Promise<Uint8Array | undefined>
}

const signatures = { end: 0x06054b50, end64: 0x06064b50, locator64: 0x07064b50, central: 0x02014b50, local: 0x04034b50 }

/**
 * Opens a zip archive. Throws `invalid` when it is damaged, `unsupported` when it is encrypted, `too-large` over a
 * limit. `name` is what errors call it.
 */
export async function openZip(path: string, name: string, limits: ZipLimits = {}): Promise<Zip> {
  const { entries: most = 10_000, entryBytes = 64 << 20, totalBytes = 256 << 20, ratio = 200 } = limits
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const bytesAt = async (offset: number, length: number): Promise<Buffer> => {
      if (offset < 0 || length < 0 || offset + length > size) throw damaged(name)
      const bytes = Buffer.alloc(length)
      const { bytesRead } = await file.read(bytes, 0, length, offset)
      if (bytesRead < length) throw damaged(name)
      return bytes
    }
    const entries = await directory(bytesAt, size, name, most)
    let total = 0
    return {
      names: [...entries.keys()],
      has: (entry) => entries.has(entry),
      async read(wanted) {
        const entry = entries.get(wanted)
        if (entry === undefined) return undefined
        const allowed = Math.min(entryBytes, totalBytes - total)
        // What the archive says is checked first, because it is cheap; what comes out is checked all the same.
        if (entry.unpacked > allowed) throw bomb(name, wanted, allowed)
        if (entry.unpacked > 1 << 20 && entry.unpacked > entry.packed * ratio) throw bomb(name, wanted, allowed)
        const local = await bytesAt(entry.offset, 30)
        if (local.readUInt32LE(0) !== signatures.local) throw damaged(name)
        const start = entry.offset + 30 + local.readUInt16LE(26) + local.readUInt16LE(28)
        const packed = await bytesAt(start, entry.packed)
        const bytes = unpack(packed, entry, allowed, name)
        if (bytes.length > 1 << 20 && bytes.length > packed.length * ratio) throw bomb(name, wanted, allowed)
        total += bytes.length
        return bytes
      },
      async [Symbol.asyncDispose]() {
        await file.close()
      },
    }
  } catch (error) {
    await file.close()
    throw error
  }
}

function unpack(packed: Buffer, entry: Entry, allowed: number, name: string): Uint8Array {
  if (entry.method === 0) return packed
  if (entry.method !== 8)
    throw new AndonError(
      'unsupported',
      `${name} is packed by method ${entry.method}, which no Office program writes. Save it again.`,
    )
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, allowed) })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw bomb(name, entry.name, allowed)
    throw damaged(name, error)
  }
}

async function directory(
  bytesAt: (offset: number, length: number) => Promise<Buffer>,
  size: number,
  name: string,
  most: number,
): Promise<Map<string, Entry>> {
  const { count, length, offset } = await endRecord(bytesAt, size, name)
  if (count > most)
    throw new AndonError(
      'too-large',
      `${name} is an archive of ${count} entries; ${most} are allowed. It is no usual document.`,
    )
  // A directory entry takes at least 46 bytes and hardly more than a kilobyte.
  if (length > most * 1024) throw damaged(name)
  const bytes = await bytesAt(offset, length)
  const entries = new Map<string, Entry>()
  for (let at = 0; at + 46 <= bytes.length && entries.size <= count;) {
    if (bytes.readUInt32LE(at) !== signatures.central) break
    const flags = bytes.readUInt16LE(at + 8)
    const nameLength = bytes.readUInt16LE(at + 28)
    const extraLength = bytes.readUInt16LE(at + 30)
    const entryName = bytes.toString(flags & 0x800 ? 'utf8' : 'latin1', at + 46, at + 46 + nameLength)
    if ((flags & 1) !== 0)
      throw new AndonError('unsupported', `${name} is protected by a password. Remove it and add the file again.`)
    const entry: Entry = {
      name: entryName,
      method: bytes.readUInt16LE(at + 10),
      packed: bytes.readUInt32LE(at + 20),
      unpacked: bytes.readUInt32LE(at + 24),
      offset: bytes.readUInt32LE(at + 42),
    }
    widen(entry, bytes.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength))
    at += 46 + nameLength + extraLength + bytes.readUInt16LE(at + 32)
    if (entryName.endsWith('/')) continue
    // Entries are read by name and never written anywhere; a name that climbs is a sign of bad intent all the same.
    if (/(?:^|[/\\])\.\.(?:[/\\]|$)|^[/\\]|^[A-Za-z]:|\0/.test(entryName))
      throw new AndonError(
        'invalid',
        `${name} holds an entry with an unsafe name (${JSON.stringify(entryName.slice(0, 80))}). It is refused.`,
      )
    // Of two entries with one name the first counts, as in other readers, so that a check and a use see the same.
    if (!entries.has(entryName)) entries.set(entryName, entry)
  }
  return entries
}

async function endRecord(
  bytesAt: (offset: number, length: number) => Promise<Buffer>,
  size: number,
  name: string,
): Promise<{ count: number; length: number; offset: number }> {
  const tailLength = Math.min(size, 22 + 0xffff)
  const tail = await bytesAt(size - tailLength, tailLength)
  let at = tail.length - 22
  while (at >= 0 && tail.readUInt32LE(at) !== signatures.end) at--
  if (at < 0) throw damaged(name)
  const end = {
    count: tail.readUInt16LE(at + 10),
    length: tail.readUInt32LE(at + 12),
    offset: tail.readUInt32LE(at + 16),
  }
  if (end.offset !== 0xffffffff && end.count !== 0xffff && end.length !== 0xffffffff) return end
  const locator = at - 20
  if (locator < 0 || tail.readUInt32LE(locator) !== signatures.locator64) return end
  const end64 = await bytesAt(Number(tail.readBigUInt64LE(locator + 8)), 56)
  if (end64.readUInt32LE(0) !== signatures.end64) throw damaged(name)
  return {
    count: Number(end64.readBigUInt64LE(32)),
    length: Number(end64.readBigUInt64LE(40)),
    offset: Number(end64.readBigUInt64LE(48)),
  }
}

/** Sizes that do not fit into 32 bits stand in an extra field, each only when its place says so. */
function widen(entry: Entry, extra: Buffer): void {
  for (let at = 0; at + 4 <= extra.length;) {
    const id = extra.readUInt16LE(at)
    const end = Math.min(at + 4 + extra.readUInt16LE(at + 2), extra.length)
    if (id === 1) {
      let field = at + 4
      for (const key of ['unpacked', 'packed', 'offset'] as const)
        if (entry[key] === 0xffffffff && field + 8 <= end) {
          entry[key] = Number(extra.readBigUInt64LE(field))
          field += 8
        }
    }
    at = end
  }
}

function damaged(name: string, cause?: unknown): AndonError {
  return new AndonError(
    'invalid',
    `${name} is no whole archive: it is cut off or damaged. Save it again, or fetch it again.`,
    { cause },
  )
}

function bomb(name: string, entry: string, allowed: number): AndonError {
  return new AndonError(
    'too-large',
    `${name} unpacks to more than is allowed: its part ${JSON.stringify(entry.slice(0, 80))} is larger than ${allowed} bytes or packed too tightly for a document.`,
  )
}
