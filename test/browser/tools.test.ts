// The Tools page: what there is and how it is, a try of each kind, what a tool may do, and what ran.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Locator, Page } from 'playwright-core'
import { axe, fits, looks, openHouse, skip, type House } from './browser.ts'

const options = {
  tools: { modules: [{ name: 'shop', module: join(import.meta.dirname, 'workshop.ts') }], workers: 2 },
}

/** The link of a tool in the list. */
function inList(page: Page, name: string): Locator {
  const list = page.getByRole('navigation', { name: /^(Tools|工具)$/ })
  return list.getByRole('link', { name: new RegExp(`^${name}`) })
}

/** Opens a tool once the list has it: a source is tried behind the start. */
async function openTool(page: Page, name: string): Promise<void> {
  await inList(page, name).click()
  await page.getByRole('heading', { level: 1, name, exact: true }).waitFor()
}

describe('Tools', { skip }, () => {
  let house: House
  before(async () => (house = await openHouse({ options })))
  after(() => house[Symbol.asyncDispose]())

  for (const { name, language, theme, width } of looks(1440, 1000, 390))
    it(`are listed, shown and tried in ${name}`, async () => {
      await using view = await house.openPage({ path: '/tools', language, theme, width })
      const { page } = view
      await inList(page, 'shop-pack').waitFor()
      await fits(page)
      await axe(page)
      await openTool(page, 'calculator')
      await page.getByRole('textbox', { name: /^expression/ }).fill('64 * 8192 / 1024')
      await page.keyboard.press('Control+Enter')
      await page.locator('.tools-result').getByText('512').first().waitFor()
      const came = await page.locator('.tools-came').innerText()
      assert.match(came, language === 'zh' ? /^完成\s+[\d.]+\s(ms|秒) · 进程/ : /^Done\s+[\d.]+\s(ms|s) · process/)
      await fits(page)
      await axe(page)
      await page.goto('/tools?runs=all')
      await page.locator('.tools-ran.wide').getByText('calculator').first().waitFor()
      await fits(page)
      await axe(page)
    })

  it('show what they take and give, inside of each other', async () => {
    await using view = await house.openPage({ path: '/tools' })
    const { page } = view
    await openTool(page, 'shop-pack')
    const takes = await page.locator('.tools-shape').first().innerText()
    for (const said of [
      /title\s+text, required/,
      /count\s+whole number, 1 to 99/,
      /small · large/,
      /list of text/,
      /town/,
    ])
      assert.match(takes, said)
    assert.equal(await page.locator('.tools-shape .depth-2 dt').first().innerText(), 'name')
    assert.match(await page.locator('.tools-shape').nth(1).innerText(), /packed\s+object/)
  })

  it('are tried with every kind of argument', async () => {
    await using view = await house.openPage({ path: '/tools' })
    const { page } = view
    await openTool(page, 'shop-pack')
    const form = page.locator('.tools-try')
    await form.getByRole('button', { name: 'Run' }).click()
    await form.getByText('title is needed.').waitFor()
    assert.equal(await page.locator(':focus').getAttribute('name'), 'arg-title')
    await form.getByRole('textbox', { name: /^title/ }).fill('Lamp')
    await form.getByRole('textbox', { name: /^count/ }).fill('many')
    await form.getByRole('button', { name: 'Run' }).click()
    await form.getByText('count is a whole number, like 12.').waitFor()
    await form.getByRole('textbox', { name: /^count/ }).fill('7')
    await form.getByRole('textbox', { name: /^weight/ }).fill('1.5')
    await form.getByRole('combobox', { name: /^size/ }).selectOption('large')
    await form.getByRole('combobox', { name: /^urgent/ }).selectOption('true')
    await form.getByRole('textbox', { name: /^tags/ }).fill('red\nblue')
    await form.getByRole('textbox', { name: /^place/ }).fill('{"town": "Jena"}')
    await page.keyboard.press('Control+Enter')
    await page.locator('.tools-came').getByText('Done').waitFor()
    assert.deepEqual(JSON.parse(await page.locator('.tools-result .json').innerText()), {
      packed: {
        title: 'Lamp',
        count: 7,
        weight: 1.5,
        size: 'large',
        urgent: true,
        tags: ['red', 'blue'],
        place: { town: 'Jena' },
      },
      parts: ['box', 'label'],
    })
  })

  it('are tried with JSON, and say in words what does not fit', async () => {
    await using view = await house.openPage({ path: '/tools' })
    const { page } = view
    await openTool(page, 'shop-pack')
    await page.getByRole('textbox', { name: /^title/ }).fill('Lamp')
    await page.getByRole('button', { name: 'As JSON' }).click()
    const json = page.getByRole('textbox', { name: 'Arguments, as JSON' })
    assert.deepEqual(JSON.parse(await json.inputValue()), { title: 'Lamp', count: 3 })
    await json.fill('[1]')
    await page.getByRole('button', { name: 'Run' }).click()
    await page.getByText('Arguments are one JSON object').waitFor()
    await json.fill('{"title": 5}')
    await page.getByRole('button', { name: 'Run' }).click()
    await page.locator('.tools-result').getByText('These arguments do not fit').waitFor()
    await axe(page)
  })

  it('that fail or are killed say why, here and among the runs', async () => {
    await using view = await house.openPage({ path: '/tools' })
    const { page } = view
    await openTool(page, 'shop-spin')
    await page.getByRole('button', { name: 'Run' }).click()
    await page.locator('.tools-came').getByText('Its time was used up').waitFor()
    const runs = page.locator('.tools-runs li')
    const killed = runs.filter({ hasText: 'shop-spin' }).first()
    await killed.getByText('killed').waitFor()
    await page
      .locator('.tools-head')
      .getByText(/ · 1 killed$/)
      .waitFor()
    await openTool(page, 'shop-jam')
    await page.getByRole('button', { name: 'Run' }).click()
    await page.locator('.tools-result').getByText('The belt is jammed at station 4').waitFor()
    await runs.filter({ hasText: 'The belt is jammed' }).first().getByText('failed').waitFor()
    await axe(page)
  })

  it('tell their median once enough of their runs went well', async () => {
    const call = { name: 'date_time', arguments: { operation: 'parse', date: '2024-03-05' } }
    for (let run = 1; run <= 4; run++) assert.equal((await house.factory.callTool(call)).ok, true)
    await using view = await house.openPage({ path: '/tools/date_time' })
    const told = view.page.locator('.tools-head .num')
    await told.getByText('4 runs · 0 killed', { exact: true }).waitFor()
    await house.factory.callTool(call)
    await view.page.reload()
    await told.getByText(/^5 runs · median [\d.]+\sm?s · 0 killed$/).waitFor()
  })

  it('that ask first wait for a word, where they are tried', async () => {
    await using view = await house.openPage({ path: '/tools' })
    const { page } = view
    await openTool(page, 'shop-scrap')
    await page.getByRole('textbox', { name: /^parcel/ }).fill('No. 7')
    await page.keyboard.press('Control+Enter')
    const prompt = page.getByRole('alertdialog', { name: 'Let shop-scrap make this change?' })
    await prompt.getByText('"No. 7"').waitFor()
    await prompt.getByText('May change what cannot be undone').waitFor()
    await axe(page)
    await prompt.getByRole('button', { name: 'Allow once' }).click()
    await page.locator('.tools-result .json').getByText('"scrapped"').waitFor()
    await page.getByRole('button', { name: 'Run' }).click()
    await prompt.waitFor()
    await page.keyboard.press('Escape')
    await page.locator('.tools-came').getByText('Declined').waitFor()
    await page.locator('.tools-runs li').filter({ hasText: 'shop-scrap' }).getByText('declined').first().waitFor()
  })

  it('are permitted and switched, with the way back', async () => {
    await using view = await house.openPage({ path: '/tools/date_time' })
    const { page } = view
    const may = page.getByRole('group', { name: 'Run by itself' })
    assert.ok(await may.getByRole('radio', { name: 'Always' }).isChecked())
    await may.getByRole('radio', { name: 'Ask' }).check()
    await page.locator('.toast').getByText('date_time: Ask.').waitFor()
    await page
      .getByRole('link', { name: /^date_time/ })
      .getByText('Asks first, every time')
      .waitFor()
    await page.reload()
    await may.getByRole('radio', { name: 'Ask', checked: true }).waitFor()
    await page.getByRole('group', { name: 'Offered to answers' }).getByRole('radio', { name: 'Off' }).check()
    await page.locator('.tools-head').getByText('off').waitFor()
    await page.getByRole('button', { name: 'Run' }).and(page.locator(':disabled')).waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.locator('.tools-head').getByText('ready').waitFor()
    await may.getByRole('radio', { name: 'Always' }).check()
    await page.locator('.toast').getByText('date_time: Always.').waitFor()
  })

  it('tell how one is added, to be copied', async () => {
    await using view = await house.openPage({ path: '/tools' })
    const { page } = view
    await page.getByRole('button', { name: 'Add a tool' }).click()
    const dialog = page.getByRole('dialog', { name: 'Add a tool' })
    await dialog.getByText(/^andon tools add module /).waitFor()
    await dialog.getByRole('radio', { name: 'An MCP server' }).check()
    assert.equal(await dialog.getByText(/^andon tools add mcp /).count(), 2)
    await axe(page)
    await dialog.getByRole('button', { name: 'Copy' }).first().click()
    await page
      .locator('.toast')
      .getByText(/Copied|does not allow/)
      .waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    assert.equal(await page.locator(':focus').innerText(), 'Add a tool')
  })

  it('are found with keys alone', async () => {
    await using view = await house.openPage()
    const { page } = view
    await page
      .locator('h1')
      .focus()
      .catch(() => undefined)
    await page.keyboard.press('g')
    await page.keyboard.press('t')
    await page.waitForURL('**/tools')
    const link = inList(page, 'shop-pack')
    await link.waitFor()
    await link.focus()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'shop-pack', exact: true }).waitFor()
    await page.getByRole('textbox', { name: /^title/ }).focus()
    await page.keyboard.type('Lamp')
    await page.keyboard.press('Control+Enter')
    await page.locator('.tools-came').getByText('Done').waitFor()
  })

  it('that are not there say so', async () => {
    await using view = await house.openPage({ path: '/tools/nowhere' })
    await view.page.getByText('There is no such tool').waitFor()
    await axe(view.page)
  })

  it('stay on the page while nobody answers', async () => {
    await using view = await house.openPage({ path: '/tools', expected: [/Failed to load|ERR_/] })
    const { page } = view
    await openTool(page, 'calculator')
    await page.context().setOffline(true)
    await page.getByRole('textbox', { name: /^expression/ }).fill('1 + 1')
    await page.keyboard.press('Control+Enter')
    await page.locator('.tools-result').getByText('Andon does not answer.').waitFor()
    await page.getByText(/No connection to Andon since/).waitFor()
    await page.getByRole('heading', { level: 1, name: 'calculator' }).waitFor()
    await page.context().setOffline(false)
    await page.getByText('Line running').waitFor()
  })
})

