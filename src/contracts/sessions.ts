// The suite of every SessionStore: appended with a version check, bounded, and nobody else's.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Turn } from '../core/question.ts'
import type { Stores } from '../stores/store.ts'

/** Opens a store that holds nothing; of stores that keep more, only the conversations are looked at. */
export type OpenSessions = () => Promise<Pick<Stores, 'sessions'> & AsyncDisposable>

export function sessionContract(name: string, open: OpenSessions): void {
  const turn = (text: string, role: Turn['role'] = 'user'): Turn => ({ role, text, at: 1 })

  describe(`${name} keeps conversations`, () => {
    it('begins a conversation that nobody knows, empty', async () => {
      await using stores = await open()
      assert.deepEqual(await stores.sessions.read('t', 's'), { id: 's', version: 0, turns: [], updatedAt: 0 })
    })

    it('appends in order and keeps all that was said', async () => {
      await using stores = await open()
      const { sessions } = stores
      const first = await sessions.append('t', 's', 0, [
        turn('What is a lock?'),
        { ...turn('A thing', 'assistant'), cited: ['d.1.0'] },
      ])
      const second = await sessions.append('t', 's', first, [
        { ...turn('And a semaphore?'), resolved: 'What is a semaphore?' },
      ])
      const session = await sessions.read('t', 's')
      assert.equal(session.version, second)
      assert.deepEqual(
        session.turns.map(({ text }) => text),
        ['What is a lock?', 'A thing', 'And a semaphore?'],
      )
      assert.deepEqual(session.turns[1]?.cited, ['d.1.0'])
      assert.equal(session.turns[2]?.resolved, 'What is a semaphore?')
    })

    it('reads the latest turns, and tells how many stand before them', async () => {
      await using stores = await open()
      const { sessions } = stores
      const texts = Array.from({ length: 50 }, (_, at) => `${at}`)
      await sessions.append(
        't',
        's',
        0,
        texts.map((text) => turn(text)),
      )
      const latest = await sessions.read('t', 's', { latest: 3 })
      assert.deepEqual([latest.turns.map(({ text }) => text), latest.earlier], [['47', '48', '49'], 47])
      for (const options of [{ latest: 50 }, { latest: 100 }, {}, undefined]) {
        const { turns, earlier } = await sessions.read('t', 's', options)
        assert.deepEqual([turns.map(({ text }) => text), earlier], [texts, undefined])
      }
      assert.equal((await sessions.read('t', 'new', { latest: 3 })).version, 0)
    })

    it('lets one of two turns at once through, and tells the other', async () => {
      await using stores = await open()
      const outcomes = await Promise.allSettled(
        Array.from({ length: 8 }, (_, at) => stores.sessions.append('t', 's', 0, [turn(`${at}`)])),
      )
      const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
      assert.equal(refused.length, 7)
      assert.ok(refused.every(({ reason }) => (reason as { code?: string }).code === 'conflict'))
      assert.equal((await stores.sessions.read('t', 's')).turns.length, 1)
    })

    it('keeps a recap with the version it was made of, and none that tells of less', async () => {
      await using stores = await open()
      const { sessions } = stores
      const recap = { text: 'Locks 锁', turns: 2 }
      assert.equal(await sessions.keepRecap('t', 's', 0, recap), false)
      await sessions.append('t', 's', 0, [turn('a'), turn('b'), turn('c')])
      for (const wrong of [0, 2]) assert.equal(await sessions.keepRecap('t', 's', wrong, recap), false)
      assert.equal(await sessions.keepRecap('u', 's', 1, recap), false)
      assert.equal(await sessions.keepRecap('t', 's', 1, { text: 'all', turns: 4 }), false)
      assert.equal((await sessions.read('t', 's')).recap, undefined)
      const kept = await Promise.all([1, 2, 3].map(() => sessions.keepRecap('t', 's', 1, recap)))
      assert.deepEqual(kept.filter(Boolean), [true])
      assert.equal(await sessions.keepRecap('t', 's', 1, { text: 'less', turns: 1 }), false)
      await sessions.append('t', 's', 1, [turn('d')])
      const { version, turns, ...read } = await sessions.read('t', 's', { latest: 1 })
      assert.deepEqual([version, turns.length, read.earlier, read.recap], [2, 1, 3, recap])
      assert.equal(await sessions.keepRecap('t', 's', 2, { text: 'more', turns: 3 }), true)
      assert.deepEqual((await sessions.read('t', 's')).recap, { text: 'more', turns: 3 })
      const huge = { text: 'x'.repeat(100_000), turns: 4 }
      await assert.rejects(sessions.keepRecap('t', 's', 2, huge), { code: 'too-large' })
    })

    it('drops the recap when an answer that it tells of gets another version, and only then', async () => {
      await using stores = await open()
      const { sessions } = stores
      const answered = (answerId: string): Turn => ({ ...turn('said', 'assistant'), answerId })
      const version = (versionOf: string): Turn => ({ ...answered(crypto.randomUUID()), versionOf })
      await sessions.append('t', 's', 0, [answered('a"1'), answered('b'), answered('c')])
      await sessions.keepRecap('t', 's', 1, { text: 'of two', turns: 2 })
      await sessions.append('t', 's', 1, [version('c'), version('nobody')])
      assert.equal((await sessions.read('t', 's')).recap?.text, 'of two')
      await sessions.append('t', 's', 2, [version('c'), version('a"1')])
      assert.equal((await sessions.read('t', 's')).recap, undefined)
      assert.equal(await sessions.keepRecap('t', 's', 3, { text: 'anew', turns: 1 }), true)
    })

    it('hides a recap with its conversation, and forgets it with it', async () => {
      await using stores = await open()
      const { sessions } = stores
      const recap = { text: 'secret', turns: 1 }
      await sessions.append('t', 's', 0, [turn('a'), turn('b')])
      await sessions.keepRecap('t', 's', 1, recap)
      await sessions.remove('t', 's')
      assert.equal(await sessions.keepRecap('t', 's', 1, { text: 'later', turns: 2 }), false)
      await sessions.restore('t', 's')
      assert.deepEqual((await sessions.read('t', 's')).recap, recap)
      await sessions.remove('t', 's')
      assert.equal(await sessions.remove('t', 's', { now: true }), true)
      assert.equal(await sessions.keepRecap('t', 's', 1, recap), false)
      await sessions.append('t', 's', 0, [turn('anew')])
      assert.equal((await sessions.read('t', 's')).recap, undefined)
    })

    it('refuses what is too much, and keeps what there was', async () => {
      await using stores = await open()
      await stores.sessions.append('t', 's', 0, [turn('small')])
      const long = turn('x'.repeat(1_000_000))
      await assert.rejects(stores.sessions.append('t', 's', 1, [turn('fine'), long]), { code: 'too-large' })
      assert.deepEqual(
        (await stores.sessions.read('t', 's')).turns.map(({ text }) => text),
        ['small'],
      )
      await assert.rejects(stores.sessions.append('t', 'x'.repeat(300), 0, [turn('a')]), { code: 'invalid' })
      await assert.rejects(
        stores.sessions.append(
          't',
          's',
          1,
          Array.from({ length: 3_000 }, () => turn('a')),
        ),
        { code: 'too-large' },
      )
    })

    it('holds a number of bytes in all, and keeps what it has', async () => {
      await using stores = await open()
      const { sessions } = stores
      const long = Array.from({ length: 10 }, () => turn('x'.repeat(200_000)))
      let version = 0
      await assert.rejects(
        async () => {
          while (version < 100) version = await sessions.append('t', 's', version, long)
        },
        { code: 'too-large' },
      )
      const { turns } = await sessions.read('t', 's')
      assert.ok(version > 0 && turns.length === version * 10)
      assert.equal(await sessions.remove('t', 's', { now: true }), true)
      assert.equal(await sessions.append('t', 's', 0, long), 1)
    })

    it('lists the latest first with how each began, and removes', async () => {
      await using stores = await open()
      const { sessions } = stores
      await sessions.append('t', 'one', 0, [turn('first question')])
      await sessions.append('t', 'two', 0, [turn('second question')])
      const listed = await sessions.list('t')
      assert.deepEqual(
        listed.map(({ id, turns, first }) => [id, turns, first]),
        [
          ['two', 1, 'second question'],
          ['one', 1, 'first question'],
        ],
      )
      assert.equal((await sessions.list('t', 1)).length, 1)
      assert.equal(await sessions.remove('t', 'one'), true)
      assert.equal(await sessions.remove('t', 'one'), false)
      assert.deepEqual(
        (await sessions.list('t')).map(({ id }) => id),
        ['two'],
      )
    })

    it('restores what was removed, by name or by going on', async () => {
      await using stores = await open()
      const { sessions } = stores
      await sessions.append('t', 's', 0, [turn('first')])
      assert.equal(await sessions.restore('t', 'nothing'), false)
      await sessions.remove('t', 's')
      const removed = await sessions.read('t', 's')
      assert.ok(removed.removedAt !== undefined && removed.turns.length === 1)
      assert.equal(await sessions.restore('t', 's'), true)
      assert.equal((await sessions.read('t', 's')).removedAt, undefined)
      await sessions.remove('t', 's')
      await sessions.append('t', 's', removed.version, [turn('second')])
      const [listed] = await sessions.list('t')
      assert.deepEqual([listed?.turns, listed?.removedAt], [2, undefined])
    })

    it('forgets what was removed: at once, or when its time is over', async () => {
      await using stores = await open()
      const { sessions } = stores
      for (const id of ['now', 'later', 'stays']) await sessions.append('t', id, 0, [turn(id)])
      assert.equal(await sessions.remove('t', 'now', { now: true }), true)
      assert.equal((await sessions.read('t', 'now')).version, 0)
      assert.equal(await sessions.restore('t', 'now'), false)
      await sessions.remove('t', 'later')
      assert.equal(await sessions.purge(Date.now() - 60_000), 0)
      assert.equal(await sessions.purge(Date.now() + 60_000), 1)
      assert.equal((await sessions.read('t', 'later')).version, 0)
      assert.equal((await sessions.read('t', 'stays')).turns.length, 1)
      await sessions.append('t', 'later', 0, [turn('anew')])
      assert.equal((await sessions.read('t', 'later')).turns.length, 1)
    })

    it('gives a conversation a name, which its version does not mind', async () => {
      await using stores = await open()
      const { sessions } = stores
      const version = await sessions.append('t', 's', 0, [turn('q')])
      assert.equal(await sessions.rename('t', 's', 'About locks'), true)
      assert.equal(await sessions.rename('t', 'nothing', 'About locks'), false)
      assert.equal((await sessions.list('t'))[0]?.title, 'About locks')
      assert.equal((await sessions.read('t', 's')).title, 'About locks')
      await sessions.append('t', 's', version, [turn('r')])
      assert.equal((await sessions.list('t'))[0]?.title, 'About locks')
    })

    it('searches names and questions, in any case and not what was answered', async () => {
      await using stores = await open()
      const { sessions } = stores
      await sessions.append('t', 'locks', 0, [turn('What is a Lock?'), turn('An umbrella', 'assistant')])
      await sessions.append('t', 'later', 0, [turn('Hello'), turn('And ÜBERGABE 信号量 100%?')])
      await sessions.append('t', 'named', 0, [turn('Hi')])
      await sessions.rename('t', 'named', 'The lock and the key')
      const found = async (search: string) => (await sessions.list('t', 10, { search })).map(({ id }) => id).sort()
      assert.deepEqual(await found('LOCK'), ['locks', 'named'])
      assert.deepEqual(await found('key  lock'), ['named'])
      assert.deepEqual(await found('übergabe'), ['later'])
      assert.deepEqual(await found('信号'), ['later'])
      assert.deepEqual(await found('umbrella'), [])
      assert.deepEqual(await found('%'), ['later'])
      assert.deepEqual(await found('  '), ['later', 'locks', 'named'])
      assert.equal((await sessions.list('t', 1, { search: 'lock' })).length, 1)
      await sessions.remove('t', 'named')
      assert.deepEqual(await found('lock'), ['locks'])
    })

    it('lists those before a time', async () => {
      await using stores = await open()
      const { sessions } = stores
      await sessions.append('t', 's', 0, [turn('q')])
      const { updatedAt } = await sessions.read('t', 's')
      assert.equal((await sessions.list('t', 10, { before: updatedAt })).length, 0)
      assert.equal((await sessions.list('t', 10, { before: updatedAt + 1 })).length, 1)
    })

    it('lists page by page, and loses none of the same moment', async () => {
      await using stores = await open()
      const { sessions } = stores
      const ids = Array.from({ length: 60 }, (_, at) => `s${at}`)
      await Promise.all(ids.map((id) => sessions.append('t', id, 0, [turn('q')])))
      await sessions.append('u', 's0', 0, [turn('q')])
      const whole = await sessions.list('t', 100)
      for (const search of ['', 'q']) {
        const paged: string[] = []
        for (let page = await sessions.list('t', 7, { search }); ;) {
          paged.push(...page.map(({ id }) => id))
          const last = page.at(-1)
          if (!last) break
          page = await sessions.list('t', 7, { search, before: { updatedAt: last.updatedAt, id: last.id } })
        }
        assert.deepEqual(
          paged,
          whole.map(({ id }) => id),
        )
      }
      const now = whole[0]?.updatedAt ?? 0
      const gone = await sessions.list('t', 100, { before: { updatedAt: now + 1, id: 'forgotten' } })
      assert.equal(gone.length, 60)
    })

    it('lists as many as are asked for, so that an export is whole', async () => {
      await using stores = await open()
      const count = 10_001
      const ids = Array.from({ length: count }, (_, at) => `s${at}`)
      await Promise.all(ids.map((id) => stores.sessions.append('t', id, 0, [turn('q')])))
      assert.equal((await stores.sessions.list('t', 1_000_000)).length, count)
    })

    it('shows a tenant nothing of another, under the same id', async () => {
      await using stores = await open()
      const { sessions } = stores
      await sessions.append('theirs', 's', 0, [turn('secret')])
      assert.equal((await sessions.read('ours', 's')).version, 0)
      assert.deepEqual(await sessions.list('ours'), [])
      assert.deepEqual(await sessions.list('ours', 10, { search: 'secret' }), [])
      for (const now of [false, true]) assert.equal(await sessions.remove('ours', 's', { now }), false)
      assert.equal(await sessions.rename('ours', 's', 'mine'), false)
      assert.equal(await sessions.restore('ours', 's'), false)
      await sessions.append('ours', 's', 0, [turn('mine')])
      assert.deepEqual(
        (await sessions.read('theirs', 's')).turns.map(({ text }) => text),
        ['secret'],
      )
    })
  })
}
