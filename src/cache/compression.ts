// Zstandard for payloads above a size, where it is worth it.

import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'

export interface Compression {
  /** Payloads of fewer bytes stay as they are. Default 4096. */
  readonly over?: number
  /** Level of zstd. Default 1. */
  readonly level?: number
}

/** The smaller form, or undefined when compressing saves less than an eighth. */
export function compress(payload: Uint8Array, { over = 4_096, level = 1 }: Compression): Buffer | undefined {
  if (payload.length < over) return undefined
  const packed = zstdCompressSync(payload, { params: { [constants.ZSTD_c_compressionLevel]: level } })
  return packed.length < payload.length * 0.875 ? packed : undefined
}

/** Unpacks to exactly so many bytes; throws when it would be more, before it is. */
export function decompress(packed: Uint8Array, length: number): Buffer {
  return zstdDecompressSync(packed, { maxOutputLength: Math.max(1, length) })
}
