// What only the embedded stores do: upgrades, refusals, full disks, backups, and generations of an index.

import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, describe, it } from 'node:test'
import { AndonError } from '../../src/core/errors.ts'
import { createPlaces } from '../../src/places/places.ts'
import { restoreBackup } from '../../src/stores/embedded/backup.ts'
import { Database } from '../../src/stores/embedded/database.ts'
import { openIndex } from '../../src/stores/embedded/index.ts'
import { migrate, migrations } from '../../src/stores/embedded/migrations/migrate.ts'
import { openEmbeddedStores } from '../../src/stores/embedded/open.ts'
import type { EmbeddedStores } from '../../src/stores/embedded/open.ts'
import {
  acceptText,
  bytesOf,
  find,
  load,
  passagesOf,
  publishText,
  take,
  terms,
  vectorOf,
} from '../../src/contracts/fixtures.ts'
import { embedAll } from '../../src/contracts/passage-index.ts'

const root = await mkdtemp(join(tmpdir(), 'andon-life-'))
const places = createPlaces({ writer: { place: 'thread', size: 1 }, readers: { place: 'thread', size: 2 } })
after(async () => {
  await places[Symbol.asyncDispose]()
  await rm(root, { recursive: true, force: true })
})

let made = 0
const fresh = () => join(root, `${made++}`)
const open = (path: string, more: { maximumPages?: number } = {}): Promise<EmbeddedStores> =>
  openEmbeddedStores({ path, places, writer: 'inline', readers: 'inline', ...more })

describe('the embedded stores, opened again', () => {
  it('have all that was there: documents, vectors, conversations, jobs and their leases', async () => {
    const path = fresh()
    {
      await using stores = await open(path)
      await load(stores, { name: 'a.txt', text: 'alpha\nbeta' })
      await embedAll(stores, 'g', (text) => (text.endsWith('alpha') ? vectorOf(1, 0) : vectorOf(0, 1)))
      await stores.sessions.append('ours', 's', 0, [{ role: 'user', text: 'q', at: 1 }])
      await acceptText(stores, { name: 'b.txt', text: 'gamma' })
      assert.equal((await stores.jobs.claim({ worker: 'lost', leaseMs: 3_600_000, limit: 1 })).length, 1)
    }
    await using stores = await openEmbeddedStores({ path, places, writer: 'writer', readers: 'readers' })
    assert.deepEqual(await find(stores, 'ours', 'beta'), ['beta'])
    const [nearest] = await stores.index.vector('ours', 'g', vectorOf(0, 1), {}, 1)
    assert.equal((await stores.index.passages('ours', [nearest?.rowId ?? 0]))[0]?.text, 'beta')
    assert.equal((await stores.sessions.read('ours', 's')).turns.length, 1)
    const [lease] = await stores.jobs.claim({ worker: 'w', leaseMs: 60_000, limit: 1 })
    assert.equal(lease?.job.documentName, 'b.txt', 'nobody else can hold a lease of this directory')
    assert.equal((await publishText(stores, lease, 'gamma')).status, 'ready')
  })

  it('free the keys of writes that were under way', async () => {
    const path = fresh()
    {
      await using stores = await open(path)
      await stores.ledger.claim('ours', 'k', 'print', 3_600_000)
    }
    await using stores = await open(path)
    assert.deepEqual(await stores.ledger.claim('ours', 'k', 'print', 1_000), { outcome: 'new' })
  })

  it('sweep what was left half written of blobs', async () => {
    const path = fresh()
    await mkdir(join(path, 'blobs', 'incoming'), { recursive: true })
    await writeFile(join(path, 'blobs', 'incoming', 'half'), 'half')
    await using stores = await open(path)
    assert.deepEqual(await readdir(join(path, 'blobs', 'incoming')), [])
    await stores.blobs.put(bytesOf('x'))
    assert.deepEqual(await readdir(join(path, 'blobs', 'incoming')), [])
  })

  it('name blobs whose process ended before it used them, once they are a day old', async () => {
    await using stores = await open(fresh())
    const young = await stores.blobs.put(bytesOf('young'))
    const old = await stores.blobs.put(bytesOf('old'))
    const used = await load(stores, { name: 'a.txt', text: 'used' })
    const before = new Date(Date.now() - 90_000_000)
    for (const hash of [old.hash, used.hash]) await utimes(stores.blobs.path(hash), before, before)
    assert.deepEqual((await stores.library.purge(0)).orphanedBlobs, [old.hash])
    assert.equal(await stores.blobs.has(young.hash), true)
  })

  it('refuse a second opener, naming the directory', async () => {
    const path = fresh()
    await using _ = await open(path)
    await assert.rejects(
      open(path),
      (error: unknown) => error instanceof AndonError && error.code === 'conflict' && error.message.includes(path),
    )
  })
})

