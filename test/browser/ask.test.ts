import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import type { ChatScript } from '../servers/model-server.ts'
import { leave, travel } from '../journeys/library.ts'
import { axe, fits, looks, openHouse, skip, type House } from './browser.ts'

const question = 'Who approves travel over 2,500 euros?'
const said =
  '**The finance director approves it** [1]. The moon is made of cheese. Smaller trips are approved by the team lead [1].'

/** Asks on a page, and waits for the answer's end. */
async function ask(page: Page, text = question): Promise<void> {
  const ended = await page.locator('.acts').count()
  const field = page.getByRole('textbox', { name: /^(Question|问题)$/ })
  await field.fill(text)
  await field.press('Enter')
  await page.locator('.acts').nth(ended).waitFor()
}

describe('Ask', { skip }, () => {
  let house: House
  let script: ChatScript | string = said
  before(async () => (house = await openHouse({ chat: () => script })))
  after(() => house[Symbol.asyncDispose]())
  afterEach(() => (script = said))

  for (const { name, language, theme, width } of looks(1440, 1000, 390))
    it(`answers and opens a source in ${name}`, async () => {
      await using view = await house.openPage({ language, theme, width })
      const { page } = view
      await page.getByRole('heading', { level: 2 }).waitFor()
      await fits(page)
      await axe(page)
      await ask(page)
      await page.locator('.badge summary').click()
      await fits(page)
      await axe(page)
      await page.locator('.md .cite').first().click()
      await page.locator('.source mark').first().waitFor()
      await fits(page)
      await axe(page)
      assert.equal(
        await page.locator('.badge summary').innerText(),
        language === 'zh' ? '已核对\n3 句中 2 句有据' : 'Checked\n2 of 3 sentences supported',
      )
    })

  it('opens the exact passage of a number, gives the focus to it and back', async () => {
    await using view = await house.openPage()
    const { page } = view
    await ask(page)
    await page.getByRole('button', { name: 'Source 1', exact: true }).first().click()
    const source = page.getByRole('complementary', { name: 'Source' })
    const mark = source.locator('mark')
    await mark.first().waitFor()
    assert.equal((await mark.allInnerTexts()).join(''), 'Travel over 2,500 euros is approved by the finance director.')
    await source.locator('mark:focus').waitFor()
    await source.getByText('line 5').first().waitFor()
    await page.keyboard.press(']')
    await page.locator('.source mark', { hasText: /^Smaller/ }).waitFor()
    await page.keyboard.press('[')
    await page.locator('.source mark', { hasText: /^Travel/ }).waitFor()
    await page.keyboard.press('Escape')
    await source.waitFor({ state: 'detached' })
    assert.equal(await page.evaluate('document.activeElement?.dataset.cite?.slice(-2)'), '.1')
  })

  it('leaves the cited sentence in sight on a phone', async () => {
    await using view = await house.openPage({ width: 390 })
    const { page } = view
    await ask(page)
    const cite = page.locator('.md .cite').nth(1)
    await cite.click()
    await page.locator('.source mark').first().waitFor()
    const [place, sheet] = await Promise.all([cite.boundingBox(), page.locator('.source').boundingBox()])
    assert.ok(place && sheet && place.y > 52 && place.y + place.height <= sheet.y, JSON.stringify({ place, sheet }))
  })

  it('says when a passage is in another language than the question', async () => {
    await using view = await house.openPage()
    const { page } = view
    await ask(page, '谁批准超过 2,500 euros 的 travel？请告诉我。')
    await page.locator('.md .cite').first().click()
    await page.locator('.source').getByText('original in English').waitFor()
  })

  it('can be read at 400 %', async () => {
    await using view = await house.openPage({ width: 320, height: 240 })
    const { page } = view
    await ask(page)
    await fits(page)
    await page.locator('.md .cite').first().click()
    await page.locator('.source mark').first().waitFor()
    await fits(page)
    await axe(page)
  })

  it('shows the conversations in front on a phone, and gives the focus back', async () => {
    await using view = await house.openPage({ width: 390 })
    const { page } = view
    const list = page.getByRole('navigation', { name: 'Conversations' })
    await page.getByRole('button', { name: 'Conversations' }).click()
    await list.getByRole('button', { name: 'New question' }).waitFor()
    await axe(page)
    await page.keyboard.press('Escape')
    await list.waitFor({ state: 'hidden' })
    await page.locator('.conv-top button:focus', { hasText: 'Conversations' }).waitFor()
  })

  it('streams, says what it does, and stops', async () => {
    script = { text: said, fault: { kind: 'stall', afterTokens: 9 } }
    await using view = await house.openPage()
    const { page } = view
    await page.getByRole('textbox', { name: 'Question' }).fill(question)
    await page.keyboard.press('Enter')
    await page.getByText('Writing · checking sentence 2').waitFor()
    await page.getByText('The finance director approves it').waitFor()
    await page.locator('.live').getByRole('button', { name: 'Stop' }).click()
    await page.getByText('Stopped by you').waitFor()
    await page.getByText('What was written stays.').waitFor()
    await page.getByText('The finance director approves it').waitFor()
    script = said
    await page.getByRole('button', { name: 'Start over' }).click()
    await page.locator('.badge').getByText('2 of 3 sentences supported').waitFor()
    await page.getByText('2/2').waitFor()
  })

  it('is stopped with Escape, and puts the next question behind the one under way', async () => {
    script = { text: said, fault: { kind: 'stall', afterTokens: 4 } }
    await using view = await house.openPage()
    const { page } = view
    const field = page.getByRole('textbox', { name: 'Question' })
    await field.fill(question)
    await page.keyboard.press('Enter')
    await page.getByText('The finance').waitFor()
    await field.fill('How long ahead are flights booked?')
    await page.keyboard.press('Enter')
    await page.getByText('Next: How long ahead').waitFor()
    script = 'Flights are booked 14 days ahead [1].'
    await page.keyboard.press('Escape')
    await page.getByRole('heading', { name: 'How long ahead are flights booked?' }).waitFor()
    await page.locator('.badge').getByText('1 of 1 sentence supported').waitFor()
  })

  it('goes on with an answer after the page was loaded again, nothing lost and nothing twice', async () => {
    script = { text: said, tokenMs: 150 }
    // The conversation is written down with its first answer: until then there is none.
    await using view = await house.openPage({ expected: [/404/] })
    const { page } = view
    await page.getByRole('textbox', { name: 'Question' }).fill(question)
    await page.keyboard.press('Enter')
    await page.getByText('The finance').waitFor()
    await page.reload()
    await page.locator('.badge').getByText('2 of 3 sentences supported').waitFor()
    assert.equal(
      (await page.locator('.md').innerText()).replaceAll(/\s+/g, ' ').replaceAll(/[12](?=\.)/g, ''),
      'The finance director approves it. The moon is made of cheese. Smaller trips are approved by the team lead. ' +
        'Not in the sources. Search for it Leave it out',
    )
  })

  it('goes on being read while another page is shown', async () => {
    script = { text: said, tokenMs: 100 }
    await using view = await house.openPage()
    const { page } = view
    await page.getByRole('textbox', { name: 'Question' }).fill(question)
    await page.keyboard.press('Enter')
    await page.getByText('The finance').waitFor()
    await page.getByRole('link', { name: 'Settings' }).first().click()
    await page.goBack()
    await page.locator('.badge').getByText('2 of 3 sentences supported').waitFor()
  })

  it('marks a sentence that no source holds: it can be looked for, left out and put back', async () => {
    await using view = await house.openPage()
    const { page } = view
    await ask(page)
    assert.deepEqual(await page.locator('.unsup').allInnerTexts(), ['The moon is made of cheese.'])
    await page.getByText('Not in the sources.').waitFor()
    await page.getByRole('button', { name: 'Search for it' }).click()
    await page.getByText('No passage says it.').or(page.getByText('Nearest passages')).waitFor()
    await page.getByRole('button', { name: 'Leave it out' }).click()
    assert.equal(await page.locator('.left-out').isVisible(), false)
    await page.getByRole('button', { name: 'Put it back' }).click()
    assert.equal(await page.locator('.unsup').isVisible(), true)
    await page.locator('.badge summary').click()
    await page.getByText('It cites no passage.').waitFor()
  })

  it('copies with numbered sources and without what was left out', async () => {
    await using view = await house.openPage()
    const { page } = view
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await ask(page)
    await page.getByRole('button', { name: 'Leave it out' }).click()
    await page.getByRole('button', { name: 'Copy', exact: true }).click()
    await page.getByText('Copied, with 2 sources.').first().waitFor()
    assert.equal(
      await page.evaluate('navigator.clipboard.readText()'),
      [
        '**The finance director approves it** [1]. Smaller trips are approved by the team lead [2].',
        '',
        'Sources',
        '[1] Travel policy › Approval (travel.md)',
        '[2] Travel policy › Approval (travel.md)',
        '',
      ].join('\n'),
    )
  })

  it('keeps the first version when it is asked again, also after loading', async () => {
    await using view = await house.openPage()
    const { page } = view
    await ask(page)
    script = 'The finance director does [1].'
    await page.getByRole('button', { name: 'Retry' }).click()
    await page.locator('.badge').getByText('1 of 1 sentence supported').waitFor()
    const both = async (): Promise<void> => {
      await page.getByText('2/2').waitFor()
      await page.getByRole('button', { name: 'Previous version' }).click()
      await page.getByText('The moon is made of cheese.').first().waitFor()
      await page.getByRole('button', { name: 'Next version' }).click()
      await page.getByText('The finance director does').waitFor()
    }
    await both()
    await page.reload()
    await both()
  })

  it('says that a model failed midway, and what stays', async () => {
    script = { text: said, fault: { kind: 'cut', afterTokens: 9 } }
    await using view = await house.openPage()
    const { page } = view
    await ask(page)
    await page.getByText(/^Stopped after \d sentences?$/).waitFor()
    await page.getByText('What you see is checked and stays.').waitFor()
    await axe(page)
    script = said
    await page.getByRole('button', { name: 'Start over' }).click()
    await page.locator('.badge').getByText('2 of 3 sentences supported').waitFor()
  })

  it('says above the quotations why no model wrote, now and when it is read again', async () => {
    script = { text: '', fault: { kind: 'status', status: 500 } }
    await using view = await house.openPage()
    const { page } = view
    await ask(page)
    const why = page.locator('.asked .degraded').getByText(/^The answer quotes the documents: .*500/)
    await why.waitFor()
    await page.reload()
    await why.waitFor()
    await axe(page)
  })

  it('keeps what is typed across reloads, and leaves Enter to an input method', async () => {
    await using view = await house.openPage()
    const { page } = view
    const field = page.getByRole('textbox', { name: 'Question' })
    await field.fill('死锁')
    await field.dispatchEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true })
    assert.equal(await field.inputValue(), '死锁')
    await field.press('Shift+Enter')
    assert.equal(await field.inputValue(), '死锁\n')
    await page.reload()
    assert.equal(await page.getByRole('textbox', { name: 'Question' }).inputValue(), '死锁\n')
  })

  it('works with keys alone', async () => {
    await using view = await house.openPage()
    const { page } = view
    await page.keyboard.press('n')
    await page.keyboard.type(question)
    await page.keyboard.press('Enter')
    await page.locator('.acts').waitFor()
    await page.evaluate('document.activeElement.blur()')
    await page.keyboard.press('1')
    await page.locator('.source mark').first().waitFor()
    await page.keyboard.press('2')
    await page.locator('.source mark', { hasText: /^Smaller/ }).waitFor()
    await page.keyboard.press('Escape')
    await page.locator('.source').waitFor({ state: 'detached' })
    await page.keyboard.press('/')
    await page.locator('input[type=search]:focus').waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('n')
    await page.waitForURL(/\/$/)
    await page.locator('textarea:focus').waitFor()
  })

  it('has the focus where a key leads before the next key comes', async () => {
    await using view = await house.openPage()
    const led = (key: string): Promise<unknown> =>
      view.page.evaluate(`new Promise((tell) => {
        document.body.dispatchEvent(new KeyboardEvent('keydown', { key: '${key}', bubbles: true }))
        setTimeout(() => (tell(document.activeElement.ariaLabel ?? document.activeElement.type), document.activeElement.blur()))
      })`)
    assert.deepEqual([await led('n'), await led('/')], ['Question', 'search'])
  })

  it('leaves the focus with who writes while a source is read', async () => {
    await using view = await house.openPage()
    const { page } = view
    await ask(page)
    const read = Promise.withResolvers<void>()
    await page.route('**/v1/documents/**', async (route) => {
      await read.promise
      await route.continue()
    })
    await page.locator('.md .cite').first().click()
    await page.getByRole('textbox', { name: 'Question' }).fill('And who')
    read.resolve()
    await page.locator('.source mark').first().waitFor()
    assert.equal(await page.locator('textarea:focus').count(), 1)
  })

  it('says when a document was deleted since', async () => {
    await using view = await house.openPage({ expected: [/404/] })
    const { page } = view
    await ask(page)
    const [document] = await house.factory.list({ name: 'travel.md' })
    assert.ok(document)
    await house.factory.remove(document.id)
    try {
      await page.locator('.md .cite').first().click()
      await page.getByText('This document was deleted since. It said:').waitFor()
      await page.locator('.source blockquote', { hasText: 'approved by the finance director' }).waitFor()
    } finally {
      await house.factory.restore(document.id)
    }
  })

  it('keeps the question while the connection is gone, and asks it once it is back', async () => {
    await using view = await house.openPage({ expected: [/ERR_INTERNET_DISCONNECTED|Failed to load/] })
    const { page } = view
    await ask(page)
    await page.context().setOffline(true)
    await page.getByRole('textbox', { name: 'Question' }).fill('Who approves smaller trips?')
    await page.getByText('sends when back').waitFor()
    await page.keyboard.press('Enter')
    await page.getByText('Your question is kept, and is asked when the connection is back.').waitFor()
    // What was answered can still be read.
    await page.getByText('The moon is made of cheese.').first().waitFor()
    await axe(page)
    await page.context().setOffline(false)
    await page.locator('.acts').nth(1).waitFor()
  })
})

