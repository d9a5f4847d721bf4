import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { AndonError } from '../../core/errors.ts'
import { Database } from './database.ts'
import { GroupCommit } from './group-commit.ts'

interface Insert {
  value: number
  heavy?: boolean
  fails?: boolean
  bytes?: number
}

function open(): { db: Database; group: GroupCommit<Insert>; log: string[] } & Disposable {
  const folder = mkdtempSync(join(tmpdir(), 'andon-group-'))
  const db = new Database(join(folder, 'test.sqlite'))
  db.exec('PRAGMA journal_mode = WAL; CREATE TABLE numbers (value INTEGER, data BLOB)')
  const log: string[] = []
  const group = new GroupCommit<Insert>({
    db,
    onEffectError: (reason) => log.push(`effect failed: ${String(reason)}`),
    isHeavy: ({ heavy }) => heavy === true,
    execute({ value, fails, bytes }, afterCommit) {
      db.run('INSERT INTO numbers VALUES (?, ?)', value, new Uint8Array(bytes ?? 0))
      log.push(`${value}`)
      afterCommit(() => {
        if (value === 13) throw new Error('unlucky')
        log.push(`committed ${value}`)
      })
      if (fails) throw new AndonError('invalid', `${value} is wrong`)
      return value * 2
    },
  })
  return {
    db,
    group,
    log,
    [Symbol.dispose]() {
      db[Symbol.dispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const values = (db: Database) =>
  db.all<{ value: number }>('SELECT value FROM numbers ORDER BY value').map(({ value }) => value)

describe('group commit', () => {
  it('answers each command with its own value, after the transaction that all of them share', async () => {
    using opened = open()
    const { group, log, db } = opened
    const answers = await Promise.all([1, 2, 3].map((value) => group.add({ value })))
    assert.deepEqual(answers, [2, 4, 6])
    assert.deepEqual(log, ['1', '2', '3', 'committed 1', 'committed 2', 'committed 3'])
    assert.deepEqual(values(db), [1, 2, 3])
  })

  it('undoes a command that fails, and only that one', async () => {
    using opened = open()
    const { group, log, db } = opened
    const outcomes = await Promise.allSettled(
      [{ value: 1 }, { value: 2, fails: true }, { value: 3 }].map((command) => group.add(command)),
    )
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    )
    assert.deepEqual(values(db), [1, 3])
    assert.ok(!log.includes('committed 2'))
  })

  it('does light commands before heavy ones that came earlier', async () => {
    using opened = open()
    const { group, log } = opened
    await Promise.all([group.add({ value: 1, heavy: true }), group.add({ value: 2 })])
    assert.deepEqual(log.slice(0, 2), ['2', '1'])
  })

  it('refuses as overloaded what does not fit on the disk, keeps the rest, and goes on when there is room', async () => {
    using opened = open()
    const { group, db } = opened
    db.exec('PRAGMA max_page_count = 60')
    const commands = Array.from({ length: 6 }, (_, value) => ({ value, bytes: value === 3 ? 400_000 : 10_000 }))
    const outcomes = await Promise.allSettled(commands.map((command) => group.add(command)))
    assert.deepEqual(
      outcomes.map(({ status }) => status === 'fulfilled'),
      [true, true, true, false, true, true],
    )
    const refused = outcomes[3]
    assert.ok(refused?.status === 'rejected')
    assert.equal((refused.reason as AndonError).code, 'overloaded')
    assert.match((refused.reason as AndonError).message, /no room left on the disk/)
    assert.deepEqual(values(db), [0, 1, 2, 4, 5])
    db.exec('PRAGMA max_page_count = 1000')
    assert.equal(await group.add({ value: 3, bytes: 400_000 }), 6)
  })

  it('keeps a command whose effect fails, and says so', async () => {
    using opened = open()
    const { group, db, log } = opened
    assert.deepEqual(await Promise.all([group.add({ value: 13 }), group.add({ value: 14 })]), [26, 28])
    assert.deepEqual(values(db), [13, 14])
    assert.deepEqual(log.slice(2), ['effect failed: Error: unlucky', 'committed 14'])
  })

  it('finishes what was added before it is closed, and takes nothing after', async () => {
    using opened = open()
    const { group, db } = opened
    const last = group.add({ value: 1, heavy: true })
    group.close()
    assert.equal(await last, 2)
    assert.deepEqual(values(db), [1])
    await assert.rejects(group.add({ value: 2 }), { code: 'unavailable' })
  })
})
