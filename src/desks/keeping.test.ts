// What was used and what was done once, in a whole factory and in the ledger behind it.

import assert from 'node:assert/strict'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { openLibrary } from '../../test/journeys/library.ts'
import { createFactory } from '../factory.ts'
import { parseOptions } from '../parse-options.ts'
import { createPlaces } from '../places/places.ts'
import { openEmbeddedStores } from '../stores/embedded/open.ts'
import { openDesk } from './desk.ts'
import { questionsToday, spendQuestion } from './quota.ts'

describe('A write with a key of its own', { timeout: 60_000 }, () => {
  it('is done once, and answered the same again', async () => {
    await using factory = await openLibrary([])
    const claims = await Promise.allSettled([factory.claimOnce('k', 'print'), factory.claimOnce('k', 'print')])
    const refused = claims.filter((claim) => claim.status === 'rejected')
    assert.deepEqual(
      claims.flatMap((claim) => (claim.status === 'fulfilled' ? [claim.value] : [])),
      [{ new: true }],
    )
    assert.match(String(refused[0]?.reason), /\[conflict\] The write with the key k is still under way/)
    await factory.settleOnce('k', { added: [] })
    assert.deepEqual(await factory.claimOnce('k', 'print'), { new: false, reply: { added: [] } })
    await assert.rejects(factory.claimOnce('k', 'other'), { code: 'conflict', message: /another write/ })
    assert.deepEqual(await factory.claimOnce('k', 'other', { tenant: 'other' }), { new: true })
    await assert.rejects(factory.claimOnce('', 'print'), { code: 'invalid' })
    await assert.rejects(factory.claimOnce('x'.repeat(300), 'print'), { code: 'invalid' })
  })

  it('that failed may be done again', async () => {
    await using factory = await openLibrary([])
    await factory.claimOnce('k', 'print')
    await factory.settleOnce('k', undefined)
    assert.deepEqual(await factory.claimOnce('k', 'print'), { new: true })
  })
})

describe('Questions of the day', () => {
  async function house(questionsPerDay?: number) {
    const opened = new AsyncDisposableStack()
    const folder = opened.use(await mkdtempDisposable(join(tmpdir(), 'andon-ledger-')))
    const places = opened.use(createPlaces({}))
    const stores = opened.use(
      await openEmbeddedStores({ path: folder.path, places, writer: 'inline', readers: 'inline' }),
    )
    const options = parseOptions(questionsPerDay === undefined ? {} : { quotas: { questionsPerDay } })
    const desk = openDesk(options, new AbortController().signal)
    return { desk, ledger: stores.ledger, [Symbol.asyncDispose]: () => opened.disposeAsync() }
  }

  it('are refused until midnight when they are used up, for each tenant', async (context) => {
    context.mock.timers.enable({ apis: ['Date'], now: Date.parse('2026-11-21T22:00:00Z') })
    await using here = await house(2)
    const { desk, ledger } = here
    const outcomes = await Promise.allSettled(Array.from({ length: 3 }, () => spendQuestion(desk, ledger, 't')))
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 2)
    await assert.rejects(spendQuestion(desk, ledger, 't'), { code: 'overloaded', retryAfterMs: 7_200_000 })
    await spendQuestion(desk, ledger, 'u')
    assert.equal(await questionsToday(ledger, 't'), 2)
    context.mock.timers.tick(7_200_000)
    await spendQuestion(desk, ledger, 't')
    assert.equal(await questionsToday(ledger, 't'), 1)
  })

  it('are counted where there is no limit', async () => {
    await using here = await house()
    for (let question = 0; question < 3; question++) await spendQuestion(here.desk, here.ledger, 't')
    // What is written later is written behind it.
    await here.ledger.spend('t', 'something', '2026', 1)
    assert.equal(await questionsToday(here.ledger, 't'), 3)
  })
})

describe('What is over', { timeout: 60_000 }, () => {
  it('is forgotten when a factory opens: records of answers, and conversations that were removed', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'andon-sweep-'))
    const record = { question: 'q', state: 'done' as const, events: [], spans: [] }
    {
      await using places = createPlaces({})
      await using stores = await openEmbeddedStores({
        path: folder.path,
        places,
        writer: 'inline',
        readers: 'inline',
      })
      await stores.answers.end('default', { ...record, id: 'old', startedAt: 1 })
      await stores.answers.end('default', { ...record, id: 'young', startedAt: Date.now() })
      await stores.sessions.append('default', 'removed', 0, [{ role: 'user', text: 'q', at: 1 }])
      await stores.sessions.append('default', 'kept', 0, [{ role: 'user', text: 'q', at: 1 }])
      await stores.sessions.remove('default', 'removed')
    }
    await using factory = await createFactory({
      dataDir: folder.path,
      handbook: false,
      removal: { days: 0 },
      records: { days: 1 },
    })
    const isThere = (id: string): Promise<boolean> =>
      factory.record(id).then(
        () => true,
        () => false,
      )
    // It is swept behind the opening, conversations before answers.
    while (await isThere('old'));
    assert.equal(await isThere('young'), true)
    await assert.rejects(factory.session('removed'), { code: 'not-found' })
    assert.equal((await factory.session('kept')).turns.length, 1)
  })
})
