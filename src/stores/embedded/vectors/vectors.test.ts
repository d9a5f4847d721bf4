import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { rowOf } from '../rows.ts'
import { makeVectorMemory, VectorView } from './memory.ts'
import { cosine, quantise } from './quantise.ts'
import { VectorScanner } from './scan.ts'
import { VectorWriter } from './writer.ts'

const everything = () => true

function put(writer: VectorWriter, tenant: number, row: number, vector: Float32Array, replaces = false): void {
  const { values, scale } = quantise(vector)
  writer.put(tenant, 1, row, values, scale, replaces)
}

describe('quantised vectors', () => {
  it('keep the direction of vectors of any length', () => {
    const component = fc.float({ min: -1_000, max: 1_000, noNaN: true })
    fc.assert(
      fc.property(fc.array(component, { minLength: 2, maxLength: 40 }), (components) => {
        const vector = Float32Array.from(components)
        const { values, scale } = quantise(vector)
        const largest = Math.max(...vector.map(Math.abs))
        if (largest === 0) return assert.equal(scale, 0)
        const length = Math.hypot(...vector)
        for (const [at, value] of vector.entries()) {
          assert.ok(Math.abs((values[at] ?? 0) * scale - value / length) <= (0.51 * largest) / 127 / length)
        }
      }),
    )
  })

  it('have a cosine of zero with the zero vector', () => {
    assert.equal(cosine(new Float32Array(3), Float32Array.of(1, 2, 3)), 0)
  })
})

describe('the kernel', () => {
  it('multiplies any number of rows of any width', () => {
    const view = new VectorView(makeVectorMemory(64))
    for (const width of [16, 48, 384, 1_536]) {
      for (const count of [1, 2, 7]) {
        const [rows, question, out] = [1_000_000, 2_000_000, 2_100_000]
        const wide = new Int16Array(view.memory.buffer, question, width)
        for (let at = 0; at < width; at++) wide[at] = ((at * 31) % 255) - 127
        for (let at = 0; at < width * count; at++) view.signed[rows + at] = ((at * 17) % 255) - 127
        view.dot(rows, count, width, question, out)
        const scores = [...new Int32Array(view.memory.buffer, out, count)]
        const expected = Array.from({ length: count }, (_, row) =>
          wide.reduce((sum, value, at) => sum + value * (view.signed[rows + row * width + at] ?? 0), 0),
        )
        assert.deepEqual(scores, expected)
      }
    }
  })
})

describe('vectors in shared memory', () => {
  it('hold what was put and not removed, through growth and compaction', () => {
    const memory = makeVectorMemory(256)
    const writer = new VectorWriter(memory)
    const scanner = new VectorScanner(memory)
    const truth = new Map<number, Float32Array>()
    let state = 11
    const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647 - 0.5
    const make = () => Float32Array.from({ length: 30 }, random)
    for (let edition = 1; edition <= 400; edition++) {
      for (let ordinal = 0; ordinal < 10; ordinal++) {
        const vector = make()
        truth.set(rowOf(edition, ordinal), vector)
        put(writer, 1, rowOf(edition, ordinal), vector)
      }
      if (edition % 3 === 0) {
        const gone = edition - 2
        writer.removeEdition(1, 1, gone)
        for (let ordinal = 0; ordinal < 10; ordinal++) truth.delete(rowOf(gone, ordinal))
      }
      if (edition % 5 === 0) {
        const row = rowOf(edition, 3)
        const other = make()
        truth.set(row, other)
        put(writer, 1, row, other, true)
      }
    }
    assert.equal(writer.size.rows, truth.size)
    const { rows, more } = scanner.scan(1, 1, make(), 10_000, everything)
    assert.equal(more, false)
    assert.deepEqual(
      [...rows].sort((a, b) => a - b),
      [...truth.keys()].sort((a, b) => a - b),
    )
    for (const [row, vector] of [...truth].slice(0, 20)) {
      assert.deepEqual(scanner.scan(1, 1, vector, 1, everything).rows, [row])
    }
  })

  it('use the room of removed rows again', () => {
    const memory = makeVectorMemory(64)
    const writer = new VectorWriter(memory)
    const sizes: number[] = []
    for (let round = 1; round <= 40; round++) {
      for (let ordinal = 0; ordinal < 600; ordinal++)
        put(writer, 1, rowOf(round, ordinal), Float32Array.of(1, ordinal, 2))
      if (round > 1) writer.removeEdition(1, 1, round - 1)
      sizes.push(writer.size.bytes)
    }
    assert.equal(sizes.at(-1), sizes.at(9))
  })

  it('are scanned for one tenant and generation only', () => {
    const memory = makeVectorMemory(64)
    const writer = new VectorWriter(memory)
    const scanner = new VectorScanner(memory)
    for (let tenant = 1; tenant <= 3_000; tenant++) put(writer, tenant, rowOf(tenant, 0), Float32Array.of(1, 0))
    assert.deepEqual(scanner.scan(2_999, 1, Float32Array.of(1, 0), 5, everything).rows, [rowOf(2_999, 0)])
    assert.deepEqual(scanner.scan(1, 2, Float32Array.of(1, 0), 5, everything).rows, [])
    writer.removeGeneration(1)
    assert.deepEqual(scanner.scan(1, 1, Float32Array.of(1, 0), 5, everything).rows, [])
  })

  it('say whether more would have come', () => {
    const memory = makeVectorMemory(64)
    const writer = new VectorWriter(memory)
    for (let ordinal = 0; ordinal < 20; ordinal++) put(writer, 1, rowOf(1, ordinal), Float32Array.of(1, ordinal))
    const scanner = new VectorScanner(memory)
    const odd = (row: number) => row % 2 === 1
    assert.equal(scanner.scan(1, 1, Float32Array.of(1, 0), 5, odd).more, true)
    const all = scanner.scan(1, 1, Float32Array.of(1, 0), 50, odd)
    assert.equal(all.more, false)
    assert.deepEqual(
      all.rows.sort((a, b) => a - b),
      Array.from({ length: 10 }, (_, at) => rowOf(1, at * 2 + 1)),
    )
  })

  it('can be written anew by a writer that takes over', () => {
    const memory = makeVectorMemory(64)
    put(new VectorWriter(memory), 1, rowOf(1, 0), Float32Array.of(1, 0))
    const scanner = new VectorScanner(memory)
    const next = new VectorWriter(memory)
    assert.deepEqual(scanner.scan(1, 1, Float32Array.of(1, 0), 5, everything).rows, [])
    put(next, 1, rowOf(2, 0), Float32Array.of(1, 0))
    assert.deepEqual(scanner.scan(1, 1, Float32Array.of(1, 0), 5, everything).rows, [rowOf(2, 0)])
  })

  it('refuse more than the memory may hold', () => {
    const writer = new VectorWriter(makeVectorMemory(16))
    const vector = new Float32Array(4_000).fill(1)
    assert.throws(
      () => {
        for (let ordinal = 0; ordinal < 3_000; ordinal++) put(writer, 1, rowOf(1, ordinal), vector)
      },
      { code: 'overloaded' },
    )
  })
})