describe('Conversations', { skip }, () => {
  let house: House
  before(async () => (house = await openHouse({ chat: () => said })))
  after(() => house[Symbol.asyncDispose]())

  it('are listed, searched, renamed, deleted and brought back', async () => {
    await using view = await house.openPage({ expected: [/404/] })
    const { page } = view
    await ask(page)
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'New question' }).first().click()
    await ask(page, 'Which hotel may a director take?')
    const list = page.getByRole('navigation', { name: 'Conversations' })
    await list.getByRole('link', { name: question }).click()
    await page.getByRole('heading', { name: question, level: 2 }).waitFor()
    await page.locator('.badge').getByText('2 of 3 sentences supported').waitFor()

    await page.getByRole('searchbox').fill('hotel')
    await list.getByRole('link', { name: question }).waitFor({ state: 'detached' })
    await list.getByRole('link', { name: 'Which hotel may a director take?' }).waitFor()
    await page.getByRole('searchbox').fill('')
    await list.getByRole('link', { name: question }).waitFor()

    await list.getByRole('button', { name: `Rename ${question}` }).click({ force: true })
    await page.getByRole('textbox', { name: 'Name of the conversation' }).fill('Travel approval')
    await page.keyboard.press('Enter')
    await list.getByRole('link', { name: 'Travel approval' }).waitFor()

    await list.getByRole('button', { name: 'Delete Travel approval' }).click({ force: true })
    await list.getByRole('link', { name: 'Travel approval' }).waitFor({ state: 'detached' })
    await page.locator('body').press('z')
    await list.getByRole('link', { name: 'Travel approval' }).waitFor()
    await page.locator('.badge').getByText('2 of 3 sentences supported').waitFor()
    await axe(page)

    const found = await house.factory.sessions()
    const { length: before } = found
    await list.getByRole('button', { name: 'Delete Travel approval' }).click({ force: true })
    await page.locator('.toast').getByRole('button', { name: 'Delete for good' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
    await page.locator('body').press('z')
    await list.getByRole('link', { name: 'Travel approval' }).waitFor()
    assert.equal((await house.factory.sessions()).length, before)

    await list.getByRole('button', { name: 'Delete Travel approval' }).click({ force: true })
    await page.locator('.toast').getByRole('button', { name: 'Delete for good' }).click()
    await axe(page)
    await page.getByRole('dialog').getByRole('button', { name: 'Delete for good' }).click()
    await page.getByRole('button', { name: 'Undo' }).waitFor({ state: 'detached' })
    await page.locator('.toast').getByText('Deleted “Travel approval”.').waitFor()
    assert.equal((await house.factory.sessions()).length, before - 1)
    const [id = ''] = found.filter(({ title }) => title === 'Travel approval').map((session) => session.id)
    await assert.rejects(house.factory.restoreSession(id), { code: 'not-found' })
  })

  it('are brought back by a key as soon as the news is seen', async () => {
    await using view = await house.openPage()
    const { page } = view
    await ask(page)
    // In the task that shows it: on a busy machine the next frame is far.
    await page.evaluate(`new MutationObserver((_, observer) => {
      if (!document.querySelector('.toast')) return
      observer.disconnect()
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'z', bubbles: true }))
    }).observe(document.body, { childList: true, subtree: true })`)
    const [restored] = await Promise.all([
      page.waitForResponse('**/restore'),
      page.locator('.conversation:has([aria-current]) .conversation-acts .btn').last().click({ force: true }),
    ])
    assert.equal(restored.status(), 200)
  })

  it('can still be brought back after a while in front of the question whether they are to be gone for good', async () => {
    await using view = await house.openPage({ expected: [/404/] })
    const { page } = view
    await ask(page)
    await page.clock.install()
    await page.locator('.conversation:has([aria-current]) .conversation-acts .btn').last().click({ force: true })
    await page.locator('.toast').getByRole('button', { name: 'Delete for good' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.waitFor()
    await page.clock.fastForward(60_000)
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await page.locator('.toast').getByRole('button', { name: 'Undo' }).click()
    await page.locator('.conversation [aria-current]').waitFor()
  })

  for (const { name, language, theme, width } of looks(390))
    it(`end above the news of one that was deleted in ${name}`, async () => {
      await using view = await house.openPage({ language, theme, width })
      const { page } = view
      await ask(page)
      await page.locator('.conv-top button').first().click()
      await page.locator('.conversation-acts .btn').last().click()
      const news = page.locator('.toast')
      await news.waitFor()
      const [list, told, tabs] = await Promise.all(
        [page.locator('.conversations .find'), news, page.locator('.tabbar')].map((each) => each.boundingBox()),
      )
      assert.ok(list && told && tabs)
      assert.ok(list.y + list.height <= told.y && told.y + told.height <= tabs.y, JSON.stringify({ list, told, tabs }))
      await fits(page)
      await axe(page)
    })

  it('are opened by their address, and say so when there is none', async () => {
    await using view = await house.openPage({ path: '/s/none', expected: [/404/] })
    await view.page.getByText('There is no such conversation').waitFor()
  })
})

describe('Ask without a model', { skip }, () => {
  let house: House
  before(async () => {
    house = await openHouse({ documents: [travel, leave], gateway: {} })
  })
  after(() => house[Symbol.asyncDispose]())

  it('quotes the documents, says so quietly, and leads to where a model is set up', async () => {
    await using view = await house.openPage()
    const { page } = view
    await ask(page)
    await page.getByText('Answered from passages only: no model configured.').waitFor()
    assert.equal(await page.getByRole('link', { name: 'Set up a model' }).getAttribute('href'), '/settings')
    const first = page.locator('.quotes li').first()
    assert.match(await first.innerText(), /^Travel over 2,500 euros is approved by the finance director\./)
    assert.match(
      String(await page.evaluate("getComputedStyle(document.querySelector('.quotes li')).fontFamily")),
      /Serif|Georgia/,
    )
    await axe(page)
  })

  it('says that no passage answers, and which document is nearest', async () => {
    await using view = await house.openPage()
    const { page } = view
    await ask(page, '公司的年假政策里写了病假工资是多少吗？')
    await page.getByText('No passage answers this.').waitFor()
    await page.getByRole('button', { name: '休假制度' }).first().click()
    await page.locator('.source').waitFor()
    await ask(page, 'Quantum chromodynamics?')
    await page.getByText('No passage answers this.').nth(1).waitFor()
  })
})

describe('Ask before the first question', { skip }, () => {
  it('gives a question of the handbook its whole line on a phone', async () => {
    await using house = await openHouse({ documents: [{ ...travel, collection: 'handbook' }] })
    for (const [width, beneath] of [
      [390, true],
      [1280, false],
    ] as const) {
      await using view = await house.openPage({ width })
      const [question, from] = ['What does a semaphore count?', 'from the sample handbook']
      const top = (await view.page.getByText(question).boundingBox()) ?? assert.fail()
      const next = (await view.page.getByText(from).boundingBox()) ?? assert.fail()
      assert.equal(next.y >= top.y + top.height, beneath)
      assert.equal(next.x >= top.x + top.width, !beneath)
      await fits(view.page)
    }
  })
})

describe('Ask when it is hindered', { skip }, () => {
  it('waits for a place, says for how long, and asks by itself or is taken back', async () => {
    let slow = true
    const begun = Promise.withResolvers<void>()
    await using house = await openHouse({
      chat: () => {
        begun.resolve()
        return { text: said, tokenMs: slow ? 10_000 : 0 }
      },
      gateway: { limits: { questionsAtOnce: 1, questionsWaiting: 0 } },
    })
    await using first = await house.openPage()
    await first.page.getByRole('textbox', { name: 'Question' }).fill(question)
    await first.page.keyboard.press('Enter')
    await begun.promise
    slow = false
    await using second = await house.openPage({ width: 390, expected: [/429/, /404/] })
    const { page } = second
    await page.getByRole('textbox', { name: 'Question' }).fill(question)
    await page.keyboard.press('Enter')
    await page.getByText('The one place is taken').waitFor()
    await page.getByText(/^Trying again in \d+ s$/).waitFor()
    await page.getByText(/Your question is kept, and will be asked by itself\.$/).waitFor()
    await fits(page)
    await axe(page)
    await page.getByRole('button', { name: 'Cancel' }).click()
    assert.equal(await page.getByRole('textbox', { name: 'Question' }).inputValue(), question)
    await page.getByRole('textbox', { name: 'Question' }).press('Enter')
    await page.getByText('The one place is taken').waitFor()
    await page.reload()
    assert.equal(await page.getByRole('textbox', { name: 'Question' }).inputValue(), question)
    await page.getByRole('button', { name: 'Ask', exact: true }).click()
    await page.getByText('The one place is taken').waitFor()
    await first.page.keyboard.press('Escape')
    await first.page.getByText('Stopped by you').waitFor()
    await page.getByRole('button', { name: 'Try now' }).click()
    await page.locator('.badge').getByText('2 of 3 sentences supported').waitFor()
  })

  it('keeps the question for who has to sign in first', async () => {
    await using house = await openHouse({ chat: () => said, gateway: { auth: { required: true } } })
    const { secret } = await house.factory.createKey({ name: 'reader' })
    await using view = await house.openPage({ expected: [/401/, /404/] })
    const { page } = view
    await page.getByRole('textbox', { name: 'Question' }).fill(question)
    await page.keyboard.press('Enter')
    await page.getByText('Your question is kept here.').waitFor()
    await axe(page)
    await page.locator('.asked').getByRole('link', { name: 'Sign in' }).click()
    await page.locator('input[type=password]').fill(secret)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: /working/ }).waitFor()
    await page.goBack()
    await page.locator('.badge').getByText('2 of 3 sentences supported').waitFor()
  })

  it('offers what the documents could answer next, and asks it', async () => {
    const more = (words: string): string => `${words} `.repeat(40)
    const office = `# Office guide\n\n## Parking spaces\n\nParking spaces are given out by the reception. ${more('Parking is behind the building.')}\n\n## Visitor badges\n\nVisitor badges are worn by every guest. ${more('Badges are returned in the evening.')}\n\n## Meeting rooms\n\nMeeting rooms are booked for two hours at most. ${more('Rooms are cleaned daily.')}\n`
    await using house = await openHouse({
      documents: [{ name: 'office.md', text: office }],
      options: { answers: { suggestMs: 10_000 } },
    })
    await using view = await house.openPage()
    const { page } = view
    await ask(page, 'Who gives out parking spaces?')
    const next = 'What does “Office guide” say about “Visitor badges”?'
    await page.getByRole('navigation', { name: 'Ask next' }).getByRole('button', { name: next }).click()
    await page.getByRole('heading', { name: next }).waitFor()
    await page.locator('.acts').nth(1).waitFor()
  })
})
