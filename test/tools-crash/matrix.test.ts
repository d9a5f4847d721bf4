// Everything a tool can do to its worker, in a process and in a thread: the host lives, the neighbours are answered, and
// the one that did it is named. TOOLS_CRASH_ROUNDS repeats each of them on the same executor.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import type { Executor } from '../../src/tools/executor.ts'
import type { Tool, ToolErrorKind, ToolResult } from '../../src/tools/tool.ts'
import { additions, toolOf, warmExecutor } from './tools.ts'

const rounds = Number(process.env['TOOLS_CRASH_ROUNDS'] ?? 1)

interface Deed {
  name: string
  kinds: readonly ToolErrorKind[]
  timeoutMs?: number
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
  { name: 'fillsHeap', kinds: ['out-of-memory'] },
  { name: 'fillsBuffers', kinds: ['out-of-memory'] },
  { name: 'exits', kinds: ['crashed'] },
  { name: 'exitsLater', kinds: ['crashed'] },
  { name: 'throwsLater', kinds: ['crashed'] },
  { name: 'aborts', kinds: ['crashed'], thread: ['failed'] },
  { name: 'segfaults', kinds: ['crashed'], thread: 'none' },
  { name: 'returnsMuch', kinds: ['output-too-large', 'out-of-memory'] },
  { name: 'returnsVeryMuch', kinds: ['output-too-large'] },
  { name: 'blocksInShell', kinds: ['timeout'], timeoutMs: 150 },
  { name: 'blocksInCrypto', kinds: ['timeout'], timeoutMs: 150 },
]

for (const place of ['process', 'thread'] as const) {
  describe(`deeds in a ${place}`, { concurrency: false }, () => {
    let executor: Executor
    before(async () => {
      executor = await warmExecutor({ mode: place, quarantine: { crashes: 1_000 } })
    })
    after(async () => {
      await executor[Symbol.asyncDispose]()
      assert.deepEqual(zombies(), [])
    })

    for (const deed of deeds) {
      const kinds = place === 'process' ? deed.kinds : (deed.thread ?? deed.kinds)
      if (kinds === 'none') continue
      test(`a tool that ${inWords(deed.name)}`, async () => {
        const tool = toolOf('crashes', deed.name, { limits: { timeoutMs: deed.timeoutMs ?? 20_000, graceMs: 50 } })
        for (let round = 0; round < rounds; round++) await once(executor, tool, kinds)
      })
    }
  })
}

/** The deed among a hundred calls, then a hundred more. */
async function once(executor: Executor, tool: Tool, kinds: readonly ToolErrorKind[]): Promise<void> {
  const calls = additions(100)
  calls.splice(37, 0, { id: 'guilty', tool, input: {} })
  const results = await executor.execute(calls)
  const guilty = results[37]
  assert.equal(guilty?.id, 'guilty')
  assert.ok(guilty.error && kinds.includes(guilty.error.kind), JSON.stringify(guilty).slice(0, 1_000))
  assertAdded(results.toSpliced(37, 1))
  assertAdded(await executor.execute(additions(100)))
}

function assertAdded(results: readonly ToolResult[]): void {
  const wrong = results.find(({ value }, index) => value !== index + 1)
  assert.equal(wrong, undefined)
}

/** Children of this process that ended and were not waited for. */
function zombies(): string[] {
  return readdirSync('/proc').filter((entry) => {
    if (!/^\d+$/.test(entry)) return false
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'latin1')
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return state === 'Z' && parent === String(process.pid)
    } catch {
      return false
    }
  })
}

function inWords(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}