describe('a conversation that is forgotten at once', () => {
  it('leaves no letter of it in the files', async () => {
    const path = fresh()
    const read = async () => {
      const files = (await readdir(path, { recursive: true })).filter((name) => name.includes('.sqlite'))
      return Buffer.concat(await Promise.all(files.map((name) => readFile(join(path, name)))))
    }
    const [said, asked, kept] = ['Schnabeltier', 'Ameisenigel', 'Wombat']
    {
      await using stores = await open(path)
      const { sessions, answers } = stores
      const record = { id: 'a', question: asked, sessionId: 's', startedAt: 1, events: [], spans: [] }
      for (const [id, text] of [
        ['s', said],
        ['other', kept],
      ] as const)
        await sessions.append('ours', id, 0, [{ role: 'user', text, at: 1 }])
      await sessions.keepRecap('ours', 's', 1, { text: `${said} was asked about`, turns: 1 })
      await answers.end('ours', { ...record, state: 'done' })
    }
    for (const word of [said, asked, kept]) assert.ok((await read()).includes(word), word)
    {
      await using stores = await open(path)
      await stores.sessions.remove('ours', 's', { now: true })
      await stores.answers.forgetSession('ours', 's')
    }
    for (const word of [said, asked]) assert.ok(!(await read()).includes(word), word)
    assert.ok((await read()).includes(kept))
  })
})

describe('the schema', () => {
  it('is upgraded from every earlier one, with all its data', async () => {
    for (let version = 1; version <= migrations.length; version++) {
      const path = fresh()
      await mkdir(path)
      const number = `${version}`.padStart(4, '0')
      const dump = await readFile(new URL(`schemas/${number}.sql`, import.meta.url), 'utf8')
      const old = new DatabaseSync(join(path, 'andon.sqlite'))
      old.exec(dump)
      old.close()
      await using stores = await open(path)
      const [document] = await stores.library.list('ours')
      assert.equal(document?.name, 'guide.txt')
      assert.equal(document.status, 'ready')
      assert.deepEqual(document.metadata, { color: 'red' })
      assert.deepEqual(await find(stores, 'ours', 'semaphore', { metadata: { color: 'red' } }), [
        'A semaphore counts 信号量',
      ])
      assert.equal(await stores.library.text('ours', document.id), 'A semaphore counts 信号量\nA lock guards')
      assert.deepEqual(await stores.index.similar('ours', 'semaphor'), ['semaphore'])
      const [nearest] = await stores.index.vector('ours', 'g', vectorOf(0, 1), {}, 1)
      assert.equal((await stores.index.passages('ours', [nearest?.rowId ?? 0]))[0]?.text, 'A lock guards')
      assert.equal((await stores.sessions.read('ours', 's')).turns[0]?.text, 'What is a semaphore?')
      const [job] = await stores.jobs.list('ours', { state: 'waiting' })
      assert.equal(job?.documentName, 'coming.txt')
      if (version >= 2) {
        assert.deepEqual(
          (await stores.sessions.list('ours')).map(({ title }) => title),
          ['Semaphores'],
        )
        assert.equal(await stores.sessions.restore('ours', 'removed'), true)
        assert.deepEqual((await stores.answers.get('ours', 'a'))?.events, [{ type: 'text-delta', text: 'It counts.' }])
        assert.equal((await stores.keys.find('hash'))?.name, 'reader')
        assert.equal(await stores.ledger.spent('ours', 'questions', '2026-11-21'), 3)
        assert.deepEqual(await stores.ledger.claim('ours', 'k', 'print', 1), { outcome: 'done', reply: 'reply' })
      }
      const recap = { text: 'Semaphores were asked about.', turns: 1 }
      assert.deepEqual((await stores.sessions.read('ours', 's')).recap, version >= 6 ? recap : undefined)
      const fingerprint = version >= 5 ? { fingerprint: 'print' } : {}
      const decided = version >= 4 ? [{ tool: 'calculator', enabled: false, permission: 'ask', ...fingerprint }] : []
      assert.deepEqual(await stores.toolSettings.list('ours'), decided)
      using db = new Database(join(path, 'andon.sqlite'))
      assert.equal(db.get<{ user_version: number }>('PRAGMA user_version')?.user_version, migrations.length)
    }
  })

  it('goes forward step by step, each whole or not at all', () => {
    using db = new Database(':memory:')
    const broken = [
      'CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT)',
      'CREATE TABLE two (x); CREATE TABLE two (x)',
    ]
    assert.throws(() => migrate(db, broken, '1.0.0'), { code: 'internal' })
    assert.equal(db.get<{ user_version: number }>('PRAGMA user_version')?.user_version, 1)
    assert.equal(db.get("SELECT 1 FROM sqlite_schema WHERE name = 'two'"), undefined)
    migrate(db, [broken[0] ?? '', 'CREATE TABLE two (x)'], '1.1.0')
    assert.equal(db.get<{ value: string }>("SELECT value FROM facts WHERE name = 'andon-version'")?.value, '1.1.0')
  })

  it('of a newer Andon is refused, saying which, and left untouched', async () => {
    const path = fresh()
    {
      await using stores = await open(path)
      await load(stores, { name: 'a.txt', text: 'alpha' })
    }
    const file = join(path, 'andon.sqlite')
    const newer = new DatabaseSync(file)
    newer.exec(
      `PRAGMA user_version = ${migrations.length + 3}; UPDATE facts SET value = '9.8.7' WHERE name = 'andon-version'; PRAGMA wal_checkpoint(TRUNCATE)`,
    )
    newer.close()
    const before = await readFile(file)
    await assert.rejects(open(path), (error: unknown) => {
      return error instanceof AndonError && error.code === 'conflict' && error.message.includes('9.8.7')
    })
    assert.deepEqual(await readFile(file), before)
  })

  it('of another program is refused', async () => {
    const path = fresh()
    await mkdir(path)
    const other = new DatabaseSync(join(path, 'andon.sqlite'))
    other.exec('CREATE TABLE theirs (x)')
    other.close()
    await assert.rejects(open(path), { code: 'conflict' })
  })
})

