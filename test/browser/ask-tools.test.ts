// Tools in a conversation: what is called is seen while it runs and afterwards, a person is asked before what may not
// be undone, and figures that were worked out again are marked where they stand.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import { parseOptions } from '../../src/parse-options.ts'
import type { ChatBody, ChatScript } from '../servers/model-server.ts'
import { axe, fits, looks, openHouse, skip, type House } from './browser.ts'

const question = 'What do two trips of 2,500 euros cost?'
const options = {
  tools: {
    modules: [{ name: 'shop', module: join(import.meta.dirname, 'workshop.ts') }],
    workers: 2,
    approvalMs: 60_000,
  },
}

/** Calls tools first, and says its text when they have answered. */
function calling(calls: { name: string; arguments: object }[], text: string) {
  return ({ messages, tools }: ChatBody): ChatScript | string => {
    if (tools === undefined || messages.some(({ role }) => role === 'tool')) return text
    return { text: '', calls }
  }
}

async function ask(page: Page): Promise<void> {
  const field = page.getByRole('textbox', { name: /^(Question|问题)$/ })
  await field.fill(question)
  await field.press('Enter')
}

describe('Tools in a conversation', { skip }, () => {
  const sum = { name: 'calculator', arguments: { expression: '2 * 2500' } }
  const scrap = { name: 'shop-scrap', arguments: { parcel: 'No. 7' } }
  const summed = calling([sum], 'Two trips cost 5,000 euros.')
  const asked = calling([sum, scrap], 'The parcel was looked at.')
  let script: (body: ChatBody) => ChatScript | string = summed
  let house: House
  before(async () => {
    house = await openHouse({ options, chat: (body) => script(body) })
    // A source is tried behind the start.
    while (!(await house.factory.tools()).some(({ name }) => name === 'shop-scrap'));
  })
  after(() => house[Symbol.asyncDispose]())
  afterEach(() => (script = summed))

  for (const { name, language, theme, width } of looks(1440, 390))
    it(`are asked about in ${name}`, async () => {
      script = asked
      await using view = await house.openPage({ language, theme, width })
      const { page } = view
      await ask(page)
      const zh = language === 'zh'
      const title = zh ? '允许 shop-scrap 做这项改动吗？' : 'Let shop-scrap make this change?'
      const prompt = page.getByRole('alertdialog', { name: title })
      await prompt.getByText('"No. 7"').waitFor()
      await page
        .locator('.live')
        .getByText(zh ? '等你决定' : 'Waiting for you')
        .waitFor()
      await fits(page)
      // From the top: what lies half beneath the bar is no smaller for that.
      await page.evaluate('scrollTo(0, 0)')
      await axe(page)
      await prompt.getByRole('button', { name: zh ? '仅此一次' : 'Allow once' }).click()
      await prompt.waitFor({ state: 'detached' })
      await page.locator('.acts').waitFor()
      const rows = page.locator('.calls li')
      assert.equal(await rows.count(), 2)
      await rows.nth(1).locator('summary').click()
      await rows.nth(1).getByText('"scrapped"').waitFor()
      await fits(page)
      await axe(page)
    })

  it('show what was asked and what came back, also after the page was loaded again', async () => {
    await using view = await house.openPage()
    const { page } = view
    await ask(page)
    const row = page.locator('.calls li')
    await page.locator('.acts').waitFor()
    await page.reload()
    await row.locator('summary').click()
    await row.getByText('"expression": "2 * 2500"').waitFor()
    await row.getByText(/5000/).first().waitFor()
  })

  it('are declined with Escape, and the answer goes on', async () => {
    script = asked
    await using view = await house.openPage()
    const { page } = view
    await ask(page)
    const prompt = page.getByRole('alertdialog')
    await prompt.and(page.locator(':focus')).waitFor()
    await page.keyboard.press('Escape')
    await page.locator('.calls li').nth(1).getByText('Declined by you').waitFor()
    await page.getByText('The parcel was looked at.').waitFor()
    await page.locator('.acts').waitFor()
    assert.equal(await page.getByText('Stopped by you').count(), 0)
  })

  it('are allowed with keys alone', async () => {
    script = asked
    await using view = await house.openPage()
    const { page } = view
    await ask(page)
    await page.getByRole('alertdialog').and(page.locator(':focus')).waitFor()
    const focused = page.locator(':focus')
    for (let step = 0; step < 5 && !(await focused.innerText()).startsWith('Allow once'); step++)
      await page.keyboard.press('Tab')
    assert.match(await focused.innerText(), /^Allow once/)
    await page.keyboard.press('Enter')
    await page.locator('.acts').waitFor()
    // The next question can be written at once.
    assert.equal(await focused.getAttribute('aria-label'), 'Question')
  })

  it('may be allowed from the Tools page', async () => {
    script = asked
    await using view = await house.openPage()
    const { page } = view
    await ask(page)
    await page.getByRole('alertdialog').waitFor()
    await page.getByRole('link', { name: 'Tools' }).first().click()
    const prompt = page.locator('.tools-waiting').getByRole('alertdialog')
    await prompt.getByRole('link', { name: /^order / }).waitFor()
    await prompt.getByRole('button', { name: 'Allow once' }).click()
    await page.goBack()
    await page.locator('.acts').waitFor()
    await page.locator('.calls li').nth(1).locator('summary').click()
    await page.getByText('"scrapped"').waitFor()
  })

  it('wait with the answer for who stops it', async () => {
    script = asked
    await using view = await house.openPage()
    const { page } = view
    await ask(page)
    await page.getByRole('alertdialog').waitFor()
    await page.locator('.live').getByRole('button', { name: 'Stop' }).click()
    await page.getByText('Stopped by you').waitFor()
    await page.getByRole('alertdialog').waitFor({ state: 'detached' })
    assert.deepEqual(await house.factory.approvals(), [])
  })

  it('are left out of an answer by the switch beside the question', async () => {
    await using view = await house.openPage()
    const { page } = view
    const toggle = page.getByRole('switch', { name: /^\d+ tools$/ })
    assert.equal(await toggle.getAttribute('aria-checked'), 'true')
    await toggle.click()
    await page.getByRole('switch', { checked: false }).waitFor()
    await axe(page)
    await ask(page)
    await page.locator('.acts').waitFor()
    assert.equal(await page.locator('.calls').count(), 0)
    await page.reload()
    await page.getByRole('switch', { checked: false }).waitFor()
  })

  it('that were killed say so in the conversation, and in what happened', async () => {
    script = calling([{ name: 'shop-spin', arguments: {} }, sum], 'Nothing turned.')
    await using view = await house.openPage()
    const { page } = view
    await ask(page)
    await page.locator('.acts').waitFor()
    await page.locator('.calls li').first().getByText('Killed: Its time was used up').waitFor()
    await page.getByRole('link', { name: /^What happened/ }).click()
    const tools = page.locator('.answer-facts .panel', { has: page.getByRole('heading', { name: 'Tools' }) })
    await tools.getByText(/Killed: Its time was used up\./).waitFor()
    await tools.getByText('calculator').waitFor()
    await page.locator('.lane-name', { hasText: 'shop-spin' }).first().waitFor()
    await fits(page)
    await axe(page)
  })
})

