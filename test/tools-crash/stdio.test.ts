// A stdio server that dies, hangs or floods: its call is named, the next one finds a new server, and nothing is left
// behind, not even when the worker that watches over it is killed. ROUNDS repeats each deed.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { after, before, describe, test } from 'node:test'
import { ToolRegistry } from '../../src/tools/registry.ts'
import type { ToolErrorKind, ToolResult } from '../../src/tools/tool.ts'
import { rounds, zombies } from './tools.ts'

/** What is tried here is how servers rest, and not how their tools do. */
const never = { crashes: 1e6, failures: 1e6 }

const server = {
  name: 'bad',
  command: process.execPath,
  args: [new URL('./fixtures/bad-server.ts', import.meta.url).pathname],
  restart: { deaths: 100_000, backoffMs: 0 },
}

const deeds: { name: string; kind: ToolErrorKind; says: RegExp; timeoutMs?: number }[] = [
  { name: 'exits', kind: 'crashed', says: /^The MCP server bad ended with code 3\b/ },
  { name: 'aborts', kind: 'crashed', says: /^The MCP server bad ended by SIGABRT/ },
  { name: 'throws', kind: 'crashed', says: /ended with code 1\. It said: [^]*The oven exploded/ },
  { name: 'floods', kind: 'crashed', says: /wrote a message of more than 8388608 bytes, and was ended/ },
  { name: 'babbles', kind: 'crashed', says: /characters to its output that are no messages, such as "Warning/ },
  { name: 'gossips', kind: 'crashed', says: /characters that nobody asked for, and was ended/ },
  { name: 'settlesNever', kind: 'timeout', says: /./, timeoutMs: 150 },
  { name: 'loops', kind: 'timeout', says: /./, timeoutMs: 150 },
]

for (const mode of ['process', 'thread', 'inline'] as const) {
  describe(`a stdio server, called in ${mode} mode`, { concurrency: false }, () => {
    let registry: ToolRegistry
    const begun: number[] = []
    before(async () => {
      registry = new ToolRegistry({ mode, executor: { workers: 1, quarantine: never, circuit: never } })
      await registry.registerMcp(server, { defaults: { limits: { timeoutMs: 20_000, graceMs: 50 } } })
    })
    after(async () => {
      await registry[Symbol.asyncDispose]()
      for (const pid of begun) await gone(pid)
      assert.deepEqual(zombies(), [])
    })

    const call = async (name: string, deadlineMs = 60_000): Promise<ToolResult> => {
      const [result] = await registry.executeToolCalls([{ id: name, name: `bad-${name}`, arguments: {} }], {
        deadlineMs,
      })
      assert.ok(result)
      return result
    }
    const pid = async (): Promise<number> => {
      const result = await call('pid')
      assert.equal(result.error, undefined)
      begun.push(Number(result.value))
      return Number(result.value)
    }

    for (const { name, kind, says, timeoutMs } of deeds) {
      test(`one that ${inWords(name)}`, async () => {
        for (let round = 0; round < (mode === 'inline' ? 1 : rounds); round++) {
          const first = await pid()
          const { error } = await call(name, timeoutMs)
          assert.equal(error?.kind, kind, error?.message)
          assert.match(error.message, says)
          // Whoever holds its thread has to be ended before it can answer again.
          if (name === 'loops') process.kill(first, 'SIGKILL')
          const second = await pidSoon()
          if (name === 'settlesNever') assert.equal(second, first)
          else await gone(first)
        }
      })
    }

    test('calls beside one that ends the server are told that nobody knows what became of them', async () => {
      const names = ['settlesNever', 'exits', 'settlesNever']
      const calls = names.map((name, index) => ({ id: `${index}`, name: `bad-${name}`, arguments: {} }))
      const results = await registry.executeToolCalls(calls)
      for (const { error } of results) {
        assert.equal(error?.kind, 'outcome-unknown')
        assert.match(error.message, /It had this call and 2 more/)
        assert.equal(error.retryable, false)
      }
      assert.equal((await call('well')).value, 'well')
    })

    test('what it started goes with it', async () => {
      const { value } = await call('spawns')
      await call('exits')
      await gone(Number(value))
    })

    /** A server that was killed is noticed by whoever calls first. */
    async function pidSoon(): Promise<number> {
      for (;;) {
        const { value } = await call('pid')
        if (value !== undefined) {
          begun.push(Number(value))
          return Number(value)
        }
      }
    }
  })
}

test('one that ends too often rests', async () => {
  await using registry = new ToolRegistry({ mode: 'inline', executor: { quarantine: never, circuit: never } })
  await registry.registerMcp({ ...server, restart: { deaths: 3, backoffMs: 1, restMs: 60_000 } })
  const call = async (name: string): Promise<ToolResult | undefined> =>
    (await registry.executeToolCalls([{ id: name, name: `bad-${name}`, arguments: {} }]))[0]
  for (let deaths = 0; deaths < 3; deaths++) {
    const { error } = (await call('exits')) ?? {}
    assert.equal(error?.kind, 'crashed', error?.message)
  }
  const resting = await call('well')
  assert.equal(resting?.error?.kind, 'quarantined')
  assert.match(resting.error.message, /^The MCP server bad ended 3 times and rests for \d+ ms\. The last time it ended/)
  const [state] = registry.mcpServers()
  assert.equal(state?.state, 'resting')
  assert.match(state.message ?? '', /rests/)
})

for (const mode of ['process', 'thread'] as const) {
  test(`servers end when their ${mode} is ended, also those that cling to life`, async () => {
    const registry = new ToolRegistry({ mode, executor: { workers: 1 } })
    try {
      await registry.registerMcp(server)
      const call = async (name: string): Promise<ToolResult | undefined> =>
        (await registry.executeToolCalls([{ id: name, name: `bad-${name}`, arguments: {} }]))[0]
      const clinging = Number((await call('clings'))?.value)
      const child = Number((await call('spawns'))?.value)
      assert.ok(process.kill(clinging, 0) && process.kill(child, 0))
      if (mode === 'process') process.kill(workerOf(clinging), 'SIGKILL')
      else await registry[Symbol.asyncDispose]()
      await gone(clinging)
      await gone(child)
    } finally {
      await registry[Symbol.asyncDispose]()
    }
  })
}

/** The worker above the shell that watches a server. */
function workerOf(pid: number): number {
  return parentOf(parentOf(pid))
}

function parentOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
}

/** Resolves when a process is no more, or waits for nobody but init. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
      if (stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z')) return
    } catch {
      return
    }
    await wait(20)
  }
}

function inWords(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}
