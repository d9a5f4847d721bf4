// What lies in the second level: a header that tells garbage, cuts and other versions from an entry, and the payload.
//
//   0 magic (2)  2 version  3 zero  4 CRC-32 of all that follows (4)
//   8 codec  9 flags  10 bytes of generations (2)  12 bytes of payload (4)  16 payload unpacked (4)
//   20 fresh until, ms since 1970 (8)  28 kept until (8)  36 generations (JSON)  … payload

import { crc32 } from 'node:zlib'
import { compress, decompress, type Compression } from './compression.ts'

/** An entry, as it is written and read. */
export interface Entry<Payload extends Uint8Array = Uint8Array> {
  readonly codec: number
  /** The payload is an error that is remembered, not a value. */
  readonly failed: boolean
  /** Milliseconds since 1970 until which the value is fresh, and until which it may be given at all. */
  readonly freshUntil: number
  readonly keptUntil: number
  /** The tags of the value and the generation that each had. */
  readonly generations: readonly (readonly [tag: string, generation: string])[]
  readonly payload: Payload
}

const magic = 0xa7_d0
const version = 1
const headerBytes = 36
const compressedFlag = 1
const failedFlag = 2

/** The bytes of an entry, packed when that is worth it. */
export function encodeEntry(entry: Entry, compression?: Compression | false): Buffer {
  const packed = compression ? compress(entry.payload, compression) : undefined
  const payload = packed ?? entry.payload
  const generations = entry.generations.length === 0 ? '' : JSON.stringify(entry.generations)
  const generationsBytes = Buffer.byteLength(generations)
  const bytes = Buffer.allocUnsafe(headerBytes + generationsBytes + payload.length)
  bytes.writeUInt16BE(magic, 0)
  bytes[2] = version
  bytes[3] = 0
  bytes[8] = entry.codec
  bytes[9] = (packed ? compressedFlag : 0) | (entry.failed ? failedFlag : 0)
  bytes.writeUInt16LE(generationsBytes, 10)
  bytes.writeUInt32LE(payload.length, 12)
  bytes.writeUInt32LE(entry.payload.length, 16)
  bytes.writeDoubleLE(entry.freshUntil, 20)
  bytes.writeDoubleLE(entry.keptUntil, 28)
  if (generationsBytes > 0) bytes.write(generations, headerBytes)
  bytes.set(payload, headerBytes + generationsBytes)
  bytes.writeUInt32LE(crc32(bytes.subarray(8)), 4)
  return bytes
}

/** Reads an entry; undefined for anything that is not exactly one of this version, or is larger than `maxBytes` unpacked. */
export function decodeEntry(bytes: Buffer, maxBytes = Infinity): Entry<Buffer> | undefined {
  if (bytes.length < headerBytes || bytes.readUInt16BE(0) !== magic || bytes[2] !== version) return undefined
  const generationsBytes = bytes.readUInt16LE(10)
  const length = bytes.readUInt32LE(16)
  const start = headerBytes + generationsBytes
  if (bytes.length !== start + bytes.readUInt32LE(12) || length > maxBytes) return undefined
  if (crc32(bytes.subarray(8)) !== bytes.readUInt32LE(4)) return undefined
  const flags = bytes[9] ?? 0
  try {
    const rest = bytes.subarray(start)
    const payload = flags & compressedFlag ? decompress(rest, length) : rest
    if (payload.length !== length) return undefined
    return {
      codec: bytes[8] ?? 0,
      failed: (flags & failedFlag) !== 0,
      freshUntil: bytes.readDoubleLE(20),
      keptUntil: bytes.readDoubleLE(28),
      generations: generationsOf(bytes, start),
      payload,
    }
  } catch {
    return undefined
  }
}

let lastBytes = Buffer.alloc(0)
let lastGenerations: Entry['generations'] = []

/** The generations between header and payload. The values of a function mostly have the same, and they are read once. */
function generationsOf(bytes: Buffer, end: number): Entry['generations'] {
  if (bytes.compare(lastBytes, 0, lastBytes.length, headerBytes, end) === 0) return lastGenerations
  const own = Buffer.copyBytesFrom(bytes, headerBytes, end - headerBytes)
  lastGenerations = own.length === 0 ? [] : (JSON.parse(own.toString()) as [string, string][])
  lastBytes = own
  return lastGenerations
}

/** The most bytes that the generations of one entry may take: a header says so in two bytes. */
export const mostGenerationsBytes = 0xff_ff