describe('A page that a tool asks to read', { skip }, () => {
  it('may be allowed with its host, for the rest of the conversation', async () => {
    const read: string[] = []
    const site = createServer(({ url = '' }, response) => {
      read.push(url)
      response.setHeader('content-type', 'text/plain').end('A thread costs 15 ms to start.')
    })
    await using closing = new AsyncDisposableStack()
    closing.defer(() => void site.close())
    site.listen(0, '127.0.0.1')
    await once(site, 'listening')
    const host = `127.0.0.1:${(site.address() as AddressInfo).port}`
    const chat = ({ messages, tools }: ChatBody): ChatScript | string => {
      const results = messages.filter(({ role }) => role === 'tool').length
      if (tools === undefined || results > 1) return 'A thread costs 15 ms.'
      return { text: '', calls: [{ name: 'http_get', arguments: { url: `http://${host}/page-${results}` } }] }
    }
    await using house = await openHouse({ chat, options: { tools: { httpHosts: host } } })
    await using view = await house.openPage()
    const { page } = view
    await ask(page)
    const prompt = page.getByRole('alertdialog', { name: 'Let http_get read one page?' })
    await prompt.getByText(`GET http://${host}/page-0`, { exact: true }).waitFor()
    await prompt.getByText('Reaches out of this machine').waitFor()
    await axe(page)
    assert.deepEqual(read, [])
    await prompt.getByRole('button', { name: `Allow for ${host}` }).click()
    await page.locator('.acts').waitFor()
    // The second page was not asked about.
    assert.equal(await page.locator('.calls li').count(), 2)
    assert.deepEqual(read, ['/page-0', '/page-1'])
  })
})

