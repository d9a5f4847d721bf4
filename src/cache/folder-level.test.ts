import { deepEqual, equal, ok } from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { cached } from './cache.ts'
import { measureFolder } from './folder-files.ts'
import { folderLevel } from './folder-level.ts'
import { ownerOf } from './ring.ts'

test('without a Redis the processes of a host make a value once, and find it in a folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'andon-cache-'))
  try {
    await using one = await folderLevel({ folder })
    await using two = await folderLevel({ folder })
    let runs = 0
    const run = async (text: string): Promise<string> => {
      runs++
      await new Promise((resolve) => setTimeout(resolve, 30))
      return text
    }
    const [a, b] = [one, two].map((l2) => cached(run, { name: 'f', l2, tags: (text) => [text] }))
    deepEqual(await Promise.all([a?.('x'), b?.('x'), a?.('x')]), ['x', 'x', 'x'])
    equal(runs, 1)
    await a?.invalidate({ tags: ['x'] })
    const c = cached(run, { name: 'f', l2: two })
    await c('x')
    equal(runs, 2)
    await a?.forget('x')
    await cached(run, { name: 'f', l2: two })('x')
    equal(runs, 3)
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('a process that has its folder alone makes a value once, lets the next one lead, and finds it after a restart', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'andon-cache-'))
  try {
    let runs = 0
    const run = async (text: string): Promise<string> => {
      runs++
      await new Promise((resolve) => setTimeout(resolve, 5))
      if (text === 'bad') throw new Error('bad')
      return text
    }
    {
      await using l2 = await folderLevel({ folder, alone: true })
      const [a, b] = [cached(run, { name: 'f', l2 }), cached(run, { name: 'f', l2 })]
      deepEqual(await Promise.all([a('x'), b('x'), a('x'), b('y')]), ['x', 'x', 'x', 'y'])
      equal(runs, 2)
      const failures = await Promise.allSettled([a('bad'), b('bad')])
      deepEqual(
        failures.map(({ status }) => status),
        ['rejected', 'rejected'],
      )
      equal(runs, 4)
    }
    await using l2 = await folderLevel({ folder, alone: true })
    const again = cached(run, { name: 'f', l2 })
    deepEqual(await Promise.all([again('x'), again('y')]), ['x', 'y'])
    equal(runs, 4)
    await again.clear()
    await again('x')
    equal(runs, 5)
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('a folder keeps to its size: what was stored longest ago goes first, and what is cleared is deleted', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'andon-cache-'))
  try {
    const values = Array.from({ length: 60 }, (_, at) => `${at}`)
    {
      await using l2 = await folderLevel({ folder, maxBytes: 20_000, alone: true })
      const f = cached((at: string) => at.padEnd(1_000), { name: 'f:g', l2, compress: false })
      for (const value of values) await f(value)
    }
    const { values: left, bytes } = (await measureFolder(folder)).get('f:g') ?? { values: 0, bytes: 0 }
    // It looks behind the stores, not before them.
    ok(bytes < 40_000 && left > 10, `${left} values of ${bytes} bytes`)
    await using l2 = await folderLevel({ folder, maxBytes: 20_000, alone: true })
    let runs = 0
    const run = (at: string): string => ((runs += 1), at.padEnd(1_000))
    const again = cached(run, { name: 'f:g', l2, compress: false })
    for (const value of values.slice(-10)) await again(value)
    equal(runs, 0)
    await again('0')
    equal(runs, 1)
    await cached(run, { name: 'other', l2 })('x')
    await again.clear()
    deepEqual((await measureFolder(folder)).get('f:g'), { values: 0, bytes: 0 })
    equal((await measureFolder(folder)).get('other')?.values, 1)
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('a node that is added to a ring takes its share of the keys and moves no other', () => {
  const names = ['a', 'b', 'c', 'd']
  const keys = Array.from({ length: 10_000 }, (_, at) => `key ${at}`)
  let moved = 0
  for (const key of keys) {
    const [before, after] = [ownerOf(key, names), ownerOf(key, [...names, 'e'])]
    if (before === after) continue
    equal(after, 'e')
    moved++
  }
  equal(moved / keys.length < 1.2 / 5, true)
  equal(moved > 0, true)
})