describe('a full disk', () => {
  it('refuses new documents as overloaded, keeps what was accepted, and goes on when there is room', async () => {
    const path = fresh()
    const names: string[] = []
    {
      await using stores = await open(path, { maximumPages: 110 })
      const refused: unknown[] = []
      for (let number = 0; number < 500 && refused.length < 3; number++) {
        const name = `${number}.txt`
        await acceptText(stores, { name, text: `text ${number}`, metadata: { note: 'x'.repeat(3_000) } }).then(
          () => names.push(name),
          (reason: unknown) => refused.push(reason),
        )
      }
      assert.equal(refused.length, 3)
      for (const error of refused) {
        assert.ok(error instanceof AndonError)
        assert.equal(error.code, 'overloaded')
        assert.match(error.message, /no room left/)
      }
      assert.ok(names.length > 10)
      assert.equal((await stores.library.list('ours', { limit: 1_000 })).length, names.length)
      assert.equal((await stores.jobs.list('ours', { limit: 1_000 })).length, names.length)
      const [first] = await stores.library.list('ours', { limit: 1 })
      assert.equal(await stores.library.remove('ours', first?.id ?? '', { now: true }), true)
      assert.equal((await acceptText(stores, { name: 'after.txt', text: 'room again' })).outcome, 'added')
    }
    await using stores = await open(path)
    assert.equal((await stores.library.list('ours', { limit: 1_000 })).length, names.length)
    assert.equal((await load(stores, { name: 'new.txt', text: 'new' })).status, 'ready')
  })
})

describe('a backup', () => {
  it('is one moment of everything, made while documents come, and opens as a data directory', async () => {
    const path = fresh()
    const to = fresh()
    const restored = fresh()
    await using stores = await openEmbeddedStores({ path, places, writer: 'writer', readers: 'readers' })
    const first = await load(stores, { name: 'a.txt', text: 'alpha' })
    await embedAll(stores, 'g', () => vectorOf(1, 0))
    let going = true
    const loading = (async () => {
      for (let number = 0; going; number++)
        await load(stores, { name: `n${number % 5}.txt`, text: `word${number} changing` })
    })()
    const { documents, bytes } = await stores.backup(to)
    assert.ok(documents >= 1 && bytes > 0)
    await assert.rejects(stores.backup(to), { code: 'conflict' })
    await stores.library.remove('ours', first.id, { now: true })
    going = false
    await loading
    assert.equal((await restoreBackup(to, restored)).documents, documents)
    await assert.rejects(restoreBackup(to, restored), { code: 'conflict' })
    await assert.rejects(restoreBackup(root, fresh()), { code: 'not-found' })
    await using copy = await open(restored)
    assert.deepEqual(await find(copy, 'ours', 'alpha'), ['alpha'])
    assert.equal((await copy.index.vector('ours', 'g', vectorOf(1, 0), {}, 50)).length, 1)
    const there = await copy.library.list('ours')
    assert.equal(there.length, documents)
    for (const { hash, size } of there) assert.equal((await readFile(copy.blobs.path(hash))).byteLength, size)
  })
})

