// GET /v1/status says in plain words what is set up, and keeps to itself what is not the caller's business.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { jsonOf, openDoor, textOf } from '../../test/door.ts'
import { parseOptions } from '../parse-options.ts'
import type { Setting, SettingsParts } from './settings/setting.ts'
import { settingsOf } from './settings/settings.ts'
import { standInFactory } from '../../test/stand-in-factory.ts'

async function settings(change: Partial<SettingsParts> = {}): Promise<Map<string, Setting>> {
  const factory = standInFactory()
  const house = change.house ?? parseOptions({ dataDir: '/srv/data' })
  const [health, usage] = [await factory.health(), await factory.usage()]
  const all = settingsOf({ health, usage, options: house, house, local: true, admin: false, ...change })
  return new Map(all.map((setting) => [setting.key, setting]))
}

describe('GET /v1/status', () => {
  it('tells health, usage, limits and settings', async () => {
    await using door = await openDoor({ limits: { questionsAtOnce: 3 } })
    const status = await jsonOf(await door.get('/v1/status'))
    assert.equal(status['health']?.['ready'], true)
    assert.deepEqual(status['usage']?.['questions'], { used: 0 })
    assert.equal(status['limits']?.['questionsAtOnce'], 3)
    assert.equal(status['limits']?.['now']?.['question']?.['running'], 0)
    assert.match(textOf(status['settings']), /3 questions are answered at once/)
    assert.equal(status['command'], 'andon')
  })

  it('tells how the command is written where the server was started', async () => {
    await using door = await openDoor({ command: 'npm run -s andon --' })
    assert.equal((await jsonOf(await door.get('/v1/status')))['command'], 'npm run -s andon --')
  })
})

