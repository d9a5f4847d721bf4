// andon gateway --workers: several processes that are one gateway to whoever looks at them and to whoever spends.

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { endOf, startCommand } from '../../test/command-line.ts'
import { chat, start } from '../../test/router/gateway-process.ts'
import { openModelServer, sayWhole, type Came } from '../../test/router/upstream-server.ts'

/** What one process tells, on a connection of its own. */
async function told(
  url: string,
  path: string,
  { signal = null }: { signal?: AbortSignal | null } = {},
): Promise<{ text: string; silent: string | null }> {
  const response = await fetch(url + path, { headers: { connection: 'close' }, signal })
  return { text: await response.text(), silent: response.headers.get('x-andon-processes-silent') }
}

/** The value of one line of a page of metrics. */
function valueOf(page: string, line: string): number | undefined {
  const found = page.split('\n').find((each) => each.startsWith(`${line} `))
  return found === undefined ? undefined : Number(found.slice(line.length + 1))
}

const passed = 'andon_http_requests_total{method="POST",route="/v1/chat/completions",status="200"}'
const answering = 'andon_gateway_processes{state="answering"}'

/** Looks until all processes answer again. A connection that was given to one just killed is given up. */
async function untilWhole(url: string, processes: number): Promise<string> {
  for (;;) {
    const look = await told(url, '/metrics', { signal: AbortSignal.timeout(1_000) }).catch(() => undefined)
    if (look && valueOf(look.text, answering) === processes) return look.text
  }
}

/** What one process says of whether it should be given work. */
async function ready(url: string): Promise<Record<string, unknown>> {
  return JSON.parse((await told(url, '/health/ready')).text) as Record<string, unknown>
}

/** How many of so many requests, one after the other, are answered. */
async function answered(url: string, requests: number, headers: Record<string, string> = {}): Promise<number> {
  let count = 0
  for (let each = 0; each < requests; each++) {
    const response = await chat(url, headers)
    await response.text()
    if (response.ok) count++
    else assert.equal(response.status, 429)
  }
  return count
}

/** The process that takes the place of another, as soon as there is one. */
async function replacementIn(first: number, before: readonly number[]): Promise<number> {
  for (;;) {
    const children = readFileSync(`/proc/${first}/task/${first}/children`, 'utf8')
    const found = children
      .trim()
      .split(' ')
      .map(Number)
      .find((pid) => pid > 0 && !before.includes(pid))
    if (found !== undefined) return found
    await setImmediate()
  }
}

