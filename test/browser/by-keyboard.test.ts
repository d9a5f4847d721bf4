// Three things that somebody wants of an answer, done with keys alone, wide and on a phone's width: see the passage behind a
// sentence, find the sentence that no source holds, and learn where the time went. And what was stopped, after loading.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import type { ChatScript } from '../servers/model-server.ts'
import { openHouse, skip, type House } from './browser.ts'

const question = 'Who approves travel over 2,500 euros?'
const said = 'The finance director approves it [1]. The moon is made of cheese.'

/** Goes on with Tab until what has the focus says this; fails when it comes around without. */
async function tabTo(page: Page, text: RegExp): Promise<void> {
  for (let step = 0; step < 80; step++) {
    await page.keyboard.press('Tab')
    const focused = await page.evaluate<string>(
      '(document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent ?? "")',
    )
    if (text.test(focused)) return
  }
  assert.fail(`Tab does not lead to ${text}`)
}

describe('By keyboard alone', { skip }, () => {
  let house: House
  let script: ChatScript | string = said
  before(async () => (house = await openHouse({ chat: () => script })))
  after(() => house[Symbol.asyncDispose]())

  for (const width of [1440, 390])
    it(`passage, doubt and time are found at ${width} px`, async () => {
      await using view = await house.openPage({ width })
      const { page } = view
      await tabTo(page, /^Question$/)
      await page.keyboard.type(question)
      await page.keyboard.press('Enter')
      await page.locator('.acts').waitFor()

      // From the top of the page, so that nothing is skipped.
      await page.evaluate('document.activeElement.blur()')
      await tabTo(page, /^Source 1$/)
      await page.keyboard.press('Enter')
      await page.locator('.source mark:focus').waitFor()
      await page.keyboard.press('Escape')
      await page.locator('.source').waitFor({ state: 'detached' })

      await tabTo(page, /^Search for it$/)
      const doubt = await page.evaluate<string>('document.activeElement.closest(".md, .answer, main").textContent')
      assert.match(doubt, /The moon is made of cheese/)

      await tabTo(page, /^What happened/)
      await page.keyboard.press('Enter')
      await page.waitForURL(/\/answers\//)
      await page.getByText(/^Answered in /).waitFor()
      await page.getByRole('heading', { name: question }).waitFor()
    })

  it('an answer that was stopped is there again after loading', async () => {
    script = { text: said, fault: { kind: 'stall', afterTokens: 8 } }
    await using view = await house.openPage()
    const { page } = view
    await page.getByRole('textbox', { name: 'Question' }).fill(question)
    await page.keyboard.press('Enter')
    await page.getByText('The finance director approves it').waitFor()
    await page.keyboard.press('Escape')
    await page.getByText('Stopped by you').waitFor()
    await page.reload()
    await page.getByText('The finance director approves it').waitFor()
    script = said
  })
})
