import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Question } from '../../src/core/question.ts'
import { axe, fits, looks, openHouse, skip, type House } from './browser.ts'

const question = 'Who approves travel over 2,500 euros?'

describe('What happened', { skip }, () => {
  let house: House
  let answered: string
  let failing = false
  let slow = false
  before(async () => {
    house = await openHouse({
      chat: () =>
        failing
          ? { text: 'The finance', fault: { kind: 'status', status: 500 } }
          : { text: 'The finance director approves it [1]. The moon is made of cheese.', tokenMs: slow ? 10_000 : 3 },
    })
    answered = await ask({ text: question, sessionId: 'travel' })
  })
  after(() => house[Symbol.asyncDispose]())

  async function ask(asked: Question): Promise<string> {
    let id = ''
    for await (const event of house.factory.ask(asked)) if (event.type === 'answer-start') id = event.id
    return id
  }

  for (const { name, language, theme, width } of looks(1280, 390))
    it(`is told in ${name}`, async () => {
      await using view = await house.openPage({ path: `/answers/${answered}`, language, theme, width })
      const { page } = view
      await page.getByRole('heading', { name: question }).waitFor()
      await page.getByText(language === 'zh' ? /^用时 .*作答。$/ : /^Answered in /).waitFor()
      await fits(page)
      await axe(page)
    })

  it('says what each station did, to eyes and to ears', async () => {
    await using view = await house.openPage({ path: `/answers/${answered}` })
    const { page } = view
    const rows = page.getByRole('table').getByRole('row')
    await rows
      .filter({ hasText: 'Search' })
      .filter({ hasText: /1 passage from 1 document/ })
      .waitFor()
    await rows.filter({ hasText: 'Generate, attempt 1' }).waitFor()
    await rows.filter({ hasText: 'Check' }).filter({ hasText: '2 sentences, as they came' }).waitFor()
    assert.match(await page.locator('.answer-sum').innerText(), /Checked\s+1 of 2\s+sentences/)
    assert.match(String(await page.getByRole('img').getAttribute('aria-label')), /^Waiting .*, lost .* working /)
    assert.equal(await page.locator('.lane-first').count(), 1)
  })

  it('says in Chinese what an English question noted, and the other way round', async () => {
    await using chinese = await house.openPage({ path: `/answers/${answered}`, language: 'zh' })
    await chinese.page.getByRole('table').getByText('1 份文档中的 1 段原文').waitFor()
    const id = await ask({ text: '入职满五年后有多少天年假？' })
    await using english = await house.openPage({ path: `/answers/${id}` })
    await english.page.getByRole('table').getByText('1 passage from 1 document').waitFor()
    const found = english.page.locator('dl', { hasText: 'Given to the answer' })
    assert.match(await found.innerText(), /Found\s+1\s/)
  })

  it('has the whole width of a phone, however few its words', async () => {
    await using view = await house.openPage({ path: '/answers/none', language: 'zh', width: 600, expected: [/404/] })
    await view.page.getByText('没有这次回答的记录').waitFor()
    const box = await view.page.locator('main').boundingBox()
    assert.deepEqual([box?.x, box?.width], [0, 600])
  })

  it('leads back to the conversation', async () => {
    await using view = await house.openPage({ path: `/answers/${answered}`, expected: [/404/] })
    await view.page.getByRole('link', { name: 'Back to the answer' }).click()
    await view.page.waitForURL('**/s/travel')
  })

  it('says what an attempt that failed has cost', async () => {
    failing = true
    const id = await ask({ text: question })
    failing = false
    await using view = await house.openPage({ path: `/answers/${id}` })
    const { page } = view
    await page.getByText(/attempts? failed and cost .* The answer was made from passages\./).waitFor()
    const attempts = page.locator('section', { has: page.getByRole('heading', { name: 'Attempts' }) })
    assert.ok((await attempts.locator('[data-state=stopped]').count()) >= 1)
    assert.ok((await page.locator('.track .bar-failed').count()) >= 1)
    await axe(page)
  })

  it('is told while it happens, and to its end', async () => {
    slow = true
    const begun = Promise.withResolvers<string>()
    const reading = (async () => {
      for await (const event of house.factory.ask({ text: question, resumable: true })) {
        if (event.type === 'answer-start') begun.resolve(event.id)
      }
      // Being stopped is thrown to who asked.
    })().catch(() => undefined)
    const id = await begun.promise
    await using view = await house.openPage({ path: `/answers/${id}` })
    await view.page.getByText(/^Being answered, for /).waitFor()
    await house.factory.stop(id)
    await view.page.getByText(/^Stopped by its reader after /).waitFor()
    slow = false
    await reading
  })

  it('says so when there is no record', async () => {
    await using view = await house.openPage({ path: '/answers/none', expected: [/404/] })
    await view.page.getByText('There is no record of this answer').waitFor()
  })
})

describe('What happened to a question that was asked before', { skip }, () => {
  it('says where its words came from, in the language of the page', async () => {
    await using house = await openHouse({
      chat: () => 'The finance director approves it [1].',
      options: { cache: { answers: true } },
    })
    let id = ''
    for (let time = 1; time <= 2; time++)
      for await (const event of house.factory.ask(question)) if (event.type === 'answer-start') id = event.id
    for (const [language, said] of [
      ['en', 'Generate\ncache'],
      ['zh', '书写\n缓存'],
    ] as const) {
      await using view = await house.openPage({ path: `/answers/${id}`, language })
      assert.equal(await view.page.locator('.lane-first .lane-name').innerText(), said)
    }
  })
})
