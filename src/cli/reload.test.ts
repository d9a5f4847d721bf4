// SIGHUP: endpoints change while streams go on, in a server and in a gateway of one process and of several.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { chat } from '../../test/router/gateway-process.ts'
import { frame, openModelServer, sayWhole, type Came } from '../../test/router/upstream-server.ts'

interface Running extends AsyncDisposable {
  url: string
  workers: number[]
  write(models: object, more?: object): Promise<void>
  writeText(text: string): Promise<void>
  /** Tells it SIGHUP, or all its processes, as a terminal does. */
  hangUp(whom?: 'all'): void
  /** The next line of standard error that matches. */
  hears(pattern: RegExp): Promise<string>
  /** Stops it; everything that it said. */
  stop(): Promise<string[]>
}

/** A command that takes requests, as the first of a group of processes. */
async function run(command: 'serve' | 'gateway', models: object, flags: string[] = []): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), 'andon-reload-'))
  const file = join(folder, 'andon.config.json')
  const writeText = (text: string): Promise<void> => writeFile(file, text)
  const write = (models: object, more: object = {}): Promise<void> =>
    writeText(JSON.stringify({ dataDir: join(folder, 'data'), handbook: false, ...more, models }))
  await write(models)
  const main = fileURLToPath(new URL('./main.ts', import.meta.url))
  const child = spawn(process.execPath, [main, command, '--json', '--port', '0', '--config', file, ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const { pid } = child
  assert.ok(pid !== undefined)
  const said: string[] = []
  const lines = createInterface({ input: child.stderr })
  const closed = once(lines, 'close')
  const waiting = new Set<() => void>()
  lines.on('line', (line) => {
    said.push(line)
    for (const look of waiting) look()
  })
  let printed = ''
  for await (const part of child.stdout) {
    printed += String(part)
    if (printed.trimEnd().endsWith('}')) break
  }
  assert.match(printed, /"url"/, `${printed}${said.join('\n')}`)
  const { url, workers = [] } = JSON.parse(printed) as { url: string; workers?: number[] }
  let from = 0
  const hears = (pattern: RegExp): Promise<string> => {
    const { promise, resolve } = Promise.withResolvers<string>()
    const look = (): void => {
      for (; from < said.length; from++) {
        const line = said[from] ?? ''
        if (!pattern.test(line)) continue
        from++
        waiting.delete(look)
        return resolve(line)
      }
    }
    waiting.add(look)
    look()
    return promise
  }
  const stop = async (): Promise<string[]> => {
    if (child.exitCode === null && child.signalCode === null) child.kill()
    await closed
    return said
  }
  return {
    url,
    workers,
    write,
    writeText,
    hangUp: (whom) => process.kill(whom === 'all' ? -pid : pid, 'SIGHUP'),
    hears,
    stop,
    async [Symbol.asyncDispose]() {
      await stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function modelsAt(url: string): Promise<string[]> {
  const { data } = (await (await fetch(`${url}/v1/models`)).json()) as { data: { id: string }[] }
  return data.map(({ id }) => id).filter((id) => !id.startsWith('andon'))
}

/** A stream that has begun; `rest` ends it and resolves with all that came. */
async function begin(url: string, came: Promise<Came>): Promise<{ rest(): Promise<string> }> {
  const asked = fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', connection: 'close' },
    body: '{"model":"m","stream":true,"messages":[{"role":"user","content":"Hi"}]}',
  })
  const { response: upstream } = await came
  upstream.writeHead(200, { 'content-type': 'text/event-stream' })
  upstream.write(frame({ role: 'assistant', content: 'before' }))
  const response = await asked
  return {
    rest: () => {
      upstream.write(frame({ content: 'after' }))
      upstream.end(`${frame({}, 'stop')}data: [DONE]\n\n`)
      return response.text()
    },
  }
}

describe('SIGHUP', { skip: process.platform === 'win32' }, () => {
  it('changes the endpoints of a server, names what needs a restart, and a wrong configuration changes nothing', async () => {
    await using server = await run('serve', { endpoints: [{ name: 'a', url: 'http://127.0.0.1:1', model: 'first' }] })
    assert.deepEqual(await modelsAt(server.url), ['first'])
    const second = { endpoints: [{ name: 'a', url: 'http://127.0.0.1:1', model: 'second' }] }
    await server.write(second)
    server.hangUp()
    assert.equal(await server.hears(/Read again/), 'Read again: 1 endpoint for models.')
    assert.deepEqual(await modelsAt(server.url), ['second'])
    await server.write({ endpoints: [{ name: 'a', url: 'nowhere' }] })
    server.hangUp()
    assert.match(await server.hears(/Nothing changed: /), /models\.endpoints\.0\.url/)
    assert.deepEqual(await modelsAt(server.url), ['second'])
    await server.write({ ...second, model: 'second', fallback: ['other'] }, { readers: 3 })
    server.hangUp()
    assert.equal(
      await server.hears(/Read again/),
      'Read again: 1 endpoint for models. models.fallback, models.model and readers changed: they need a restart.',
    )
  })

  it('says of the first endpoint of a server that it needs a restart', async () => {
    await using server = await run('serve', {})
    server.hangUp()
    assert.equal(await server.hears(/Read again/), 'Read again: nothing changed.')
    await server.write({ endpoints: [{ name: 'a', url: 'http://127.0.0.1:1', model: 'first' }] })
    server.hangUp()
    assert.equal(await server.hears(/Read again/), 'Read again: models.endpoints changed: that needs a restart.')
    assert.deepEqual(await modelsAt(server.url), [])
  })

  for (const [what, flags] of [
    ['one process', []],
    ['several processes', ['--workers', '2']],
  ] as const)
    it(`changes the endpoints of a gateway of ${what}, and streams come whole`, async () => {
      const first = Promise.withResolvers<Came>()
      await using before = await openModelServer((came) => first.resolve(came))
      await using after = await openModelServer((came) => sayWhole(came, 'Hello'))
      const old = { endpoints: [{ name: 'old', url: before.url, model: 'm' }] }
      const now = { endpoints: [{ name: 'new', url: after.url, model: 'm' }] }
      await using gateway = await run('gateway', old, [...flags])
      const stream = await begin(gateway.url, first.promise)

      for (const [wrong, why] of [
        ['{"models": {"endpoints": [', /JSON/],
        ['{"models": {}}', /no endpoint to pass anything on to/],
        [JSON.stringify({ models: { endpoints: [{ name: 'old', url: 'nowhere' }] } }), /models\.endpoints\.0\.url/],
        [
          JSON.stringify({ models: { baseUrl: after.url, endpoints: [{ name: 'main', url: after.url }] } }),
          /Two endpoints are named main/,
        ],
      ] as const) {
        await gateway.writeText(wrong)
        gateway.hangUp('all')
        assert.match(await gateway.hears(/./), why)
      }
      assert.deepEqual(await modelsAt(gateway.url), ['m'])

      await gateway.write({ ...now, budgets: [{ of: 'key', tokensPerDay: 1 }] }, { readers: 3 })
      gateway.hangUp('all')
      assert.equal(
        await gateway.hears(/./),
        'Read again: 1 endpoint for models. models.budgets changed: that needs a restart.',
      )
      for (let each = 0; each < 4; each++) assert.match(await (await chat(gateway.url)).text(), /Hello/)
      assert.equal(after.came.length, 4)
      assert.equal(before.came.length, 1)
      const stopped = gateway.stop()
      await gateway.hears(/Stopping/)
      gateway.hangUp('all')
      assert.match(await stream.rest(), /before.*after.*\[DONE\]/s)
      const said = await stopped
      assert.equal(said.filter((line) => line.startsWith('Nothing changed')).length, 4)
      assert.equal(said.filter((line) => line.startsWith('Read again')).length, 1)
    })

  it('is told to a process that takes another’s place, too', async () => {
    await using before = await openModelServer((came) => sayWhole(came, 'Hello'))
    await using after = await openModelServer((came) => sayWhole(came, 'Hello'))
    const old = { endpoints: [{ name: 'old', url: before.url, model: 'm' }] }
    await using gateway = await run('gateway', old, ['--workers', '2'])
    await gateway.write({ endpoints: [{ name: 'new', url: after.url, model: 'm' }] })
    gateway.hangUp()
    await gateway.hears(/Read again/)
    // What stands there by now is not read by anybody but the newcomer, who hears what the others have.
    await gateway.write(old)
    process.kill(gateway.workers[0] ?? 0, 'SIGKILL')
    await gateway.hears(/another takes its place/)
    for (;;) {
      const look = await fetch(`${gateway.url}/health/ready`, { headers: { connection: 'close' } })
      const { workers } = (await look.json()) as { workers: { ready: number } }
      if (workers.ready === 2) break
    }
    for (let each = 0; each < 4; each++) await (await chat(gateway.url)).text()
    assert.deepEqual([before.came.length, after.came.length], [0, 4])
  })
})