describe('Several processes of a gateway', () => {
  it('say once why none of them can begin', async () => {
    await using server = await openModelServer((came) => sayWhole(came, 'Hello'))
    const { port } = new URL(server.url)
    const directory = mkdtempSync(join(tmpdir(), 'andon-gateway-'))
    writeFileSync(
      join(directory, 'models.json'),
      JSON.stringify({ models: { endpoints: [{ name: 'a', url: server.url }] } }),
    )
    const flags = ['--config', 'models.json', '--workers', '3', '--port', port]
    const { code, stderr } = await endOf(startCommand(['gateway', ...flags], { directory }))
    rmSync(directory, { recursive: true, force: true })
    assert.equal(code, 3, stderr)
    assert.match(stderr, new RegExp(`^Port ${port} on 127\\.0\\.0\\.1 is taken by another program[^\\n]*\\n$`))
  })

  it('tell of all requests, whichever is asked, and when one is killed or silent, too', async () => {
    const held: Came[] = []
    let holds = false
    let isFull = (): void => {}
    const full = new Promise<void>((resolve) => (isFull = resolve))
    await using server = await openModelServer((came) => {
      if (!holds) return sayWhole(came, 'Hello')
      if (held.push(came) === 4) isFull()
    })
    // One that stands still is to be looked at.
    const flags = ['--workers', '3', '--replace-after', '0']
    await using gateway = await start([{ name: 'one', url: server.url, model: 'm' }], flags)
    const { url, workers } = gateway
    assert.equal(workers.length, 3)
    assert.equal(await answered(url, 9), 9)
    holds = true
    const under = Array.from({ length: 4 }, () => chat(url))
    await full
    for (let asked = 0; asked < 4; asked++) {
      const { text } = await told(url, '/metrics')
      assert.equal(valueOf(text, passed), 9)
      assert.equal(valueOf(text, 'andon_endpoint_attempts_total{endpoint="one",outcome="begun"}'), 9)
      assert.equal(valueOf(text, 'andon_endpoint_first_token_seconds_count{endpoint="one"}'), 9)
      assert.equal(valueOf(text, 'andon_endpoint_in_flight{endpoint="one"}'), 4)
      assert.equal(valueOf(text, 'andon_endpoint_limit{endpoint="one"}'), 16)
      assert.equal(valueOf(text, 'andon_desired_replicas{model="m"}'), 1)
      assert.equal(valueOf(text, answering), 3)
      for (const process of [1, 2, 3])
        assert.ok((valueOf(text, `process_resident_memory_bytes{process="${process}"}`) ?? 0) > 1e7)
      const state = JSON.parse((await told(url, '/v1/router')).text) as { inFlight: number; endpoints: object[] }
      assert.equal(state.inFlight, 4)
      assert.equal(state.endpoints.length, 1)
      const signals = JSON.parse((await told(url, '/v1/router/signals')).text) as { models: object[] }
      const row = signals.models.find((each) => 'model' in each && each.model === 'm')
      assert.partialDeepStrictEqual(row, { ability: 'chat', in_flight: 4, limit: 16, replicas: 1, utilization: 0.25 })
    }
    holds = false
    for (const came of held) sayWhole(came, 'Hello')
    for (const response of await Promise.all(under)) await response.text()
    const { text: before } = await told(url, '/metrics')
    assert.equal(valueOf(before, passed), 13)

    const [first = 0, second = 0] = workers
    // Whoever is asked by the one that is killed may hear nothing; the others go on.
    const leaving = new AbortController()
    const looks = [1, 2, 3].map(() => told(url, '/metrics', { signal: leaving.signal }))
    process.kill(first, 'SIGKILL')
    assert.equal(valueOf((await Promise.any(looks)).text, passed), 13)
    assert.equal(valueOf(await untilWhole(url, 3), passed), 13)
    leaving.abort()
    await Promise.allSettled(looks)
    for (const each of [1, 2, 3]) {
      const response = await chat(url)
      await response.text()
      assert.ok(Number(response.headers.get('x-andon-waited-ms')) < 5_000, `request ${each} had no place`)
    }
    assert.equal(valueOf((await told(url, '/metrics')).text, passed), 16)

    process.kill(second, 'SIGSTOP')
    try {
      // One connection is given to the one that does not answer; it is given no other.
      const anyOf = (path: string) => Promise.any([1, 2, 3].map(() => told(url, path)))
      const [{ text, silent }, page] = await Promise.all([anyOf('/v1/router'), anyOf('/metrics')])
      assert.match(text, /"name":"one"/)
      assert.ok(silent)
      assert.equal(valueOf(page.text, passed), 16)
      assert.equal(valueOf(page.text, 'andon_gateway_processes{state="silent"}'), 1)
    } finally {
      process.kill(second, 'SIGCONT')
    }
    assert.equal((await told(url, '/v1/router')).silent, null)
    assert.equal(await gateway.stop(), 0)
  })

  it('go on when one is killed and its successor, too, before it takes requests', async () => {
    await using server = await openModelServer((came) => sayWhole(came, 'Hello'))
    await using gateway = await start([{ name: 'one', url: server.url, model: 'm' }], ['--workers', '2'])
    const { url, workers, child } = gateway
    process.kill(workers[0] ?? 0, 'SIGKILL')
    process.kill(await replacementIn(child.pid ?? 0, workers), 'SIGKILL')
    const page = await untilWhole(url, 2)
    assert.equal(valueOf(page, 'andon_gateway_processes_ended_total{reason="died"}'), 2)
    assert.equal(await answered(url, 2), 2)
    assert.equal(await gateway.stop(), 0)
  })

  it('go on when one of them stands still, which is killed and replaced', async () => {
    const held: Came[] = []
    let holds = true
    let isHeld = (): void => {}
    await using server = await openModelServer((came) => {
      if (!holds) return sayWhole(came, 'Hello')
      held.push(came)
      isHeld()
    })
    await using gateway = await start(
      [{ name: 'one', url: server.url, model: 'm', maxConcurrent: 4 }],
      ['--workers', '2', '--replace-after', '4'],
    )
    const { url, workers } = gateway
    assert.deepEqual(await ready(url), { status: 'ready', ready: true, workers: { ready: 2, all: 2 } })
    // In turns: each of them has two places.
    const under: Promise<Response>[] = []
    for (let each = 0; each < 4; each++) {
      const next = new Promise<void>((resolve) => (isHeld = resolve))
      under.push(chat(url))
      await next
    }
    holds = false
    const ended = Promise.allSettled(under)
    const [first = 0] = workers
    process.kill(first, 'SIGSTOP')
    // One connection is given to it, and to the other one when it is killed; all wait for the places that it has.
    const replies = await Promise.all([1, 2, 3].map(() => chat(url)))
    for (const reply of replies) assert.match(await reply.text(), /Hello/)
    assert.throws(() => process.kill(first, 0))
    for (const came of held) sayWhole(came, 'Still here')
    assert.deepEqual((await ended).map(({ status }) => status).toSorted(), [
      'fulfilled',
      'fulfilled',
      'rejected',
      'rejected',
    ])
    const page = await untilWhole(url, 2)
    assert.equal(valueOf(page, 'andon_gateway_processes_ended_total{reason="silent"}'), 1)
    assert.equal(valueOf(page, 'andon_gateway_processes_ended_total{reason="died"}'), 0)
    assert.deepEqual((await ready(url))['workers'], { ready: 2, all: 2 })
    const logged = gateway
      .said()
      .split('\n')
      .filter((line) => line.startsWith('{'))
    const told = logged.map((line) => JSON.parse(line) as { event: string; pid?: number; time?: string })
    const events = told.filter(({ pid, time }) => pid === first && time !== undefined).map(({ event }) => event)
    assert.deepEqual(events, ['process-silent', 'process-ended'])
    assert.doesNotMatch(gateway.said(), /^A process/m)
    assert.equal(await gateway.stop(), 0)
  })

  it('spend one budget, let through as many a minute as one would, and know it in the place of another', async () => {
    await using server = await openModelServer((came) => sayWhole(came, 'Hello'))
    const environment = { ANDON_GATEWAY_KEYS: 'spender=correct-horse,hurried=battery-staple' }
    // An answer is ten tokens.
    const budgets = [{ of: 'key', name: 'spender', tokensPerDay: 100 }]
    const more = { models: { budgets }, limits: { keyPerMinute: 250 } }
    await using gateway = await start(
      [{ name: 'one', url: server.url, model: 'm' }],
      ['--workers', '2'],
      environment,
      more,
    )
    const { url, workers } = gateway
    const spender = { authorization: 'Bearer correct-horse' }
    const spent = await answered(url, 20, spender)
    assert.ok(spent >= 10 && spent <= 12, `${spent} were paid for`)
    // 25 at once, and what comes back meanwhile; each for itself would let fifty through.
    const hurried = await answered(url, 60, { authorization: 'Bearer battery-staple' })
    assert.ok(hurried >= 25 && hurried <= 45, `${hurried} were let through`)
    const [first = 0] = workers
    process.kill(first, 'SIGKILL')
    await untilWhole(url, 2)
    for (let each = 0; each < 3; each++) assert.match(await (await chat(url, spender)).text(), /used up its budget/)
  })
})
