import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { addWhole } from '../journeys/library.ts'
import { axe, fits, looks, openHouse, skip, type House } from './browser.ts'

describe('Settings', { skip }, () => {
  let house: House
  before(async () => (house = await openHouse({ options: { quotas: { documents: 4 } } })))
  after(() => house[Symbol.asyncDispose]())

  for (const { name, language, theme, width } of looks(1280, 390))
    it(`say what is so in ${name}`, async () => {
      await using view = await house.openPage({ path: '/settings', language, theme, width })
      const { page } = view
      const heading = language === 'zh' ? '需要的都在正常工作。' : 'Everything needed is working.'
      await page.getByRole('heading', { name: heading, level: 1 }).waitFor()
      const model = page.locator('[data-key=model]')
      assert.match(await model.innerText(), language === 'zh' ? /模型\s+未设置/ : /Model\s+not set/)
      assert.equal(await model.locator('code').first().innerText(), 'OPENAI_BASE_URL')
      await fits(page)
      await axe(page)
    })

  it('are told whole in Chinese', async () => {
    await using view = await house.openPage({ path: '/settings', language: 'zh' })
    await view.page.locator('[data-key=model]').waitFor()
    const left = await view.page.locator('.rows:not(.here) [lang=en]').allInnerTexts()
    // A quota is told in the server's words: its numbers are not among the facts.
    assert.deepEqual(
      left.filter((each) => !each.startsWith('You may have')),
      [],
    )
  })

  it('tell what is used of what may be used', async () => {
    await using view = await house.openPage({ path: '/settings' })
    const documents = view.page.locator('.rows > div', {
      has: view.page.getByRole('progressbar', { name: 'Documents' }),
    })
    assert.match(await documents.innerText(), /2 of 4\s+2 left\./)
  })

  it('do not say that a document which failed can be searched', async () => {
    const broken = { name: 'broken.pdf', bytes: Buffer.from('%PDF-1.4 nothing') }
    await assert.rejects(addWhole(house.factory, broken), /no whole PDF/)
    for (const [language, said] of [
      ['en', 'Of your 3 documents, those that are ready can be searched.'],
      ['zh', '你的 3 份文档中，就绪的都可以检索。'],
    ] as const) {
      await using view = await house.openPage({ path: '/settings', language })
      await view.page.locator('[data-key=index]').getByText(said, { exact: true }).waitFor()
    }
  })

  it('choose language and theme, and turn single keys off', async () => {
    await using view = await house.openPage({ path: '/settings' })
    const { page } = view
    await page.getByRole('radio', { name: 'Dark' }).check()
    assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark')
    await page.getByRole('radio', { name: 'Off' }).check()
    await page.keyboard.press('?')
    assert.equal(await page.getByRole('dialog').count(), 0)
    await page.getByRole('radio', { name: 'On', exact: true }).check()
    await page.locator('body').press('?')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('radio', { name: '简体中文' }).check()
    await page.getByRole('heading', { name: '这个浏览器' }).waitFor()
  })
})

describe('Signing in', { skip }, () => {
  let house: House
  let secret: string
  const expected = [/401/]
  before(async () => {
    house = await openHouse({ gateway: { auth: { required: true } } })
    secret = (await house.factory.createKey({ name: 'reader', scopes: ['ask'] })).secret
  })
  after(() => house[Symbol.asyncDispose]())

  for (const language of ['en', 'zh'] as const)
    it(`is asked for in ${language}, and opens the door`, async () => {
      await using view = await house.openPage({ path: '/settings', language, expected })
      const { page } = view
      const zh = language === 'zh'
      await page.getByRole('heading', { name: zh ? '这台 Andon 需要登录。' : 'This Andon asks who you are.' }).waitFor()
      await axe(page)
      await page.getByLabel(zh ? '密钥' : 'Key', { exact: true }).fill('andon_no')
      await page.keyboard.press('Enter')
      await page.getByRole('alert').waitFor()
      await page.getByLabel(zh ? '密钥' : 'Key', { exact: true }).fill(secret)
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: zh ? '需要的都在正常工作。' : 'Everything needed is working.' }).waitFor()
      await page.getByText('reader').waitFor()
      // For this tab only, and never where it would stay.
      const kept: [string | null, number] = await page.evaluate(
        "[sessionStorage.getItem('andon.key'), Object.values(localStorage).filter((each) => each.includes('andon_')).length]",
      )
      assert.deepEqual(kept, [secret, 0])
      await page.reload()
      await page.getByRole('button', { name: zh ? '退出' : 'Sign out' }).click()
      await page.getByRole('heading', { name: zh ? '这台 Andon 需要登录。' : 'This Andon asks who you are.' }).waitFor()
    })
})
