import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { Plain } from '../../core/plain.ts'
import { wallProblem } from '../executor-wall.ts'
import { registerBuiltIn, ToolRegistry } from '../index.ts'
import type { ToolMode } from '../index.ts'

const beside = (name: string): URL => new URL(name, import.meta.url)

async function call(
  registry: ToolRegistry,
  name: string,
  given: Record<string, Plain>,
): Promise<Record<string, Plain>> {
  const [result] = await registry.executeToolCalls([{ id: '1', name, arguments: given }])
  assert.ok(result)
  return (result.ok ? result.value : { error: result.error?.message ?? '' }) as Record<string, Plain>
}

/** A result, or a part of one, that is a sentence. */
function said(value: Plain | undefined): string {
  assert.ok(typeof value === 'string')
  return value
}

for (const mode of ['inline', 'thread', 'process'] satisfies ToolMode[]) {
  test(`the calculator and the calendar answer in ${mode} mode`, async () => {
    await using registry = new ToolRegistry({ mode })
    await registry.registerModule(beside('./calculator.ts'))
    await registry.registerModule(beside('./date-time.ts'))
    assert.deepEqual(
      registry
        .list()
        .map(({ name }) => name)
        .sort(),
      ['calculator', 'date_time'],
    )
    assert.deepEqual(await call(registry, 'calculator', { expression: '(112.3 - 100) / 100 in %' }), {
      value: '12.3',
      unit: '%',
      exact: true,
      steps: ['112.3 − 100 = 12.3', '12.3 ÷ 100 = 0.123', '0.123 = 12.3 %'],
    })
    const wrong = await call(registry, 'calculator', { expression: 'process.exit(1)' })
    assert.match(said(wrong.error), /no unit|belong|means nothing/)
    assert.equal((await call(registry, 'date_time', { operation: 'parse', date: '2024年3月5日' })).iso, '2024-03-05')
  })
}

