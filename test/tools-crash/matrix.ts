// Everything a tool can do to its worker, in a process and in a thread: the host lives, the neighbours are answered, the
// one that did it is named, and nothing of it stays: no process, no file, no descriptor. ROUNDS repeats each of them on
// the same executor (default 5). How long each took to let go is told, and not judged.

import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import type { Executor } from '../../src/tools/executor.ts'
import type { Tool, ToolErrorKind, ToolResult } from '../../src/tools/tool.ts'
import { additions, rounds, settled, strangers, toolOf, warmExecutor, zombies } from './tools.ts'

interface Deed {
  name: string
  kinds: readonly ToolErrorKind[]
  timeoutMs?: number
  /** Each time costs the machine seconds: it is done less often. */
  costly?: boolean
  /** In a thread; `none`: it would take this program with it. */
  thread?: readonly ToolErrorKind[] | 'none'
}

const deeds: Deed[] = [
  { name: 'throws', kinds: ['failed'] },
  { name: 'rejects', kinds: ['failed'] },
  { name: 'settlesNever', kinds: ['timeout'], timeoutMs: 150 },
  { name: 'loops', kinds: ['timeout'], timeoutMs: 150 },
  { name: 'loopsLater', kinds: ['timeout'], timeoutMs: 150 },
  { name: 'backtracks', kinds: ['timeout'], timeoutMs: 150 },
  { name: 'fillsHeap', kinds: ['out-of-memory'], costly: true },
  { name: 'fillsBuffers', kinds: ['out-of-memory'] },
  { name: 'exits', kinds: ['crashed'] },
  { name: 'exitsLater', kinds: ['crashed'] },
  { name: 'throwsLater', kinds: ['crashed'] },
  { name: 'aborts', kinds: ['crashed'], thread: ['failed'] },
  { name: 'segfaults', kinds: ['crashed'], thread: 'none' },
  { name: 'forks', kinds: ['crashed', 'timeout', 'out-of-memory'], timeoutMs: 1_000 },
  { name: 'leavesProcess', kinds: ['timeout'], timeoutMs: 150 },
  { name: 'returnsMuch', kinds: ['output-too-large', 'out-of-memory'] },
  { name: 'returnsVeryMuch', kinds: ['output-too-large'] },
  { name: 'blocksInShell', kinds: ['timeout'], timeoutMs: 150 },
  { name: 'blocksInCrypto', kinds: ['timeout'], timeoutMs: 150, costly: true },
]

/** Tries them all in a place. */
export function tryDeeds(place: 'process' | 'thread'): void {
  describe(`deeds in a ${place}`, { concurrency: false }, () => {
    let executor: Executor
    let descriptors = 0
    before(async () => {
      executor = await warmExecutor({ mode: place, quarantine: { crashes: Infinity } })
      descriptors = readdirSync('/proc/self/fd').length
    })
    after(async () => {
      await executor[Symbol.asyncDispose]()
      await settled('zombies', () => zombies())
      await settled('processes', () => strangers())
      await settled('descriptors', () => readdirSync('/proc/self/fd').slice(descriptors))
    })

    for (const deed of deeds) {
      const kinds = place === 'process' ? deed.kinds : (deed.thread ?? deed.kinds)
      if (kinds === 'none') continue
      test(`a tool that ${inWords(deed.name)}`, async (context) => {
        const tool = toolOf('crashes', deed.name, { limits: { timeoutMs: deed.timeoutMs ?? 20_000, graceMs: 50 } })
        const took: number[] = []
        const times = Math.ceil(rounds / (deed.costly ? 3 : 1))
        for (let round = 0; round < times; round++) took.push(await once(executor, tool, kinds))
        await settled('processes', () => strangers(executor))
        await settled('zombies', () => zombies())
        const sorted = took.toSorted((a, b) => a - b)
        const [median, worst] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)]
        context.diagnostic(`answered within ${Math.round(median ?? 0)} ms, at worst ${Math.round(worst ?? 0)} ms`)
      })
    }
  })
}

/** The deed among a hundred calls, then a hundred more; returns how long the guilty call took to be answered, in ms. */
async function once(executor: Executor, tool: Tool, kinds: readonly ToolErrorKind[]): Promise<number> {
  const calls = additions(100)
  calls.splice(37, 0, { id: 'guilty', tool, input: {} })
  const start = performance.now()
  let took = 0
  const results = await executor.execute(calls, {
    onResult: ({ id }) => {
      if (id === 'guilty') took = performance.now() - start
    },
  })
  const guilty = results[37]
  assert.equal(guilty?.id, 'guilty')
  assert.ok(guilty.error && kinds.includes(guilty.error.kind), JSON.stringify(guilty).slice(0, 1_000))
  assertAdded(results.toSpliced(37, 1))
  assertAdded(await executor.execute(additions(100)))
  return took
}

function assertAdded(results: readonly ToolResult[]): void {
  const wrong = results.find(({ value }, index) => value !== index + 1)
  assert.equal(wrong, undefined)
}

function inWords(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}
