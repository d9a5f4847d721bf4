// andon keys, as the command that it is: with a server, and without one on the store itself.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { endOf, openCommandLine, saying, startCommand } from '../../test/command-line.ts'
import { jsonIn, jsonOf, textOf } from '../../test/door.ts'

describe('andon keys', () => {
  it('prints the secret of a new key once, alone on standard output', async () => {
    await using line = await openCommandLine()
    const made = await line.run([
      'keys',
      'create',
      '--name',
      'ada',
      '--scope',
      'ask',
      '--scope',
      'load',
      '--expires',
      '90d',
    ])
    assert.equal(made.code, 0, made.stderr)
    assert.match(made.stdout, /^andon_[\w-]{43}\n$/)
    assert.match(made.stderr, /may ask, load in the tenant default until \d{4}-/)
    const key = await line.factory.keyOf(made.stdout.trim())
    assert.deepEqual(key?.scopes, ['ask', 'load'])
    const days = ((key?.expiresAt ?? 0) - Date.now()) / 86_400_000
    assert.ok(days > 89.9 && days <= 90)
    const listed = await line.run(['keys'])
    assert.match(listed.stdout, /ask,load.*ada\n/)
    assert.ok(!listed.stdout.includes(made.stdout.trim()))
  })

  it('works for another tenant, and in JSON', async () => {
    await using line = await openCommandLine()
    const { value } = await line.json(['keys', 'create', '--name', 'ada', '--tenant', 'acme'])
    assert.equal(value['key']?.['tenant'], 'acme')
    assert.equal((await line.factory.keyOf(textOf(value['secret'])))?.tenant, 'acme')
    assert.match((await line.run(['keys', 'list'])).stdout, /No keys/)
  })

  it('revokes', async () => {
    await using line = await openCommandLine()
    const { key, secret } = await line.factory.createKey({ name: 'ada' })
    const revoked = await line.run(['keys', 'revoke', key.id])
    assert.equal(revoked.code, 0)
    assert.match(revoked.stdout, /\(ada\) is revoked/)
    assert.equal(await line.factory.keyOf(secret), undefined)
    const unknown = await line.run(['keys', 'revoke', 'key_nothing'])
    assert.equal(unknown.code, 1)
    assert.match(unknown.stderr, /^There is no key key_nothing: "(andon|npm run -s andon --) keys list" shows/m)
  })

  it('says what is wrong with what it was given', async () => {
    await using line = await openCommandLine()
    const table: [string[], RegExp][] = [
      [['create'], /--name/],
      [['create', '--name', 'a', '--scope', 'root'], /--scope is "root"/],
      [['create', '--name', 'a', '--expires', 'soon'], /--expires is "soon"/],
      [['create', '--name', 'a', '--expires', '0d'], /--expires is "0d"/],
      [['creat'], /Did you mean "andon keys create"/],
    ]
    for (const [args, sentence] of table) {
      const ended = await line.run(['keys', ...args])
      assert.equal(ended.code, 2, ended.stderr)
      assert.match(ended.stderr, sentence)
    }
  })

  it('opens the door of a server that others can reach, which says that nobody can come in', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'andon-keys-'))
    await using stack = new AsyncDisposableStack()
    stack.defer(() => rm(folder, { recursive: true, force: true }))
    const options = { directory: folder, environment: { ANDON_HANDBOOK: 'false' } }
    // The first key, without a server; it is revoked, so that there is none.
    const first = await endOf(startCommand(['keys', 'create', '--name', 'ada', '--json'], options))
    assert.equal(first.code, 0, first.stderr)
    const { key, secret } = jsonIn(first.stdout)
    assert.equal((await endOf(startCommand(['keys', 'revoke', textOf(key?.['id'])], options))).code, 0)

    const server = startCommand(['serve', '--host', '0.0.0.0', '--port', '0'], options)
    const ended = once(server, 'close')
    stack.defer(async () => {
      server.kill('SIGTERM')
      await ended
    })
    const warned = saying(server.stderr, /Nobody can come in yet: make a key with ".* keys create --name me"/)
    const url = /at (\S+)/.exec(await saying(server.stdout, /at \S+\n/))?.[1] ?? ''
    await warned
    const me = (headers: Record<string, string>): Promise<Response> => fetch(`${url}/v1/me`, { headers })
    assert.equal((await me({})).status, 401)
    assert.equal((await me({ authorization: `Bearer ${textOf(secret)}` })).status, 401)

    // Through the socket of the server.
    const { stdout } = await endOf(startCommand(['keys', 'create', '--name', 'grace', '--tenant', 'acme'], options))
    const known = await jsonOf(await me({ authorization: `Bearer ${stdout.trim()}` }))
    assert.deepEqual(known, { kind: 'key', name: 'grace', tenant: 'acme', scopes: ['ask'] })
  })
})
