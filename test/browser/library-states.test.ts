import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { addWhole, travel } from '../journeys/library.ts'
import { axe, fits, openHouse, skip, type House } from './browser.ts'

describe('Library without documents', { skip }, () => {
  let house: House
  before(async () => (house = await openHouse({ documents: [] })))
  after(() => house[Symbol.asyncDispose]())

  for (const language of ['en', 'zh'] as const)
    it(`says what to do first in ${language}`, async () => {
      await using view = await house.openPage({ path: '/library', language, width: 390 })
      const { page } = view
      const heading = language === 'zh' ? '这里还没有文档' : 'Nothing here yet'
      await page.getByRole('heading', { name: heading }).waitFor()
      await fits(page)
      await axe(page)
      for (const [section, sentence] of [
        ['recent', language === 'zh' ? '最近七天没有添加文档。' : 'Nothing was added in the last seven days.'],
        ['failed', language === 'zh' ? '没有需要你处理的文档。' : 'No document needs you.'],
        ['quarantined', language === 'zh' ? '隔离区是空的。' : 'No document is in quarantine.'],
        ['removed', language === 'zh' ? '回收站是空的。' : 'The trash is empty.'],
      ]) {
        await page.goto(`/library?view=${section}`)
        await page.getByText(sentence ?? '').waitFor()
      }
    })

  it('makes a folder by what is put into it', async () => {
    await using view = await house.openPage({ path: '/library' })
    const { page } = view
    await page.getByRole('button', { name: 'New folder' }).click()
    await page.getByLabel('Name of the folder').fill('讲义')
    await page.keyboard.press('Enter')
    await page.getByText('It goes into 讲义.').waitFor()
    const file = { name: 'a.md', mimeType: 'text/markdown', buffer: Buffer.from('# A\n\nOne sentence.') }
    await page.locator('input[type=file]').first().setInputFiles(file)
    await page.getByRole('link', { name: '讲义 1' }).waitFor()
    assert.deepEqual(
      (await house.factory.collections()).map(({ collection }) => collection),
      ['讲义'],
    )
  })
})

describe('Library of many documents', { skip }, () => {
  let house: House
  before(async () => {
    house = await openHouse({ documents: [] })
    for (let at = 0; at < 250; at += 1) await house.factory.add({ name: `note-${at}.md`, text: `Note number ${at}.` })
  })
  after(() => house[Symbol.asyncDispose]())

  it('shows more of them as it is scrolled', async () => {
    await using view = await house.openPage({ path: '/library' })
    const { page } = view
    await page.getByText('note-0.md').waitFor()
    const rows = page.locator('.lib-files tbody')
    let count = await rows.count()
    assert.ok(count < 250, String(count))
    // Each turn of the wheel brings a page, and sometimes two.
    while (count < 250) {
      await page.mouse.move(600, 500)
      await page.mouse.wheel(0, 100_000)
      await rows.nth(count).waitFor({ state: 'attached' })
      count = await rows.count()
    }
    assert.equal(await page.getByRole('link', { name: 'note-249.md' }).count(), 1)
    assert.equal(await rows.count(), 250)
  })
})

