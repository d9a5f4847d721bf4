// Calls of tools per second: batches of a hundred through a registry of the built package, to functions, classes, OpenAPI
// services and MCP servers, in threads and in processes, from nothing and warm; beside the floor of each cell, pools of
// others, and the Python ToolRegistry. Then a tool that ignores its deadline.
//
//   npm run -s bench:tools -- --json [--quick] [--only native,openapi,mcp,peers,deadline] [--python python3]

import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { atLeast, atMost, publish, say } from '../harness.ts'
import type { Gate } from '../harness.ts'
import { buildPackage } from './build.ts'
import { chart, table } from './chart.ts'
import type { ChartRow } from './chart.ts'
import { measureDeadline } from './deadline.ts'
import type { DeadlineRow } from './deadline.ts'
import { openFloor } from './floors.ts'
import { measurePeers } from './peers.ts'
import type { PeerRow } from './peers.ts'
import { measurePython, pythonHas } from './python.ts'
import { openMcpClient, openPool } from './raw-clients.ts'
import type { Wire } from './raw-clients.ts'
import { cold, openRegistry } from './registry.ts'
import type { Mode, Register } from './registry.ts'
import { startServer, stdioProgram } from './servers.ts'
import { batchSize, names, paces } from './work.ts'
import type { RunBatch } from './work.ts'

/**
 * What examples/hub_related/concurrent_average_results.txt of Oaklight/ToolRegistry (commit ae8f7c2, April 2025, Python,
 * machine unknown) says for a hundred such calls, in calls per second; its pools start inside the measured time.
 */
const published: Record<string, number> = {
  'thread func': 4772,
  'thread class': 12125,
  'thread OpenAPI': 28.4,
  'thread MCP SSE': 27.4,
  'process func': 2357,
  'process class': 3010,
  'process OpenAPI': 451,
  'process MCP SSE': 132,
}

const { values } = parseArgs({
  options: {
    workers: { type: 'string', default: '2' },
    only: { type: 'string' },
    python: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean' },
  },
})
const workers = Number(values.workers)
const parts = values.only?.split(',')
const asked = (part: string): boolean => parts === undefined || parts.includes(part)
const many = (whole: number): number => (values.quick ? Math.ceil(whole / 5) : whole)
const coldTimes = values.quick ? 3 : 7
const modes: readonly Mode[] = ['thread', 'process']

/** One cell: calls per second. */
interface Row {
  cell: string
  /** From `new ToolRegistry`, with registering and starting workers, to the last result of the first batch: median. */
  cold: number
  /** Median of many batches. */
  warm: number
  best: number
  /** Milliseconds of a warm batch of a hundred that one in a hundred exceeds. */
  p99Ms: number
  /** The same batches without Andon, in turns with it. */
  raw: number
  ofRaw: number
  errors: number
  published?: number
  /** The Python ToolRegistry in this run. */
  python?: { cold: number; warm: number }
}

await using built = await buildPackage()
const rows: Row[] = []
const gates: Gate[] = []

async function measure(cell: string, mode: Mode, register: Register, raw: RunBatch, batches: number): Promise<Row> {
  say(`measuring ${cell}`)
  const options = { built, mode, workers, register }
  const first = await cold(options, coldTimes)
  await using open = await openRegistry(options)
  const [own, floor] = await paces([open.run, raw], many(batches))
  if (!own || !floor) throw new Error('Two were measured')
  const known = published[cell]
  const row: Row = {
    cell,
    cold: first.perSecond,
    warm: own.perSecond,
    best: own.best,
    p99Ms: own.p99Ms,
    raw: floor.perSecond,
    ofRaw: Number((own.perSecond / floor.perSecond).toFixed(3)),
    errors: first.errors + own.errors + floor.errors,
    ...(known === undefined ? {} : { published: known }),
  }
  rows.push(row)
  gates.push(atMost(`${cell}: calls that went wrong`, row.errors, 0))
  if (known !== undefined) gates.push(atLeast(`${cell}: warm, beside what was published of Python`, row.warm, known))
  return row
}

if (asked('native')) {
  const number = { type: 'number' }
  const input = { type: 'object', properties: { a: number, b: number }, required: ['a', 'b'] }
  const tools = Object.fromEntries(names.map((name) => [name, { description: name, input }]))
  const registers: Record<'func' | 'class', Register> = {
    async func(registry) {
      await registry.registerModule(built.calculator, { tools })
      return ''
    },
    async class(registry) {
      await registry.registerClass({ module: built.calculator, export: 'Calculator', namespace: 'calculator', tools })
      return 'calculator-'
    },
  }
  for (const mode of modes) {
    for (const kind of ['func', 'class'] as const) {
      const cell = `${mode} ${kind}`
      await using floor = await openFloor(mode, built.calculator, workers)
      const row = await measure(cell, mode, registers[kind], floor.run, 1_600)
      gates.push(atLeast(`${cell}: warm calls per second`, row.warm, 100_000))
      gates.push(atLeast(`${cell}: share of the raw coalesced floor`, row.ofRaw, 0.3))
      gates.push(atLeast(`${cell}: calls per second from nothing`, row.cold, 600))
    }
  }
}

if (asked('openapi')) {
  const services = [{ name: 'OpenAPI', start: () => startServer('openapi-server.ts', []), bound: 8_000, batches: 400 }]
  const { python } = values
  if (python !== undefined && pythonHas(python, 'fastapi', 'uvicorn')) {
    const start = () => startServer('python/server.py', [], python)
    services.push({ name: 'OpenAPI FastAPI', start, bound: 0, batches: 80 })
  }
  for (const { name, start, bound, batches } of services) {
    await using server = await start()
    const register: Register = async (registry) => {
      await registry.registerOpenApi(`${server.url}/openapi.json`, { baseUrl: server.url, namespace: 'service' })
      return 'service-'
    }
    for (const mode of modes) {
      await using raw = openPool(server.url)
      const row = await measure(`${mode} ${name}`, mode, register, raw.run, batches)
      if (bound > 0) gates.push(atLeast(`${mode} ${name}: warm calls per second`, row.warm, bound))
    }
  }
}

