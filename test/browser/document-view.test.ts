import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import { addWhole, travel } from '../journeys/library.ts'
import { axe, openHouse, skip, type House } from './browser.ts'

const sentence = 'Travel over 2,500 euros is approved by the finance director.'

describe('A cited document', { skip }, () => {
  let house: House
  before(async () => (house = await openHouse({ documents: [] })))
  after(() => house[Symbol.asyncDispose]())
  beforeEach(() => addWhole(house.factory, travel))

  /** Asks, lets something happen to the document, and opens the source. */
  async function openAfter(page: Page, happening: () => Promise<unknown>): Promise<void> {
    await page.getByRole('textbox', { name: 'Question' }).fill('Who approves travel over 2,500 euros?')
    await page.keyboard.press('Enter')
    await page.locator('.acts').first().waitFor()
    await happening()
    await page.locator('.cite').first().click()
  }

  for (const language of ['en', 'zh'] as const)
    it(`is opened where the passage stands now, in ${language}`, async () => {
      await using view = await house.openPage()
      const { page } = view
      const news = Array.from({ length: 3000 }, (_, at) => `News item ${at} says nothing of interest.`).join('\n\n')
      await openAfter(page, () =>
        addWhole(house.factory, { name: 'travel.md', text: `# News\n\n${news}\n\n${travel.text}` }),
      )
      await page.getByText('The document changed since. The passage now stands here.').waitFor()
      await page.locator('.dv mark:focus').waitFor()
      assert.ok((await page.locator('.dv mark').allInnerTexts()).join('').startsWith(sentence.slice(0, 20)))
      if (language === 'zh') {
        await page.getByRole('button', { name: '中文' }).click()
        await page.getByText('文档此后有改动，这段原文现在在这里。').waitFor()
      }
      await axe(page)
    })

  it('says so when it no longer says it, and what it said', async () => {
    await using view = await house.openPage()
    const { page } = view
    await openAfter(page, () => addWhole(house.factory, { name: 'travel.md', text: 'Nobody travels any more.' }))
    await page.getByText('The document changed since and no longer says this. It said:').waitFor()
    assert.match(await page.locator('.dv blockquote').innerText(), /Travel over 2,500 euros/)
    await page.getByText('Nobody travels any more.').waitFor()
    await axe(page)
  })

  it('tells why it could not be read, and is read when asked again', async () => {
    await using view = await house.openPage({ expected: [/503/] })
    const { page } = view
    let rests = true
    await page.route('**/text?*', async (route) => {
      if (!rests) return await route.continue()
      return await route.fulfill({ status: 503, json: { code: 'unavailable', detail: 'The store rests.' } })
    })
    await openAfter(page, async () => undefined)
    await page.getByText('The store rests.').waitFor()
    rests = false
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.locator('.dv mark').first().waitFor()
  })
})