describe('Library while documents are read', { skip }, () => {
  let house: House
  before(async () => (house = await openHouse({ documents: [travel] })))
  after(() => house[Symbol.asyncDispose]())

  it('shows how far each is', async () => {
    await using view = await house.openPage()
    const { page } = view
    const [document] = await house.factory.list()
    const [job] = await house.factory.jobs()
    assert.ok(document && job)
    // What takes a large document minutes is put together here.
    const running = {
      ...job,
      state: 'running',
      stage: 'parsing',
      progress: { done: 27, total: 100 },
      endedAt: undefined,
    }
    const documents = [
      { ...document, status: 'loading', name: 'read.md' },
      { ...document, id: 'doc_b', name: 'embedded.md', passages: 100, vectorsMissing: 36 },
    ]
    await page.route('**/v1/documents?*', (route) => route.fulfill({ json: { documents } }))
    await page.route('**/v1/documents/doc_b', (route) => route.fulfill({ json: documents[1] }))
    await page.route('**/v1/jobs/events', (route) =>
      route.fulfill({ contentType: 'text/event-stream', body: `event: job\ndata: ${JSON.stringify(running)}\n\n` }),
    )
    await page.route('**/v1/status', async (route) => {
      const response = await route.fetch()
      const status: { health: { models: object } } = await response.json()
      Object.assign(status.health.models, { embedder: 'small' })
      await route.fulfill({ response, json: status })
    })
    await page.goto('/library')
    const read = page.locator('.lib-files tbody', { hasText: 'read.md' })
    await read.getByText('Reading').waitFor()
    await read.getByText('27 %').waitFor()
    assert.equal(
      await read.locator('.lib-bars .vh').innerText(),
      'read: under way, split: not yet, embed: not yet, index: not yet',
    )
    const embedded = page.locator('.lib-files tbody', { hasText: 'embedded.md' })
    await embedded.getByText('Embedding').waitFor()
    await embedded.getByText('64 %').waitFor()
    assert.equal(
      await embedded.locator('.lib-bars .vh').innerText(),
      'read: done, split: done, embed: under way, index: done',
    )
    await axe(page)
  })
})

describe('Library for who may only ask', { skip }, () => {
  let house: House
  let secret: string
  before(async () => {
    house = await openHouse({ gateway: { auth: { required: true } } })
    secret = (await house.factory.createKey({ name: 'reader', scopes: ['ask'] })).secret
  })
  after(() => house[Symbol.asyncDispose]())

  it('says so, and shows what may be read', async () => {
    await using view = await house.openPage({ path: '/settings', expected: [/401/] })
    const { page } = view
    await page.getByLabel('Key', { exact: true }).fill(secret)
    await page.keyboard.press('Enter')
    await page.getByText('reader').waitFor()
    await page.goto('/library')
    await page.getByRole('heading', { name: 'You may read here, not add' }).waitFor()
    await page.getByRole('link', { name: 'travel.md' }).click()
    await page.getByRole('heading', { name: 'Travel policy' }).waitFor()
    assert.equal(await page.getByRole('button', { name: 'Delete' }).count(), 0)
    assert.equal(await page.locator('input[type=file]').count(), 0)
    await axe(page)
  })

  it('asks who comes without a key', async () => {
    await using view = await house.openPage({ path: '/library', expected: [/401/] })
    await view.page.getByRole('link', { name: 'Sign in' }).first().waitFor()
    await axe(view.page)
  })
})

describe('Library without a connection', { skip }, () => {
  let house: House
  before(async () => (house = await openHouse({ documents: [travel] })))
  after(() => house[Symbol.asyncDispose]())

  it('keeps what is to be added, and sends it when the connection is back', async () => {
    await using view = await house.openPage({ path: '/library', expected: [/ERR_INTERNET_DISCONNECTED/] })
    const { page } = view
    await page.getByRole('link', { name: 'travel.md' }).waitFor()
    await page.context().setOffline(true)
    const file = { name: 'later.md', mimeType: 'text/markdown', buffer: Buffer.from('# Later\n\nIt comes later.') }
    await page.locator('input[type=file]').first().setInputFiles(file)
    await page.getByText('sends when back').waitFor()
    await page.getByText('No connection to Andon since').waitFor()
    await page.getByRole('link', { name: 'travel.md' }).waitFor()
    await page.context().setOffline(false)
    await page.locator('.lib-files tbody', { hasText: 'later.md' }).getByText('Ready').waitFor()
  })

  it('says that an opened document was deleted', async () => {
    const id = await addWhole(house.factory, { name: 'gone.md', text: 'Soon gone.' })
    await house.factory.remove(id, { now: true })
    await using view = await house.openPage({ path: `/library/${id}`, expected: [/404/] })
    await view.page.getByText('This document was deleted.').waitFor()
    await axe(view.page)
  })
})