describe('Settings', () => {
  it('of a house as it comes: no model, search by words, nothing sent elsewhere', async () => {
    const all = await settings()
    assert.equal(all.get('model')?.state, 'off')
    assert.match(all.get('model')?.more ?? '', /OPENAI_BASE_URL/)
    assert.equal(all.get('embedder')?.state, 'off')
    assert.equal(all.get('outside')?.what, 'Nothing leaves this process.')
    assert.match(all.get('sign-in')?.what ?? '', /nobody needs a key/)
    assert.equal(all.get('links')?.state, 'off')
    assert.equal(all.get('quotas')?.state, 'off')
  })

  it('say what is used again and where it is kept, and the hosts to an administrator only', async () => {
    assert.match((await settings()).get('cache')?.what ?? '', /answers and vectors, kept in the data directory\.$/)
    const none = parseOptions({ cache: { answers: false, embeddings: false } })
    assert.equal((await settings({ house: none })).get('cache')?.state, 'off')
    const house = parseOptions({
      cache: { redisUrl: 'redis://:secret@one.example:6380/1,redis://two.example', embeddings: false },
      sessions: { redisUrl: 'redis://:secret@kept.example' },
    })
    const theirs = await settings({ house })
    assert.match(theirs.get('cache')?.what ?? '', /: answers, kept in Redis\.$/)
    const all = await settings({ house, admin: true })
    assert.match(all.get('cache')?.what ?? '', /in Redis at one\.example:6380, two\.example\.$/)
    assert.deepEqual(all.get('outside')?.values, { hosts: ['kept.example', 'one.example:6380', 'two.example'] })
    assert.doesNotMatch(JSON.stringify([...all.values()]), /secret/)
    const health = await standInFactory().health()
    const parts = [...health.parts, { name: 'cache', ok: false, message: 'It is gone.' }]
    assert.equal((await settings({ house, health: { ...health, parts } })).get('cache')?.state, 'broken')
  })

  it('name the hosts that things are sent to, without paths and passwords', async () => {
    const house = parseOptions({
      models: { baseUrl: 'https://me:pass@models.example/secret/v1', apiKey: 'sk-0123456789abcdef' },
      embedder: { kind: 'tei', url: 'http://vectors.example:8080' },
    })
    const health = { ...(await standInFactory().health()), models: { chat: 'qwen', embedder: 'bge' } }
    const all = await settings({ house, health })
    assert.equal(all.get('model')?.what, 'qwen writes the answers, at models.example.')
    assert.deepEqual(all.get('outside')?.values, { hosts: ['models.example', 'vectors.example:8080'] })
    assert.doesNotMatch(JSON.stringify([...all.values()]), /me:|secret\/|sk-/)
  })

  it('say who is asked when a model fails, and that endpoints hear questions too', async () => {
    assert.equal((await settings()).get('second-model')?.state, 'off')
    const house = parseOptions({
      models: {
        endpoints: [
          { name: 'a', url: 'http://a.example:8000', model: 'big', apiKey: 'sk-0123456789abcdef' },
          { name: 'b', url: 'http://b.example:8000', model: 'small' },
        ],
        fallback: ['big', 'small'],
      },
    })
    const all = await settings({ house })
    assert.deepEqual(all.get('second-model')?.values, { endpoints: '2', fallback: 'small' })
    assert.deepEqual(all.get('outside')?.values, { hosts: ['a.example:8000', 'b.example:8000'] })
    assert.doesNotMatch(JSON.stringify([...all.values()]), /sk-/)
  })

  it('say which tools models are offered, and where calls go', async () => {
    const none = await settings({ house: parseOptions({ tools: { offer: 'none' } }) })
    assert.equal(none.get('tools')?.state, 'off')
    assert.equal(none.get('tools-web')?.state, 'off')
    const house = parseOptions({
      tools: { httpHosts: 'docs.example, *.wiki.example', mcp: [{ name: 'wiki', url: 'https://mcp.example/key?x=1' }] },
    })
    const all = await settings({ house })
    assert.deepEqual([all.get('tools')?.state, all.get('tools-web')?.state], ['ok', 'ok'])
    assert.deepEqual(all.get('outside')?.values, { hosts: ['docs.example', '*.wiki.example', 'mcp.example'] })
    const health = await standInFactory().health()
    const parts = [{ name: 'tools of wiki', ok: false, message: 'It does not answer.' }]
    assert.equal((await settings({ house, health: { ...health, parts } })).get('tools')?.state, 'broken')
  })

  it('say where the data is to administrators only', async () => {
    assert.equal((await settings()).has('data'), false)
    assert.equal((await settings({ admin: true })).get('data')?.values?.['dataDir'], '/srv/data')
  })

  it('say how much all tenants have and wait for to administrators only', async () => {
    const health = await standInFactory().health()
    const loading = { ...health, totals: { ...health.totals, passages: 12, waiting: 4 } }
    const theirs = (await settings({ health: loading })).get('index')
    assert.equal(theirs?.state, 'ok')
    assert.deepEqual(Object.keys(theirs.values ?? {}), ['documents', 'bytes'])
    const whole = (await settings({ health: loading, admin: true })).get('index')
    assert.equal(whole?.values?.['waiting'], 4)
    assert.equal(whole.values['passages'], 12)
  })

  it('say what is broken, and what is still under way', async () => {
    const health = await standInFactory().health()
    const broken = { ...health, parts: [{ name: 'store', ok: false, message: 'The store did not answer.' }] }
    const index = (await settings({ health: broken })).get('index')
    assert.equal(index?.state, 'broken')
    assert.equal(index?.what, 'The store did not answer.')
    const loading = { ...health, totals: { ...health.totals, waiting: 4 } }
    const whole = (await settings({ health: loading, admin: true })).get('index')
    assert.equal(whole?.state, 'waiting')
    assert.match(whole.what, /^Of your \d+ documents, those that are ready can be searched; still to be loaded: 4\.$/)
  })

  it('say that everybody needs a key when the door is open to others', async () => {
    const all = await settings({ local: false })
    assert.equal(all.get('sign-in')?.what, 'Everybody needs a key.')
  })
})
