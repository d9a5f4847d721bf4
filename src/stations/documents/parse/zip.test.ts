import assert from 'node:assert/strict'
import { test } from 'node:test'
import { zip } from '../../../../test/documents/make-office.ts'
import { folder } from '../../../../test/documents/parse-bytes.ts'
import { openZip } from './zip.ts'
import type { ZipLimits } from './zip.ts'

async function read(bytes: Uint8Array, entry: string, limits?: ZipLimits): Promise<string | undefined> {
  await using place = await folder()
  await using archive = await openZip(await place.write('a.zip', bytes), 'a.zip', limits)
  const content = await archive.read(entry)
  return content === undefined ? undefined : Buffer.from(content).toString()
}

test('entries are read by name, packed or not', async () => {
  const bytes = zip({ 'a.txt': 'plain words', 'b/c.txt': 'x'.repeat(5000), empty: '' })
  assert.equal(await read(bytes, 'a.txt'), 'plain words')
  assert.equal(await read(bytes, 'b/c.txt'), 'x'.repeat(5000))
  assert.equal(await read(bytes, 'empty'), '')
  assert.equal(await read(bytes, 'missing'), undefined)
})

test('an entry that lies about its size is stopped by what comes out of it', async () => {
  const bytes = Buffer.from(zip({ 'a.txt': 'y'.repeat(500_000) }))
  const central = bytes.indexOf(Buffer.from([0x50, 0x4b, 0x01, 0x02]))
  bytes.writeUInt32LE(10, central + 24)
  await assert.rejects(read(bytes, 'a.txt', { entryBytes: 100_000 }), { code: 'too-large' })
})

test('entries together may not be too large either', async () => {
  await using place = await folder()
  const bytes = zip({ a: 'a'.repeat(600), b: 'b'.repeat(600) })
  await using archive = await openZip(await place.write('a.zip', bytes), 'a.zip', { totalBytes: 1000 })
  assert.equal((await archive.read('a'))?.length, 600)
  await assert.rejects(archive.read('b'), { code: 'too-large' })
})

test('too many entries, too tight packing and encryption are refused', async () => {
  const many = zip(Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`f${at}`, 'x'])))
  await assert.rejects(read(many, 'f1', { entries: 20 }), { code: 'too-large', message: /30 entries; 20 are allowed/ })
  await assert.rejects(read(zip({ a: '\0'.repeat(8 << 20) }), 'a'), {
    code: 'too-large',
    message: /packed too tightly/,
  })
  const secret = Buffer.from(zip({ a: 'x' }))
  const central = secret.indexOf(Buffer.from([0x50, 0x4b, 0x01, 0x02]))
  secret.writeUInt16LE(1, central + 8)
  await assert.rejects(read(secret, 'a'), { code: 'unsupported', message: /password/ })
})

test('damage is told: no end, an offset outside, bytes that are no deflate', async () => {
  const bytes = Buffer.from(zip({ a: 'some words '.repeat(50) }))
  await assert.rejects(read(bytes.subarray(0, bytes.length - 30), 'a'), { code: 'invalid' })
  const central = bytes.indexOf(Buffer.from([0x50, 0x4b, 0x01, 0x02]))
  const outside = Buffer.from(bytes)
  outside.writeUInt32LE(0x7fffffff, central + 42)
  await assert.rejects(read(outside, 'a'), { code: 'invalid' })
  const garbage = Buffer.from(bytes)
  garbage.fill(0xff, 31, 40)
  await assert.rejects(read(garbage, 'a'), { code: 'invalid' })
})