describe('generations', () => {
  it('of terms are built beside the old ones and take over per tenant when whole', async () => {
    await using stores = await open(fresh())
    await load(stores, { name: 'a.txt', text: 'one common\ntwo common\nthree common' })
    await load(stores, { name: 'b.txt', text: 'four common', tenant: 'theirs' })
    const hidden = await load(stores, { name: 'h.txt', text: 'hidden common' })
    await stores.library.remove('ours', hidden.id)
    const shout = (text: string) => text.toUpperCase()
    const carry = async (limit: number): Promise<number> => {
      const rows = await stores.reindexBatch('shouting@2', limit)
      await stores.putTerms(
        'shouting@2',
        rows.map(({ rowId, text }) => ({
          rowId,
          titleTerms: '',
          bodyTerms: shout(text).replaceAll('COMMON', 'common x-common'),
          length: 3,
        })),
      )
      return rows.length
    }
    assert.equal(await carry(2), 2)
    assert.deepEqual((await find(stores, 'ours', 'one')).length, 1, 'the old terms answer')
    assert.equal((await stores.index.statistics('ours', ['x-common'])).frequencies.get('x-common'), undefined)
    // A document that is published meanwhile is found by both.
    const { jobId } = await acceptText(stores, { name: 'c.txt', text: 'five common' })
    const lease = await take(stores, jobId)
    await stores.library.stage('ours', lease.job.documentId ?? '', lease.job.id, lease.fence, passagesOf('five common'))
    await stores.library.publish({
      tenant: 'ours',
      documentId: lease.job.documentId ?? '',
      jobId: lease.job.id,
      fence: lease.fence,
      title: '',
      text: 'five common',
      blocks: [],
      warnings: [],
      analyser: 'shouting@2',
    })
    assert.equal((await find(stores, 'ours', 'five')).length, 1)
    // One that was carried over in part is replaced.
    await load(stores, { name: 'a.txt', text: 'six common' })
    const status = await stores.generationStatus()
    assert.deepEqual(
      status.analysers.find(({ analyser }) => analyser === 'shouting@2'),
      { analyser: 'shouting@2', answers: 0, building: 1 },
    )
    while ((await carry(1)) > 0);
    const after = await stores.generationStatus()
    assert.deepEqual(after.analysers, [{ analyser: 'shouting@2', answers: 2, building: 0 }])
    const found = async (word: string) => (await find(stores, 'ours', word)).sort()
    assert.deepEqual(await found('x-common'), ['six common'])
    assert.deepEqual(await found('common'), ['five common', 'six common'])
    assert.deepEqual(await find(stores, 'theirs', 'x-common'), ['four common'])
    await stores.library.restore('ours', hidden.id)
    assert.deepEqual(await found('x-common'), ['hidden common', 'six common'])
    const { passages, averageLength } = await stores.index.statistics('ours', [])
    assert.equal(passages, 3)
    assert.ok(Math.abs(averageLength - (3 + 3 + 2) / 3) < 1e-9)
  })

  it('of vectors are told apart, counted and forgotten', async () => {
    await using stores = await open(fresh())
    await load(stores, { name: 'a.txt', text: 'one\ntwo' })
    await embedAll(stores, 'old', () => vectorOf(1, 0))
    const [row] = await stores.library.withoutVectors('new', 1)
    await stores.library.putVectors('new', [{ rowId: row?.rowId ?? 0, vector: vectorOf(1, 0, 0) }])
    assert.deepEqual((await stores.generationStatus()).embedders, [
      { generation: 'old', dimensions: 2, vectors: 2, passages: 2, wanted: false },
      { generation: 'new', dimensions: 3, vectors: 1, passages: 2, wanted: true },
    ])
    assert.equal(await stores.keepGeneration('new'), 1)
    assert.deepEqual(await stores.index.vector('ours', 'old', vectorOf(1, 0), {}, 5), [])
    assert.equal((await stores.index.vector('ours', 'new', vectorOf(1, 0, 0), {}, 5)).length, 1)
    assert.equal((await stores.generationStatus()).embedders.length, 1)
  })
})

describe('the index inside a thread', () => {
  it('is opened once per data directory and closed with its last user', async () => {
    const path = fresh()
    await using stores = await open(path)
    await load(stores, { name: 'a.txt', text: 'alpha' })
    const { options, shared } = stores.indexRecipe
    const one = await openIndex(options, shared)
    const two = await openIndex(options, shared)
    one[Symbol.dispose]()
    one[Symbol.dispose]()
    assert.equal((await two.keyword('ours', terms('alpha'), {}, 1)).length, 1)
    two[Symbol.dispose]()
    assert.deepEqual(await find(stores, 'ours', 'alpha'), ['alpha'])
  })
})