if (asked('mcp')) {
  const wires: [cell: string, wire: Wire][] = [
    ['MCP SSE', 'sse'],
    ['MCP HTTP, JSON', 'json'],
    ['MCP HTTP, events', 'events'],
    ['MCP stdio', 'stdio'],
  ]
  for (const [name, wire] of wires) {
    await using server = wire === 'stdio' ? undefined : await startServer('mcp-server.ts', [wire])
    const register: Register = async (registry) => {
      const known = server
        ? { url: server.url, transport: wire === 'sse' ? ('sse' as const) : ('http' as const) }
        : { command: process.execPath, args: [stdioProgram] }
      await registry.registerMcp({ name: 'calculator', ...known })
      return 'calculator-'
    }
    for (const mode of modes) {
      await using raw = await openMcpClient(wire, server?.url)
      const row = await measure(`${mode} ${name}`, mode, register, raw.run, 160)
      gates.push(atLeast(`${mode} ${name}: share of the official client as it is`, row.ofRaw, 0.7))
      if (wire === 'sse') gates.push(atLeast(`${mode} ${name}: warm calls per second`, row.warm, 1_500))
    }
  }
}

const peers: PeerRow[] = asked('peers') ? await measurePeers(workers, many(400)) : []

if (values.python !== undefined && pythonHas(values.python, 'toolregistry')) {
  await using service = await startServer('openapi-server.ts', [])
  await using sse = await startServer('mcp-server.ts', ['sse'])
  const measured = measurePython(values.python, many(50), service.url, sse.url)
  for (const row of rows) {
    const python = measured[row.cell]
    if (!python) continue
    row.python = python
    gates.push(atLeast(`${row.cell}: warm, beside the Python ToolRegistry in this run`, row.warm, python.warm))
  }
}

const late: DeadlineRow[] = []
if (asked('deadline')) {
  for (const mode of modes) {
    say(`measuring the deadline in a ${mode}`)
    const row = await measureDeadline(built, mode, workers, values.quick ? 10 : 50)
    late.push(row)
    gates.push(atMost(`${row.cell}: callers released, p99 ms`, row.p99Ms, 350))
    gates.push(atMost(`${row.cell}: share of a core that is busy afterwards`, row.cpuAfterwards, 0.2))
    gates.push(atMost(`${row.cell}: calls that went wrong`, row.errors, 0))
  }
}

const whole = parts === undefined && !values.quick
if (whole) {
  const peerOf = (cell: string): PeerRow | undefined =>
    peers
      .filter(({ mode }) => cell === `${mode} func` || cell === `${mode} class`)
      .sort((one, other) => other.perSecond - one.perSecond)[0]
  const charted = rows.map(({ cell, warm, cold, raw, published, python }): ChartRow => {
    const peer = peerOf(cell)
    return {
      cell,
      bars: [
        { label: 'Andon, warm', value: warm, kind: 'warm' },
        { label: 'Andon, from nothing', value: cold, kind: 'cold' },
        { label: 'without Andon', value: raw, kind: 'raw' },
        ...(peer ? [{ label: peer.peer, value: peer.perSecond, kind: 'peer' as const }] : []),
        ...(python ? [{ label: 'Python ToolRegistry, warm', value: python.warm, kind: 'published' as const }] : []),
        ...(published === undefined
          ? []
          : [{ label: 'Python ToolRegistry, published 2025', value: published, kind: 'published' as const }]),
      ],
    }
  })
  const file = (name: string): URL => new URL(`../results/${name}`, import.meta.url)
  writeFileSync(file('tools.svg'), chart('Calls of tools per second, a hundred at once', charted))
  const columns = ['warm', 'cold', 'raw', 'ofRaw', 'best peer', 'published']
  writeFileSync(
    file('tools.md'),
    table(
      rows.map(({ cell, warm, cold, raw, ofRaw, published }) => {
        const peer = peerOf(cell)
        const best = peer === undefined ? undefined : `${peer.perSecond.toLocaleString('en')} (${peer.peer})`
        return { cell, warm, cold, raw, ofRaw, 'best peer': best, published }
      }),
      columns,
    ),
  )
}
publish(
  {
    name: 'tools',
    method:
      `Batches of ${batchSize} random add, subtract, multiply and divide with arguments as JSON text, one executeToolCalls per batch through ToolRegistry of the built package, ${workers} workers. ` +
      '`cold`: from new ToolRegistry, with registering and starting workers, to the last result, median of ' +
      `${coldTimes}. \`warm\`: median of many batches without the first quarter. \`raw\`: the same batches without Andon, in turns with it: ` +
      'for func and class one message of JSON text per worker and batch there and back over the same kind of port, parsed in as many workers; for OpenAPI an undici pool of 16 connections, for MCP the official client 2.x over one connection, both in this thread. ' +
      'Servers are processes of their own: Fastify; the official MCP SDK 1.x for HTTP, the server package 2.x for stdio. Peers: one task per call, as their users call them. ' +
      '`published`: Oaklight/ToolRegistry, Python, April 2025, machine unknown, pools started within the measured time. ' +
      `Deadline: twice as many calls as workers of a tool that never ends and may take 300 ms, ${values.quick ? 10 : 50} times.`,
    rows: [...rows, ...peers, ...late],
    gates,
  },
  { keep: whole },
)