test('the calendar counts, adds and converts', async () => {
  await using registry = new ToolRegistry({ mode: 'inline' })
  await registry.registerModule(beside('./date-time.ts'))
  const ask = (given: Record<string, Plain>): Promise<Record<string, Plain>> => call(registry, 'date_time', given)

  const now = await ask({ operation: 'now', zone: 'Tokyo' })
  assert.equal(now.offset, '+09:00')
  assert.ok(Math.abs(Number(now.unixMs) - Date.now()) < 60_000)

  assert.deepEqual(await ask({ operation: 'difference', date: '3 March 2024', end: '2024年5月5日' }), {
    from: '2024-03-03',
    to: '2024-05-05',
    days: 63,
    weeks: { weeks: 9, days: 0 },
    calendar: { years: 0, months: 2, days: 2 },
    wholeMonths: 2,
    wholeYears: 0,
    businessDays: 45,
  })
  assert.equal((await ask({ operation: 'difference', date: '2024-03-03 22:00', end: '2024-03-04 01:30' })).hours, 3.5)
  assert.deepEqual(await ask({ operation: 'add', date: '31 January 2024', months: 1 }), {
    date: '2024-02-29',
    weekday: 'Thursday',
  })
  assert.equal((await ask({ operation: 'add', date: '2024-03-01', businessDays: 3 })).date, '2024-03-06')
  assert.equal((await ask({ operation: 'add', date: '2024-03-05T23:30Z', hours: 2 })).iso, '2024-03-06T01:30:00+00:00')
  const converted = await ask({ operation: 'convert', date: '2024-03-05 14:30', zone: '北京', toZone: 'New York' })
  assert.equal((converted.to as Record<string, Plain>).iso, '2024-03-05T01:30:00-05:00')
  assert.equal((await ask({ operation: 'parse', date: 'Q3 2023' })).days, 92)
  assert.match(said((await ask({ operation: 'parse', date: '3/4/2024' })).note), /2024-04-03/)
  for (const given of [
    { operation: 'add', date: '2024-03-05' },
    { operation: 'difference', date: '2024-03-05' },
    { operation: 'parse', date: 'soon' },
    { operation: 'add', date: '2024-03-05', years: 9000 },
    { operation: 'now', zone: 'Atlantis' },
  ])
    assert.ok((await ask(given)).error, JSON.stringify(given))
})

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => unknown) {
  const server = createServer(answer)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    host: `127.0.0.1:${port}`,
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

test('pages of allowed hosts are read as text, in a worker', async () => {
  await using server = await serve((request, response) => {
    const moved = (location: string) => response.writeHead(302, { location }).end()
    const sent = (type: string, body: string | Buffer) => response.writeHead(200, { 'content-type': type }).end(body)
    if (request.url === '/moved') return moved('/page')
    if (request.url === '/out') return moved('http://127.0.0.1:1/')
    if (request.url === '/picture') return sent('image/png', 'x')
    if (request.url === '/large') return sent('text/plain', 'x'.repeat(5_000))
    if (request.url === '/data') return sent('application/json', '{"a":1}')
    if (request.url === '/latin') return sent('text/plain; charset=iso-8859-1', Buffer.from([0xe9]))
    assert.equal(request.headers.cookie, undefined)
    return sent(
      'text/html; charset=utf-8',
      '<html><head><title>Opening hours</title><script>alert(1)</script></head><body><nav>Home</nav><h1>Hours</h1><p>We open at <b>nine</b>.</p><table><tr><td>Monday</td><td>9–5</td></tr></table></body></html>',
    )
  })
  await using registry = new ToolRegistry({ mode: 'thread' })
  const construct = [{ hosts: `${server.host}, 127.0.0.1:1`, maxBytes: 4_000 }]
  await registry.registerClass({ module: beside('./http-get.ts').href, export: 'HttpGet', construct })
  const get = (path: string, more: Record<string, Plain> = {}): Promise<Record<string, Plain>> =>
    call(registry, 'http_get', { url: `${server.url}${path}`, ...more })

  const page = await get('/moved')
  assert.equal(page.url, `${server.url}/page`)
  assert.equal(page.title, 'Opening hours')
  assert.match(said(page.text), /We open at nine\./)
  assert.match(said(page.text), /Monday \| 9–5/)
  assert.doesNotMatch(said(page.text), /alert|Home/)
  assert.equal((await get('/data')).text, '{"a":1}')
  assert.equal((await get('/latin')).text, 'é')
  assert.deepEqual(await get('/data', { start: 2, length: 1 }), {
    url: `${server.url}/data`,
    mediaType: 'application/json',
    text: 'a',
    start: 2,
    characters: 7,
  })
  assert.match(said((await get('/large')).error), /more than 4000 bytes/)
  assert.match(said((await get('/picture')).error), /only text is read/)
  // Also when that host may be read itself: whoever was asked was asked about this one.
  assert.match(said((await get('/out')).error), /not followed: read http:\/\/127\.0\.0\.1:1\/ if it is meant/)
  const elsewhere = { url: 'http://127.0.0.1:1/' }
  assert.match(said((await call(registry, 'http_get', elsewhere)).error), /could not be asked/)
  assert.match(said((await call(registry, 'http_get', { url: 'file:///etc/passwd' })).error), /no web address/)
  assert.match(said((await call(registry, 'http_get', { url: 'http://169.254.169.254/' })).error), /not fetched from/)
})

test('all of them are registered at once; without hosts, pages are not read', async () => {
  await using registry = new ToolRegistry({ mode: 'inline' })
  await registerBuiltIn(registry)
  assert.deepEqual(
    registry
      .list()
      .map(({ name }) => name)
      .sort(),
    ['calculator', 'date_time', 'http_get', 'run_javascript'],
  )
  await assert.rejects(registerBuiltIn(new ToolRegistry(), { httpHosts: ['a b'] }), /tools\.httpHosts has/)
  assert.match(
    said((await call(registry, 'http_get', { url: 'http://127.0.0.1/' })).error),
    /List hosts in tools\.httpHosts/,
  )
})

const wall = await wallProblem()

test('a model’s code runs behind the wall', { skip: wall ?? false }, async () => {
  await using registry = new ToolRegistry()
  await registry.registerModule(beside('./run-javascript.ts'))
  const run = (code: string): Promise<Record<string, Plain>> => call(registry, 'run_javascript', { code })
  assert.deepEqual(await run('const a = [3, 1, 2]; console.log("sorting", a.length); a.sort()'), {
    result: [1, 2, 3],
    console: 'sorting 3',
  })
  assert.equal((await run('const one = await Promise.resolve(41)\nreturn one + 1')).result, 42)
  assert.equal((await run('10n ** 20n')).result, '100000000000000000000n')
  assert.equal((await run('let x = 1')).result, null)
  assert.match(said((await run('\nnull.x')).error), /TypeError: .*\(line 2\)/)
  assert.match(said((await run('const = 1')).error), /no JavaScript/)
  assert.match(said((await run('for (;;);')).error), /timed out/)
  assert.match(said((await run('require("fs")')).error), /require is not defined/)
  // Out of its context, it is still behind the wall.
  const out = 'const process = console.log.constructor("return process")();'
  assert.match(
    said((await run(`${out} process.getBuiltinModule("fs").writeFileSync("/tmp/x", "x")`)).error),
    /EROFS|permission|restricted/i,
  )
  assert.match(
    said((await run(`${out} process.getBuiltinModule("fs").readFileSync("/etc/passwd", "utf8")`)).error),
    /ENOENT|permission|restricted/i,
  )
})