describe('A call that nobody answers for', { skip }, () => {
  it('is left out, and the answer goes on', async () => {
    const text = 'The parcel was looked at.'
    const chat = calling([{ name: 'shop-scrap', arguments: { parcel: 'No. 7' } }], text)
    const tools = { ...options.tools, offer: 'shop-scrap', approvalMs: 500 }
    const gateway = { house: parseOptions({ tools }) }
    await using house = await openHouse({ options: { tools }, gateway, chat })
    while (!(await house.factory.tools()).some(({ name }) => name === 'shop-scrap'));
    await using view = await house.openPage()
    const { page } = view
    await page.getByRole('switch', { name: '1 tool', exact: true }).waitFor()
    await ask(page)
    await page.locator('.calls').getByText('Nobody answered in time').waitFor()
    await page.getByText(text).waitFor()
    await page.locator('.acts').waitFor()
    assert.equal(await page.getByRole('alertdialog').count(), 0)
  })
})

describe('Figures in an answer', { skip }, () => {
  const rent = {
    name: 'rent.md',
    text: '# Rent\n\nThe rent was 4,200 euros in 2023. The rent was 4,704 euros in 2024.\n',
  }
  const said =
    'The rent rose by 504 euros, from 4,200 euros in 2023 to 4,704 euros in 2024 [1]. ' +
    'The rent rose by 15 %, from 4,200 euros in 2023 to 4,704 euros in 2024 [1]. ' +
    'Together 9,000 euros were paid: 4,200 euros and 4,704 euros [1].'
  let house: House
  before(async () => (house = await openHouse({ chat: () => said, documents: [rent] })))
  after(() => house[Symbol.asyncDispose]())

  for (const { name, language, theme, width } of looks(1440, 390))
    it(`that were worked out again are marked in ${name}`, async () => {
      await using view = await house.openPage({ language, theme, width })
      const { page } = view
      await page.getByRole('textbox', { name: /^(Question|问题)$/ }).fill('How did the rent change from 2023 to 2024?')
      await page.keyboard.press('Enter')
      await page.locator('.acts').waitFor()
      assert.equal(await page.locator('.figure.agrees').innerText(), '504')
      assert.equal(await page.locator('.figure.differs').innerText(), '15 %')
      assert.match(await page.locator('.figure-fix').innerText(), /12 %$/)
      assert.equal(await page.locator('.figure.unchecked').innerText(), '9,000')
      const badge = page.locator('.badge')
      await badge.getByText(language === 'zh' ? /重算了 2 个数字/ : /2 figures recomputed/).waitFor()
      await badge.locator('summary').click()
      await badge.getByText('4,704 − 4,200 = 504', { exact: true }).waitFor()
      await badge.getByText('(4,704 − 4,200) ÷ 4,200 = 12 %', { exact: true }).waitFor()
      await badge.getByText(language === 'zh' ? '回答写的是 15 %' : 'the answer says 15 %').waitFor()
      await badge.getByText(language === 'zh' ? '没有找到能得出它的数字。' : /^No figures were found/).waitFor()
      await fits(page)
      await axe(page)
    })

  it('go with their sentence when it is left out', async () => {
    await using view = await house.openPage()
    const { page } = view
    await page.getByRole('textbox', { name: 'Question' }).fill('How did the rent change from 2023 to 2024?')
    await page.keyboard.press('Enter')
    await page.locator('.acts').waitFor()
    await page.locator('.figure-fix').waitFor()
    await page.getByRole('button', { name: 'Leave it out' }).first().click()
    await page.locator('.figure-fix').waitFor({ state: 'detached' })
    assert.equal(await page.locator('.figure.agrees').innerText(), '504')
  })
})
