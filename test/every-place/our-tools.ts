// The station of tools in every place: the same lists, the same results, the same words of a person, and what runs ends
// with its call.

import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { openCall } from '../../src/core/call.ts'
import { AndonError } from '../../src/core/errors.ts'
import { recipeBeside } from '../../src/core/recipe.ts'
import { one, type Station } from '../../src/core/station.ts'
import type { ToolsInput, ToolsOptions, ToolsOutput } from '../../src/stations/tools/contract.ts'
import { inEveryPlace, type TestedPlace } from './places.ts'

const code = `
export const greet = ({ name }, { tenant, progress }) => (progress('looking up'), name + ' of ' + tenant)
export const wait = (_, { signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
`

const options: ToolsOptions = { mode: 'thread', workers: 1, env: [], httpHosts: [], approvalMs: 60_000 }
const recipe = recipeBeside<ToolsInput, ToolsOutput>(import.meta, '../../src/stations/tools/open', 'open', options)

type Result = Extract<ToolsOutput, { type: 'result' }>['result']

/** Declares the tests of the station of tools. */
export function theStationOfToolsKeepsItsPromises(): void {
  let folder = ''
  let source: ToolsInput
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'andon-tools-station-'))
    const module = join(folder, 'mine.mjs')
    await writeFile(module, code)
    source = { do: 'sources', sources: { modules: [{ name: 'mine', module }], openapi: [], mcp: [] } }
  })
  after(() => rm(folder, { recursive: true, force: true }))

  const tests = ({ station }: TestedPlace<ToolsInput, ToolsOutput>): void => {
    before(async () => {
      using call = openCall({ tenant: 't' })
      const reply = await one(station, source, call)
      assert.deepEqual(reply.type === 'sources' && reply.sources.map(({ name, tools }) => [name, tools]), [['mine', 2]])
    })

    test('lists tools with what they may do', async () => {
      const names = await namesOf(station)
      assert.ok(names.includes('calculator') && names.includes('mine-greet'), names.join())
    })

    test('tells how far a call is, and gives its result', async () => {
      using call = openCall({ tenant: 'acme' })
      const calls = [{ id: 'one', name: 'mine-greet', arguments: '{"name":"Ann"}', permission: 'allow' as const }]
      const items = await Array.fromAsync(station.run({ do: 'run', calls }, call))
      assert.deepEqual(
        items.map((item) => (item.type === 'result' ? item.result.value : item)),
        [{ type: 'progress', id: 'one', done: 'looking up' }, 'Ann of acme'],
      )
    })

    test('gives each call its own result, also those that go wrong', async () => {
      const results = await run(station, [
        { name: 'calculator', arguments: { expression: '2+2' } },
        { name: 'calculator', arguments: { expression: 5 } },
        { name: 'calculater', arguments: {} },
        { name: 'mine-greet', arguments: {}, permission: 'deny' },
      ])
      assert.deepEqual(
        results.map(({ ok, error }) => error?.kind ?? ok),
        [true, 'invalid-arguments', 'unknown-tool', 'denied'],
      )
    })

    test('asks, and goes on with the word that comes', async () => {
      for (const approved of [true, false]) {
        using call = openCall({ tenant: 't' })
        const calls = [{ id: 'asked', name: 'mine-greet', arguments: { name: 'Bo' }, permission: 'ask' as const }]
        let result: Result | undefined
        for await (const item of station.run({ do: 'run', calls }, call)) {
          if (item.type === 'ask') {
            assert.deepEqual(item.input, { name: 'Bo' })
            const word: ToolsInput = { do: 'word', id: item.id, approved }
            assert.deepEqual(await one(station, word, call), { type: 'word', known: true })
            assert.deepEqual(await one(station, word, call), { type: 'word', known: false })
          }
          if (item.type === 'result') ({ result } = item)
        }
        assert.equal(result?.value ?? result?.error?.kind, approved ? 'Bo of t' : 'denied')
      }
    })

    test('stops what runs when its call is over, and takes the next', async () => {
      const leaving = new AbortController()
      using call = openCall({ tenant: 't', signal: leaving.signal })
      const calls = [{ id: 'waits', name: 'mine-wait', arguments: {}, permission: 'allow' as const }]
      const running = Array.fromAsync(station.run({ do: 'run', calls }, call))
      setImmediate(() => leaving.abort())
      await assert.rejects(running, (reason) => AndonError.from(reason).code === 'cancelled')
      const [next] = await run(station, [{ name: 'mine-greet', arguments: { name: 'Cy' } }])
      assert.equal(next?.value, 'Cy of t')
    })

    test('holds to the deadline of its call', async () => {
      const [late] = await run(station, [{ name: 'mine-wait', arguments: {} }], 100)
      assert.equal(late?.error?.kind, 'timeout')
    })
  }
  // A registry remembers what it was told: its pool has one worker.
  inEveryPlace('tools', recipe, tests, { not: ['threads', 'processes'] })
}

type Tools = Station<ToolsInput, ToolsOutput>

async function namesOf(station: Tools): Promise<string[]> {
  using call = openCall({ tenant: 't' })
  const reply = await one(station, { do: 'list' }, call)
  return reply.type === 'tools' ? reply.tools.map(({ name }) => name) : assert.fail(reply.type)
}

/** The results of calls, in their order. */
async function run(
  station: Tools,
  asked: { name: string; arguments: Record<string, string | number>; permission?: 'deny' }[],
  deadlineMs?: number,
): Promise<Result[]> {
  using call = openCall({ tenant: 't' })
  const calls = asked.map((each, at) => ({ permission: 'allow' as const, ...each, id: `call ${at}` }))
  const input: ToolsInput = { do: 'run', calls, ...(deadlineMs === undefined ? {} : { deadlineMs }) }
  const results: Result[] = []
  for await (const item of station.run(input, call)) if (item.type === 'result') results.push(item.result)
  return results.sort((one, other) => (one.id < other.id ? -1 : 1))
}
