// kill -9 at any moment of loading: what was acknowledged is there once, whole, and the rest goes on by itself.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createPlaces } from '../../src/places/places.ts'
import { Database } from '../../src/stores/embedded/database.ts'
import { openEmbeddedStores } from '../../src/stores/embedded/open.ts'
import { find, publishText, terms } from '../../src/contracts/fixtures.ts'
import { linesPerDocument } from './loader-texts.ts'

const root = await mkdtemp(join(tmpdir(), 'andon-crash-'))
after(() => rm(root, { recursive: true, force: true }))

/** Runs the loading process until it has said `lines` lines, kills it, and answers all that it said. */
async function loadUntilKilled(path: string, round: number, lines: number): Promise<string[]> {
  const script = fileURLToPath(new URL('loader-process.ts', import.meta.url))
  const child = spawn(process.execPath, [script, path, `${round}`], { stdio: ['ignore', 'pipe', 'inherit'] })
  const said: string[] = []
  const closed = once(child, 'close')
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line)
    if (said.length === lines) child.kill('SIGKILL')
  }
  await closed
  return said
}

describe('the embedded store, killed while it loads', () => {
  it('has every acknowledged document once, none half, and loads the rest', async () => {
    const path = join(root, 'data')
    const accepted = new Map<string, { id: string; version: number }>()
    const published = new Set<string>()
    for (const [round, lines] of [3, 17, 64, 150, 301].entries()) {
      const said = await loadUntilKilled(path, round, lines)
      assert.ok(said.length >= lines, `the process ended by itself after ${said.join(' | ')}`)
      for (const line of said) {
        const [what, name = '', ...rest] = line.split(' ')
        if (what === 'accepted') accepted.set(name, { version: Number(rest[0]), id: rest[1] ?? '' })
        if (what === 'published') published.add(name)
      }
    }
    assert.ok(published.size > 0)

    {
      using db = new Database(join(path, 'andon.sqlite'))
      assert.equal(db.get<{ integrity_check: string }>('PRAGMA integrity_check')?.integrity_check, 'ok')
    }
    await using places = createPlaces({})
    await using stores = await openEmbeddedStores({ path, places, writer: 'inline', readers: 'inline' })
    const { library, jobs } = stores
    const check = async (everything: boolean): Promise<void> => {
      const documents = await library.list('ours', { limit: 1_000 })
      assert.equal(new Set(documents.map(({ name }) => name)).size, documents.length, 'no name twice')
      for (const [name, { id }] of accepted)
        assert.ok(
          documents.some((each) => each.id === id && each.name === name),
          name,
        )
      let passages = 0
      for (const document of documents) {
        assert.ok(['ready', 'waiting', 'loading'].includes(document.status), `${document.name} is ${document.status}`)
        const found = await find(stores, 'ours', `doc${document.name}`, {}, 100)
        if (published.has(document.name) || everything) assert.equal(found.length, linesPerDocument, document.name)
        assert.ok(found.length === 0 || found.length === linesPerDocument, `${document.name} is half there`)
        assert.equal(new Set(found.map((text) => text.split(' ')[1])).size, Math.min(1, found.length), 'one version')
        assert.equal(document.passages, found.length)
        passages += found.length
        if (found.length > 0) assert.equal(await library.text('ours', document.id), found.toSorted().join('\n'))
      }
      const { passages: counted, frequencies } = await stores.index.statistics('ours', ['common'])
      assert.equal(counted, passages)
      assert.equal(frequencies.get('common'), passages)
      assert.equal((await stores.index.keyword('ours', terms('common'), {}, 10_000)).length, passages)
    }
    await check(false)
    for (;;) {
      const [lease] = await jobs.claim({ worker: 'after', leaseMs: 60_000, limit: 1 })
      if (!lease) break
      const document = await library.get('ours', lease.job.documentId ?? '')
      await publishText(stores, lease, await readFile(stores.blobs.path(document?.hash ?? ''), 'utf8'))
    }
    await check(true)
    for (const [name, { id, version }] of accepted) {
      const text = await library.text('ours', id)
      const there = Number(/version(\d+)/.exec(text ?? '')?.[1])
      assert.ok(there >= version, `${name} has version ${there}, but ${version} was acknowledged`)
    }
  })
})
