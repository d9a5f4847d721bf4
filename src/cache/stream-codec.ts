// A whole stream as bytes: how many items, then for each its offset in time and its length, then the items one by one.

import { AndonError } from '../core/errors.ts'
import type { Codec } from './codecs.ts'
import type { StreamRecord } from './stream-log.ts'

const headBytes = 8

/** The codec of streams whose items have the given one. */
export function streamOf<Item>(codec: Codec<Item>): Codec<StreamRecord<Item>> {
  return {
    id: codec.id | 0x80,
    compressible: codec.compressible,
    encode({ items, offsets }) {
      const payloads = items.map((item) => codec.encode(item))
      const head = Buffer.alloc(4 + payloads.length * headBytes)
      head.writeUInt32LE(payloads.length, 0)
      for (const [at, payload] of payloads.entries()) {
        head.writeUInt32LE(offsets[at] ?? 0, 4 + at * headBytes)
        head.writeUInt32LE(payload.length, 8 + at * headBytes)
      }
      return Buffer.concat([head, ...payloads])
    },
    decode(bytes) {
      const count = bytes.readUInt32LE(0)
      const items: Item[] = []
      const offsets: number[] = []
      let from = 4 + count * headBytes
      for (let at = 0; at < count; at++) {
        const length = bytes.readUInt32LE(8 + at * headBytes)
        offsets.push(bytes.readUInt32LE(4 + at * headBytes))
        items.push(codec.decode(bytes.subarray(from, from + length)))
        from += length
      }
      if (from !== bytes.length) throw new AndonError('invalid', 'The bytes are no stream')
      return { items, offsets }
    },
  }
}
