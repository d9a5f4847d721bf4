import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { axe, fits, looks, openHouse, skip, type House } from './browser.ts'

describe('The page’s frame', { skip }, () => {
  let house: House
  before(async () => (house = await openHouse()))
  after(() => house[Symbol.asyncDispose]())

  for (const { name, language, theme, width } of looks(1280, 390))
    it(`stands in ${name}`, async () => {
      await using view = await house.openPage({ language, theme, width })
      const { page } = view
      const html = page.locator('html')
      assert.equal(await html.getAttribute('data-theme'), theme)
      assert.equal(await html.getAttribute('lang'), language === 'zh' ? 'zh-CN' : 'en')
      await page.getByText(language === 'zh' ? '产线运行中' : 'Line running').waitFor()
      const tab = page.getByRole('navigation').getByRole('link', { name: language === 'zh' ? '设置' : 'Settings' })
      await tab.click()
      await page.waitForURL('**/settings')
      assert.equal(await tab.getAttribute('aria-current'), 'page')
      await fits(page)
      await axe(page)
    })

  it('shows the other theme, and keeps it', async () => {
    await using view = await house.openPage()
    const { page } = view
    await page.getByRole('button', { name: 'Dark theme' }).click()
    assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark')
    await page.reload()
    assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark')
    await page.getByRole('button', { name: 'Light theme' }).waitFor()
  })

  it('says everything in the other language, and keeps it', async () => {
    await using view = await house.openPage({ path: '/settings' })
    const { page } = view
    await page.getByRole('button', { name: '中文' }).click()
    await page.getByRole('link', { name: '文档库' }).first().waitFor()
    await page.reload()
    await page.getByRole('link', { name: '文档库' }).first().waitFor()
    assert.equal(await page.locator('html').getAttribute('lang'), 'zh-CN')
    assert.match(await page.title(), /^设置/)
  })

  it('goes where keys say, and back', async () => {
    await using view = await house.openPage()
    const { page } = view
    await page.keyboard.press('g')
    await page.keyboard.press('l')
    await page.waitForURL('**/library')
    await page.keyboard.press('g')
    await page.keyboard.press('s')
    await page.waitForURL('**/settings')
    await page.goBack()
    await page.waitForURL('**/library')
  })

  it('lists its keys at ?, and gives the focus back', async () => {
    await using view = await house.openPage({ path: '/settings' })
    const { page } = view
    const button = page.getByRole('button', { name: 'Dark theme' })
    await button.focus()
    await page.keyboard.press('?')
    const dialog = page.getByRole('dialog', { name: 'Keys' })
    await dialog.getByText('new question').waitFor()
    await axe(page)
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    assert.equal(await page.locator(':focus').getAttribute('aria-label'), 'Dark theme')
  })

  it('leaves keys alone while somebody types, and what stands behind a dialog', async () => {
    await using view = await house.openPage({ path: '/settings' })
    const { page } = view
    const field = page.getByRole('textbox', { name: 'Key' })
    await field.pressSequentially('?gl')
    assert.equal(await field.inputValue(), '?gl')
    assert.equal(await page.getByRole('dialog').count(), 0)
    await page.getByRole('heading', { name: 'This browser' }).click()
    await page.keyboard.press('?')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('l')
    assert.match(page.url(), /\/settings$/)
  })

  it('can be skipped with the keyboard', async () => {
    await using view = await house.openPage({ path: '/settings' })
    const { page } = view
    await page.keyboard.press('Tab')
    assert.equal(await page.locator(':focus').innerText(), 'Skip to the page')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/settings#main')
    await page.keyboard.press('Tab')
    assert.equal(await page.locator('main :focus').count(), 1)
  })

  it('leads to Ask from an address that is nowhere', async () => {
    await using view = await house.openPage({ path: '/s/none', expected: [/404/] })
    assert.equal(await view.page.getByRole('link', { name: 'Ask' }).first().getAttribute('aria-current'), 'page')
  })

  it('says that nobody answers, since when, and that somebody does again', async () => {
    await using view = await house.openPage({ path: '/settings', expected: [/Failed to load|ERR_/] })
    const { page } = view
    await page.getByText('Line running').waitFor()
    await page.context().setOffline(true)
    await page.getByText(/No connection to Andon since \d\d:\d\d/).waitFor()
    await page.getByText('No connection', { exact: true }).waitFor()
    await page.context().setOffline(false)
    await page.getByText('Line running').waitFor()
  })
})
