// andon gateway, as a process of its own and as several on one port.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { endOf, saying, startCommand } from '../../test/command-line.ts'
import { chat, start } from '../../test/router/gateway-process.ts'
import { openModelServer, sayWhole } from '../../test/router/upstream-server.ts'

describe('andon gateway', () => {
  it('passes requests on to the endpoints of the configuration, for who has a key', async () => {
    await using server = await openModelServer((came) => sayWhole(came, 'Hello'))
    await using gateway = await start([{ name: 'one', url: server.url, model: 'm' }], [], {
      ANDON_GATEWAY_KEYS: 'me=correct-horse',
      ANDON_AUTH_REQUIRED: 'true',
    })
    assert.equal((await chat(gateway.url)).status, 401)
    const response = await chat(gateway.url, { authorization: 'Bearer correct-horse' })
    assert.match(await response.text(), /Hello/)
    assert.equal(await gateway.stop(), 0)
  })

  it('says that with keys, too, this machine is let in without one, and how to change it', async () => {
    await using gateway = await start([{ name: 'one', url: 'http://127.0.0.1:1' }], [], {
      ANDON_GATEWAY_KEYS: 'me=correct-horse',
    })
    assert.equal(await gateway.stop(), 0)
    assert.match(gateway.said(), /this machine need no key: set auth\.required/)
  })

  for (const what of ['keys', 'config'])
    it(`does not repeat what stands in a file for --${what} that is no JSON`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'andon-gateway-'))
      const file = join(folder, 'broken.json')
      writeFileSync(file, '[{"name":"a","apiKey": top-secret}]')
      const good = join(folder, 'good.json')
      writeFileSync(good, '{"models":{"endpoints":[{"name":"a","url":"http://127.0.0.1:1"}]}}')
      const flags = what === 'config' ? ['--config', file] : ['--config', good, '--keys', file]
      const main = new URL('main.ts', import.meta.url).pathname
      const child = spawn(process.execPath, [main, 'gateway', '--port', '0', ...flags], {
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      const exited = once(child, 'exit')
      let said = ''
      for await (const part of child.stderr) said += String(part)
      assert.notEqual((await exited)[0], 0)
      assert.match(said, /JSON/)
      assert.doesNotMatch(said, /top-s|secret/)
      rmSync(folder, { recursive: true, force: true })
    })

  it('says what to write where there is no file of keys', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'andon-gateway-'))
    const good = join(folder, 'good.json')
    writeFileSync(good, '{"models":{"endpoints":[{"name":"a","url":"http://127.0.0.1:1"}]}}')
    const flags = ['--config', good, '--port', '0', '--keys', 'nowhere.json']
    const { code, stderr } = await endOf(startCommand(['gateway', ...flags], { directory: folder }))
    assert.equal(code, 2)
    assert.match(
      stderr,
      /^The keys in nowhere\.json cannot be read: there is no such file\. Give --keys a file with a list/m,
    )
    assert.doesNotMatch(stderr, /ENOENT/)
    rmSync(folder, { recursive: true, force: true })
  })

  it('in several processes sends an endpoint no more at once than it takes', async () => {
    let underWay = 0
    let most = 0
    await using server = await openModelServer((came) => {
      most = Math.max(most, ++underWay)
      setTimeout(() => {
        underWay--
        sayWhole(came, 'Hello')
      }, 20)
    })
    await using gateway = await start([{ name: 'one', url: server.url, maxConcurrent: 2 }], ['--workers', '2'])
    const replies = await Promise.all(Array.from({ length: 16 }, () => chat(gateway.url)))
    assert.ok(replies.every(({ status }) => status === 200))
    await Promise.all(replies.map((reply) => reply.text()))
    assert.equal(most, 2)
    assert.equal(await gateway.stop(), 0)
  })
})

it('a gateway says which endpoints and models it has, how to try and to stop it, and who does not answer yet', async () => {
  await using server = await openModelServer((came) => sayWhole(came, 'Hello'))
  const folder = mkdtempSync(join(tmpdir(), 'andon-gateway-'))
  const endpoints = [
    { name: 'one', url: server.url, model: 'm' },
    { name: 'two', url: 'http://127.0.0.1:1', can: ['embeddings'] },
  ]
  writeFileSync(join(folder, 'andon.config.json'), JSON.stringify({ models: { endpoints } }))
  for (const workers of [1, 2]) {
    const child = startCommand(['gateway', '--port', '0', '--workers', String(workers)], { directory: folder })
    const ended = endOf(child)
    const said = await saying(child.stderr, /endpoint two: .* cannot be reached/)
    child.kill('SIGTERM')
    const { stdout, code } = await ended
    assert.equal(code, 0)
    assert.match(
      stdout,
      workers === 1 ? /^Andon passes .* at http:\S+$/m : /^Andon passes .* at http:\S+ in 2 processes$/m,
    )
    assert.match(said, /^2 endpoints: one \(m\), two \(any model\)\.$/m)
    assert.match(said, /^Try: curl http:\S+\/v1\/chat\/completions .*"model":"m".*\nStop: Ctrl-C$/m)
    assert.doesNotMatch(said, /endpoint one/)
  }
  rmSync(folder, { recursive: true, force: true })
})
