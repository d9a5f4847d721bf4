// A library goes out as open files and comes back; what is no export, or a hostile one, brings nothing in.

import assert from 'node:assert/strict'
import { mkdtempDisposable, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { AndonError } from '../core/errors.ts'
import { acceptText } from '../contracts/fixtures.ts'
import { createPlaces } from '../places/places.ts'
import { openEmbeddedStores, type EmbeddedStores } from '../stores/embedded/open.ts'
import { accept } from './add.ts'
import { exportTenant, importTenant } from './export.ts'

/** Two stores, an export of the first, and an import into the second. */
async function house() {
  const opened = new AsyncDisposableStack()
  const folder = opened.use(await mkdtempDisposable(join(tmpdir(), 'andon-export-')))
  const places = opened.use(createPlaces({}))
  const open = async (name: string): Promise<EmbeddedStores> =>
    opened.use(await openEmbeddedStores({ path: join(folder.path, name), places, writer: 'inline', readers: 'inline' }))
  const from = await open('from')
  const into = await open('into')
  const to = join(folder.path, 'out')
  const parts = { library: into.library, blobs: into.blobs, maxBytes: 1_000_000, attempts: 3 }
  return {
    folder: folder.path,
    from,
    into,
    to,
    write: (signal?: AbortSignal) => exportTenant(to, 'ours', from, signal),
    read: () => importTenant(to, { stores: into, tenant: 'ours', add: (source) => accept(source, 'ours', parts) }),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

test('documents and conversations come back as they were', async () => {
  await using here = await house()
  await acceptText(here.from, { name: 'a.txt', text: 'alpha', metadata: { year: 2026 }, title: 'A' })
  await here.from.sessions.append('ours', 's', 0, [
    { role: 'user', text: 'q', at: 1, resolved: 'the q', answerId: 'a2', versionOf: 'a' },
    { role: 'assistant', text: '', at: 3, toolCalls: [{ id: 'c', name: 'weather', arguments: '{}' }] },
    { role: 'tool', text: 'rain', at: 4, callId: 'c' },
  ])
  await here.from.sessions.rename('ours', 's', 'About q')
  assert.deepEqual(await here.write(), { path: here.to, documents: 1, sessions: 1 })
  const { jobIds, ...counts } = await here.read()
  assert.deepEqual([counts, jobIds.length], [{ documents: 1, sessions: 1 }, 1])
  const [document] = await here.into.library.list('ours')
  assert.deepEqual([document?.title, document?.metadata], ['A', { year: 2026 }])
  const { title, turns } = await here.into.sessions.read('ours', 's')
  assert.equal(title, 'About q')
  assert.deepEqual(turns, (await here.from.sessions.read('ours', 's')).turns)
})

test('a file that is a link to one elsewhere, or holds other bytes, is refused', async () => {
  await using here = await house()
  const { document } = await acceptText(here.from, { name: 'a.txt', text: 'alpha' })
  await here.write()
  const file = join(here.to, 'files', document.hash)
  await rm(file)
  const secret = join(here.folder, 'secret')
  await writeFile(secret, 'a private key')
  await symlink(secret, file)
  await assert.rejects(here.read(), { code: 'invalid', message: /is a link/ })
  await rm(file)
  await writeFile(file, 'other bytes')
  await assert.rejects(here.read(), { code: 'invalid', message: /not the bytes/ })
  assert.deepEqual(await here.into.library.list('ours'), [])
})

test('an export that breaks off leaves nothing behind that looks like one', async () => {
  await using here = await house()
  await acceptText(here.from, { name: 'a.txt', text: 'alpha' })
  const reason = new AndonError('cancelled', 'Enough')
  await assert.rejects(here.write(AbortSignal.abort(reason)), { code: 'cancelled' })
  assert.deepEqual(await readdir(here.to), [])
})

test('a document that goes for good while others are written is left out', async () => {
  await using here = await house()
  const { document } = await acceptText(here.from, { name: 'a.txt', text: 'alpha' })
  await acceptText(here.from, { name: 'b.txt', text: 'beta' })
  await rm(here.from.blobs.path(document.hash))
  assert.equal((await here.write()).documents, 1)
  assert.match(await readFile(join(here.to, 'documents.jsonl'), 'utf8'), /^\{"name":"b.txt".*\}\n$/)
})
