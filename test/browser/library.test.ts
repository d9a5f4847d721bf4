import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import { bytes } from '../../src/cli/output.ts'
import { addWhole, leave, travel } from '../journeys/library.ts'
import { axe, fits, looks, openHouse, skip, type House } from './browser.ts'

/** The rows of the table that are about a document. */
const row = (page: Page, name: string) =>
  page.locator('.lib-files tbody', { has: page.getByRole('link', { name, exact: true }) })

const brokenPdf = { name: 'broken.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4 nothing') }

const sections = Array.from({ length: 2500 }, (_, at) => `## Part ${at}\n\nWidget ${at} is kept in hall ${at % 7}.`)
const manual = { name: 'manual.md', text: `# Manual\n\n${sections.join('\n\n')}`, collection: 'halls' }

describe('Library', { skip }, () => {
  let house: House
  let folder: string
  before(async () => {
    house = await openHouse({ documents: [travel, leave, { name: 'copy.md', text: travel.text ?? '' }] })
    await addWhole(house.factory, manual)
    folder = await mkdtemp(join(tmpdir(), 'andon-page-'))
    await mkdir(join(folder, 'papers/old'), { recursive: true })
    await writeFile(join(folder, 'papers/one.md'), '# One\n\nThe first paper is about lanterns.')
    await writeFile(join(folder, 'papers/old/two.md'), '# Two\n\nThe second paper is about bells.')
    await writeFile(join(folder, 'papers/.hidden'), 'Nobody wants this.')
  })
  after(async () => {
    await house[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  for (const { name, language, theme, width } of looks(1440, 390))
    it(`shows documents and one of them in ${name}`, async () => {
      await using view = await house.openPage({ path: '/library', language, theme, width })
      const { page } = view
      await row(page, 'travel.md')
        .getByText(language === 'zh' ? '就绪' : 'Ready')
        .waitFor()
      await fits(page)
      await axe(page)
      await page.getByRole('link', { name: 'travel.md', exact: true }).first().click()
      await page.getByRole('heading', { name: 'Travel policy' }).waitFor()
      assert.match(new URL(page.url()).pathname, /^\/library\/doc_/)
      await fits(page)
      await axe(page)
      await page.keyboard.press('Escape')
      await page.locator('.lib-prev').waitFor({ state: 'detached' })
    })

  it('says how large a document is as the command line does', async () => {
    await using view = await house.openPage({ path: '/library' })
    await row(view.page, 'manual.md')
      .getByText(bytes(Buffer.byteLength(manual.text)), { exact: true })
      .waitFor()
    // A limit is told in the words of Settings.
    await view.page.getByText(/Up to 256\sMiB each/).waitFor()
  })

  it('takes a file in and tells when it is ready', async () => {
    await using view = await house.openPage({ path: '/library' })
    const { page } = view
    const chooser = page.waitForEvent('filechooser')
    await page.getByRole('button', { name: 'Choose files' }).click()
    await (
      await chooser
    ).setFiles({ name: 'lamps.md', mimeType: 'text/markdown', buffer: Buffer.from('# Lamps\n\nA lamp shows a state.') })
    await row(page, 'lamps.md').getByText('Ready').waitFor()
    await row(page, 'lamps.md').getByText('1 passage', { exact: true }).waitFor()
    assert.equal(await page.locator('.lib-queue').count(), 0)
  })

  it('takes a folder in with the paths of its files', async () => {
    await using view = await house.openPage({ path: '/library?folder=letters' })
    const { page } = view
    await page.getByText('It goes into letters.').waitFor()
    const chooser = page.waitForEvent('filechooser')
    await page.getByRole('button', { name: 'Choose folder' }).click()
    await (await chooser).setFiles(join(folder, 'papers'))
    await row(page, 'papers/one.md').getByText('Ready').waitFor()
    await row(page, 'papers/old/two.md').getByText('Ready').waitFor()
    const all = await house.factory.list({ collection: 'letters' })
    assert.deepEqual(all.map(({ name }) => name).sort(), ['papers/old/two.md', 'papers/one.md'])
    await page
      .locator('.lib-tree')
      .getByRole('link', { name: /letters 2/ })
      .waitFor()
  })

  it('takes what is dropped', async () => {
    await using view = await house.openPage({ path: '/library' })
    const { page } = view
    await page.getByText('Drop files, folders or a link here').waitFor()
    await drop(page, "data.items.add(new File(['# Dropped\\n\\nFrom above.'], 'dropped.md'))")
    await row(page, 'dropped.md').getByText('Ready').waitFor()
  })

  it('says why a link is not fetched', async () => {
    await using view = await house.openPage({ path: '/library', expected: [/40\d/] })
    const { page } = view
    await page.getByText('Drop files, folders or a link here').waitFor()
    await drop(page, "data.setData('text/uri-list', 'https://example.com/a.html')")
    assert.equal(await page.getByLabel('Address').inputValue(), 'https://example.com/a.html')
    await page.getByRole('button', { name: 'Fetch it' }).click()
    await page.getByRole('alert').getByText('links.hosts').waitFor()
  })

  it('keeps what was refused on the list, with the reason', async () => {
    await using view = await house.openPage({ path: '/library', expected: [/4\d\d/] })
    const { page } = view
    await page
      .locator('input[type=file]')
      .first()
      .setInputFiles({ name: 'empty.md', mimeType: 'text/markdown', buffer: Buffer.alloc(0) })
    await page.getByRole('alert').getByText('empty.md is empty').waitFor()
    await axe(page)
    await page.getByRole('button', { name: 'Take it off the list: empty.md' }).click()
    await page.locator('.lib-queue').waitFor({ state: 'detached' })
  })

  it('sends again by itself when all places were taken', async () => {
    await using view = await house.openPage({ path: '/library', expected: [/429/] })
    const { page } = view
    let full = true
    await page.route('**/v1/documents', async (route) => {
      if (route.request().method() !== 'POST' || !full) return await route.continue()
      return await route.fulfill({
        status: 429,
        headers: { 'retry-after': '1' },
        json: { code: 'overloaded', detail: 'Full.' },
      })
    })
    await page
      .locator('input[type=file]')
      .first()
      .setInputFiles({ name: 'patient.md', mimeType: 'text/markdown', buffer: Buffer.from('It waits.') })
    await page.getByText(/All places are taken. Again in \d s/).waitFor()
    full = false
    await row(page, 'patient.md').getByText('Ready').waitFor()
  })

  it('gives the reason and the remedy of what failed', async () => {
    await using view = await house.openPage({ path: '/library' })
    const { page } = view
    await page.locator('input[type=file]').first().setInputFiles(brokenPdf)
    const failed = row(page, 'broken.pdf')
    await failed.getByText('Needs you').waitFor()
    await failed.getByText('fetch it again').waitFor()
    await failed.getByRole('button', { name: 'Why, and what to do' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Retry it after you changed something').waitFor()
    await axe(page)
    await dialog.getByRole('button', { name: 'Read it again' }).click()
    await page.getByText('broken.pdf is read again.').first().waitFor()
    const [{ id } = { id: '' }] = await house.factory.list({ name: 'broken.pdf' })
    const jobs = await house.factory.jobs({ documentId: id })
    for await (const _ of house.factory.watch(jobs.map((job) => job.id)));
    await failed.getByText('Needs you').waitFor()
    await page
      .locator('.lib-tree')
      .getByRole('link', { name: /Needs you 1/ })
      .click()
    await row(page, 'broken.pdf').waitFor()
    await row(page, 'travel.md').first().waitFor({ state: 'detached' })
  })

  it('shows what was set aside', async () => {
    await using view = await house.openPage({ path: '/library' })
    const { page } = view
    const reason = 'Reading it took longer than a parser may take, 3 times; it was set aside.'
    await page.route('**/v1/documents?*', async (route) => {
      const response = await route.fetch()
      const body: { documents: { name: string; status: string; reason?: string }[] } = await response.json()
      for (const each of body.documents)
        if (each.name === 'leave.md') Object.assign(each, { status: 'quarantined', reason })
      await route.fulfill({ response, json: body })
    })
    await page.reload()
    await row(page, 'leave.md').getByText('Quarantined').waitFor()
    await row(page, 'leave.md').getByText(reason).waitFor()
    await row(page, 'leave.md').getByRole('button', { name: 'Read it again' }).waitFor()
    await axe(page)
  })

  it('says which documents have the same text', async () => {
    await using view = await house.openPage({ path: '/library' })
    const { page } = view
    await row(page, 'copy.md').getByText('Duplicate').waitFor()
    await row(page, 'copy.md').getByRole('link', { name: 'travel.md' }).click()
    await page.locator('.lib-prev').getByRole('heading', { name: 'travel.md' }).waitFor()
  })

  it('searches inside documents and opens the passage', async () => {
    await using view = await house.openPage({ path: '/library' })
    const { page } = view
    await page.locator('h1').waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('widget 777')
    const hit = page.locator('.lib-hits li').first()
    await hit.locator('mark', { hasText: '777' }).first().waitFor()
    await axe(page)
    await hit.getByRole('link').click()
    const mark = page.locator('.dv mark.passage', { hasText: 'Widget 777' })
    await mark.waitFor()
    const focused = "document.activeElement === document.querySelector('.dv mark.passage')"
    assert.equal(await page.evaluate(focused), true)
    assert.equal(await page.evaluate(seen('.dv mark.passage')), true)
    await page.locator('.dv-line').first().waitFor()
    await page.reload()
    await mark.waitFor()
  })

  it('searches inside one document, far from where it is open', async () => {
    await using view = await house.openPage({ path: '/library?folder=halls' })
    const { page } = view
    await page.getByRole('link', { name: 'manual.md' }).click()
    const field = page.getByRole('searchbox', { name: 'Search in this document' })
    await field.fill('widget 80')
    await page.getByText('1 of 11').waitFor()
    await field.press('Enter')
    await page.getByText('2 of 11').waitFor()
    const current = page.locator('.dv mark.current')
    await page.locator('.dv-block', { hasText: 'Widget 800' }).waitFor()
    assert.equal(await current.innerText(), 'Widget 80')
    assert.equal(await page.evaluate(seen('.dv mark.current')), true)
    await page.getByRole('button', { name: 'Previous match' }).click()
    await page.getByText('1 of 11').waitFor()
    await page.locator('.dv-block', { hasText: 'Widget 80 is' }).waitFor()
  })

  it('shows more of a long document as it is scrolled, and not all of it', async () => {
    await using view = await house.openPage({ path: '/library?folder=halls' })
    const { page } = view
    await page.getByRole('link', { name: 'manual.md' }).click()
    await page.getByText('Widget 0 is').waitFor()
    while ((await page.getByText('Widget 2499 is').count()) === 0) {
      const before = await page.locator('.dv-block').last().getAttribute('data-at')
      await page.evaluate("document.querySelector('.paper').scrollBy(0, 1e6)")
      await page.locator(`.dv-block:last-child:not([data-at="${before}"])`).waitFor({ state: 'attached' })
    }
    assert.equal(await page.getByText('Widget 0 is').count(), 0)
    // And back: what was let go of is read again, and the numbers of the lines are right.
    while ((await page.getByText('Widget 0 is').count()) === 0) {
      const before = await page.locator('.dv-block').first().getAttribute('data-at')
      await page.evaluate("document.querySelector('.paper').scrollTo(0, 0)")
      await page.locator(`.dv-block:first-child:not([data-at="${before}"])`).waitFor({ state: 'attached' })
    }
    assert.equal(await page.locator('.dv-block', { hasText: 'Widget 1 is' }).locator('.dv-line').innerText(), '9')
  })

  it('deletes, and undoes it by key', async () => {
    await addWhole(house.factory, { name: 'draft.md', text: 'A draft about something.' })
    await using view = await house.openPage({ path: '/library' })
    const { page } = view
    const link = page.getByRole('link', { name: 'draft.md' })
    await link.focus()
    await page.keyboard.press('Delete')
    await link.waitFor({ state: 'detached' })
    await page.getByText('Deleted draft.md and its 1 passage.').first().waitFor()
    await page.keyboard.press('z')
    await link.waitFor()
  })

  it('keeps what was deleted in the trash until it is restored or deleted for good', async () => {
    const id = await addWhole(house.factory, { name: 'old.md', text: 'An old note.' })
    await house.factory.remove(id)
    await using view = await house.openPage({ path: '/library?view=removed' })
    const { page } = view
    await row(page, 'old.md').getByRole('button', { name: 'Restore' }).click()
    await row(page, 'old.md').waitFor({ state: 'detached' })
    assert.equal((await house.factory.document(id)).status, 'ready')
    await house.factory.remove(id)
    await page.reload()
    await row(page, 'old.md').getByRole('button', { name: 'Delete for good' }).click()
    await axe(page)
    await page.getByRole('dialog').getByRole('button', { name: 'Delete for good' }).click()
    await row(page, 'old.md').waitFor({ state: 'detached' })
    await assert.rejects(house.factory.document(id), { code: 'not-found' })
  })

  it('changes title and facts', async () => {
    const id = await addWhole(house.factory, { name: 'facts.md', text: 'Facts.', metadata: { year: 1971, old: 'yes' } })
    await using view = await house.openPage({ path: `/library/${id}` })
    const { page } = view
    await page.getByRole('button', { name: 'Edit' }).click()
    await page.getByLabel('Title').fill('All the facts')
    await page.getByRole('button', { name: 'Leave out old' }).click()
    await page.getByRole('button', { name: 'Add a fact' }).click()
    await page.getByLabel('Name of the fact').last().fill('author')
    await page.getByLabel('Value').last().fill('Coffman')
    await axe(page)
    await page.getByRole('button', { name: 'Save' }).click()
    await page.locator('.lib-prev').getByText('All the facts').waitFor()
    const { title, metadata } = await house.factory.document(id)
    assert.deepEqual({ title, metadata }, { title: 'All the facts', metadata: { year: 1971, author: 'Coffman' } })
  })

  it('is walked with arrows', async () => {
    await using view = await house.openPage({ path: '/library' })
    const { page } = view
    await page.getByRole('link', { name: 'travel.md', exact: true }).first().focus()
    await page.keyboard.press('ArrowDown')
    assert.equal(await page.evaluate('document.activeElement.textContent'), 'leave.md')
    await page.keyboard.press('Enter')
    await page.locator('.lib-prev').getByRole('heading', { name: 'leave.md' }).waitFor()
  })
})

/** Drops something made by this script on the page. */
async function drop(page: Page, script: string): Promise<void> {
  await page.evaluate(`{
    const data = new DataTransfer()
    ${script}
    const fire = (type) => document.querySelector('.lib-drop').dispatchEvent(
      new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: data }))
    fire('dragenter'); fire('dragover'); fire('drop')
  }`)
}

/** Asks the browser whether an element stands within the scroller around it. */
function seen(selector: string): string {
  return `{
    const each = document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect()
    const paper = document.querySelector('.paper').getBoundingClientRect()
    each.top >= paper.top && each.top <= paper.bottom
  }`
}
