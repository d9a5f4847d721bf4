import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { bytes, float32, json } from './codecs.ts'
import { decodeEntry, encodeEntry, type Entry } from './entry.ts'

const entry: Entry = {
  codec: 1,
  failed: false,
  freshUntil: 1_000,
  keptUntil: 2_000,
  generations: [['doc:7', '12']],
  payload: Buffer.from(JSON.stringify({ text: 'word '.repeat(2_000) })),
}

test('an entry comes back as it was, packed or not', () => {
  const plain = encodeEntry(entry)
  const packed = encodeEntry(entry, {})
  ok(packed.length < plain.length / 4)
  for (const read of [decodeEntry(plain), decodeEntry(packed)])
    deepEqual(read && { ...read, payload: Buffer.from(read.payload) }, entry)
})

test('any flipped bit, any cut and any addition makes it no entry', () => {
  const small = encodeEntry({ ...entry, payload: Buffer.from('{"a":1}') })
  for (let at = 0; at < small.length; at++) {
    const flipped = Buffer.from(small)
    flipped[at] = (flipped[at] ?? 0) ^ 0x10
    if (at !== 3) equal(decodeEntry(flipped), undefined, `bit in byte ${at}`)
    equal(decodeEntry(small.subarray(0, at)), undefined, `cut at ${at}`)
  }
  equal(decodeEntry(Buffer.concat([small, Buffer.from('x')])), undefined)
})

test('what would unpack to more than allowed is no entry', () => {
  equal(decodeEntry(encodeEntry(entry, {}), 100), undefined)
})

test('codecs bring back what they were given', () => {
  const vector = Float32Array.from({ length: 8 }, (_, at) => at / 3)
  const unaligned = Buffer.concat([Buffer.from('x'), float32(8).encode(vector)]).subarray(1)
  deepEqual(float32(8).decode(unaligned), vector)
  deepEqual(json<{ a: number[] }>().decode(Buffer.from(json().encode({ a: [1] }))), { a: [1] })
  deepEqual(bytes().decode(Buffer.from([1, 2])), Uint8Array.from([1, 2]))
})
