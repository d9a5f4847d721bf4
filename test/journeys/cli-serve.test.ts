// The server and the commands together, with the real factory: from an empty folder to an answer and back.

import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { endOf, saying, startCommand, type Child, type Ended } from '../command-line.ts'
import { eventsOf, jsonIn, jsonOf, textOf } from '../door.ts'

const environment = { ANDON_HANDBOOK: 'false' }

describe('A server and its commands', () => {
  let folder = ''
  let server: Child
  let ended: Promise<Ended>
  let url = ''

  const run = (...args: string[]): Promise<Ended> => endOf(startCommand(args, { directory: folder, environment }))

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'andon-serve-'))
    await writeFile(join(folder, 'lock.md'), '# Locks\n\nA mutex admits exactly one thread at a time.\n')
    server = startCommand(['serve', '--port', '0'], { directory: folder, environment })
    ended = endOf(server)
    const line = await saying(server.stdout, /Andon is at \S+\n/)
    url = /Andon is at (\S+)/.exec(line)?.[1] ?? ''
  })

  after(async () => {
    server.kill('SIGKILL')
    await ended
    await rm(folder, { recursive: true })
  })

  it('takes a document from a command and answers from it at both doors', async () => {
    const added = await run('add', 'lock.md', '--json')
    assert.equal(added.code, 0, added.stderr)
    assert.deepEqual(jsonIn(added.stdout)['added'], ['lock.md'])
    const asked = await run('ask', 'How many threads does a mutex admit?')
    assert.equal(asked.code, 0, asked.stderr)
    assert.match(asked.stdout, /exactly one thread at a time[^]*\[1\] lock\.md › Locks/)
    const body = JSON.stringify({ question: 'How many threads does a mutex admit?' })
    const response = await fetch(`${url}/v1/ask`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    const end = jsonIn(eventsOf(await response.text()).at(-1)?.data ?? '')
    assert.equal(end['type'], 'answer-end')
    assert.match(textOf(end['text']), /exactly one thread/)
    assert.equal((await jsonOf(await fetch(`${url}/health/ready`)))['ready'], true)
  })

  it('refuses the data directory to a second server, with 3 and a sentence', async () => {
    const second = await run('serve', '--port', '0')
    assert.equal(second.code, 3, second.stderr)
    assert.match(second.stderr, /\.andon/)
    assert.equal(second.stdout, '')
  })

  it('backs up while it runs; the backup becomes a data directory with the same documents', async () => {
    const backup = join(folder, 'backup')
    const saved = await run('backup', backup)
    assert.equal(saved.code, 0, saved.stderr)
    const onto = await run('restore', backup)
    assert.equal(onto.code, 3)
    assert.match(onto.stderr, /A server runs on/)
    const restored = await run('restore', backup, '--data', 'other')
    assert.equal(restored.code, 0, restored.stderr)
    const listed = await run('list', '--data', 'other', '--json')
    assert.equal(textOf(jsonIn(listed.stdout)[0]?.['name']), 'lock.md')
    const again = await run('restore', backup, '--data', 'other')
    assert.match(again.stderr, /is not empty/)
  })

  it('exports open files that another data directory imports', async () => {
    const exported = await run('export', 'out')
    assert.equal(exported.code, 0, exported.stderr)
    const imported = await run('import', 'out', '--data', 'third', '--json')
    assert.equal(imported.code, 0, imported.stderr)
    assert.equal(Number(jsonIn(imported.stdout)['documents']), 1)
    const again = await run('import', 'out', '--data', 'third')
    assert.match(again.stdout, /^Imported 0 documents and 0 sessions; what is there already stayed as it is\.$/m)
    const asked = await run('ask', 'How many threads does a mutex admit?', '--data', 'third')
    assert.match(asked.stdout, /exactly one thread/)
  })

  it('ends well on SIGTERM, and a command then opens the data directory itself', async () => {
    server.kill('SIGTERM')
    const { code, stderr } = await ended
    assert.equal(code, 0, stderr)
    const listed = await run('list', '--json')
    assert.equal(listed.code, 0, listed.stderr)
    assert.equal(textOf(jsonIn(listed.stdout)[0]?.['name']), 'lock.md')
  })
})