describe('Tools of a server that does not answer', { skip }, () => {
  it('say so beside those that do', async () => {
    const mcp = [{ name: 'crm', url: 'http://127.0.0.1:9/mcp' }]
    await using house = await openHouse({ options: { tools: { mcp } } })
    await using view = await house.openPage({ path: '/tools' })
    const { page } = view
    await openTool(page, 'calculator')
    await page.getByRole('heading', { name: 'MCP server: crm' }).waitFor()
    await inList(page, 'crm')
      .getByText(/cannot be reached/)
      .waitFor()
    await openTool(page, 'crm')
    await page.locator('.tools-head').getByText('unreachable').waitFor()
    await page
      .locator('.tools-mid .degraded')
      .getByText(/cannot be reached/)
      .waitFor()
    await axe(page)
  })
})

describe('Tools, for who may only ask', { skip }, () => {
  it('cannot be switched, and say why', async () => {
    await using house = await openHouse({ gateway: { auth: { required: true } } })
    const { secret } = await house.factory.createKey({ name: 'reader', scopes: ['ask'] })
    await using view = await house.openPage({ path: '/tools', expected: [/401/] })
    const { page } = view
    await page.locator('.notice').getByRole('link', { name: 'Sign in' }).click()
    await page.locator('input[type=password]').fill(secret)
    await page.keyboard.press('Enter')
    await page.getByRole('link', { name: 'Tools' }).first().click()
    await openTool(page, 'calculator')
    await page.getByText('Only somebody with the scope admin may change this.').waitFor()
    assert.ok(await page.getByRole('group', { name: 'Run by itself' }).getByRole('radio', { name: 'Ask' }).isDisabled())
    await axe(page)
  })
})
