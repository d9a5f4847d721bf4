// A browser in front of the real thing: the built page, the real server, a factory with documents, and a model that
// says what a test tells it. Every error in the browser's console fails the test.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { accessSync, constants, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import { after } from 'node:test'
import { chromium, type Browser, type Page } from 'playwright-core'
import type { DocumentSource, Factory } from '../../src/core/factory.ts'
import { openGateway, type Gateway, type GatewayOptions } from '../../src/gateway/server.ts'
import type { OptionsInput } from '../../src/options.ts'
import { leave, openLibrary, travel } from '../journeys/library.ts'
import { ModelServer, type ChatBody, type ChatScript } from '../servers/model-server.ts'

const program = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
  .flatMap((name) => (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name)))
  .find(isProgram)

/** Why tests in a browser cannot run here; false when they can. */
export const skip =
  program === undefined &&
  'no Chromium on the PATH: install chromium (apt-get install chromium), or Google Chrome, and run them again'

export interface HouseOptions {
  /** The model's answers; without it no model is configured. */
  chat?: (body: ChatBody, count: number) => ChatScript | string
  /** Default: a travel policy in English and a leave policy in Chinese. */
  documents?: DocumentSource[]
  /** Whether the handbook is in the library too. Default false: it takes seconds to read. */
  handbook?: boolean
  options?: OptionsInput
  gateway?: GatewayOptions
}

export interface PageOptions {
  /** Default `/`. */
  path?: string
  /** Default `en`. */
  language?: 'en' | 'zh'
  /** Default `light`. */
  theme?: 'light' | 'dark'
  /** In CSS pixels. Default 1280; below 641 it is a phone with a finger. */
  width?: number
  /** Default 900, of a phone 844. */
  height?: number
  /** Errors in the console that belong to the test. */
  expected?: RegExp[]
}

/** A page in the browser. Its end throws when something went wrong in its console. */
export interface View extends AsyncDisposable {
  readonly page: Page
}

export interface House extends AsyncDisposable {
  readonly factory: Factory
  readonly gateway: Gateway
  /** Present when there is a `chat`. */
  readonly model: ModelServer | undefined
  openPage(options?: PageOptions): Promise<View>
}

let browser: Promise<Browser> | undefined
after(async () => (await browser)?.close())

/** One browser for all houses of a file, with the page as it is now. */
function openBrowser(): Promise<Browser> {
  assert.ok(program, String(skip))
  execFileSync(process.execPath, [join(import.meta.dirname, '../../web/fresh.ts')], { stdio: ['ignore', 2, 2] })
  return chromium.launch({ executablePath: program, args: ['--no-sandbox'] })
}

/** Opens everything; one for the tests of a file is enough. */
export async function openHouse(options: HouseOptions = {}): Promise<House> {
  const opened = await (browser ??= openBrowser())
  await using stack = new AsyncDisposableStack()
  const model = options.chat === undefined ? undefined : stack.use(await ModelServer.start({ chat: options.chat }))
  const factory = stack.use(
    await openLibrary(options.documents ?? [travel, leave], {
      handbook: options.handbook ?? false,
      // A test hears the model that it scripted, however often the others asked the same.
      cache: { answers: false },
      ...(model === undefined ? {} : { models: { baseUrl: model.baseUrl, model: 'scripted' } }),
      ...options.options,
    }),
  )
  if (options.handbook) await loaded(factory)
  const gateway = stack.use(await openGateway(factory, { port: 0, lingerMs: 0, drainMs: 1000, ...options.gateway }))
  const all = stack.move()
  return {
    factory,
    gateway,
    model,
    async openPage({ path = '/', language = 'en', theme = 'light', width = 1280, height, expected = [] } = {}) {
      const isPhone = width <= 640
      const context = await opened.newContext({
        baseURL: gateway.url,
        locale: language === 'zh' ? 'zh-CN' : 'en-GB',
        colorScheme: theme,
        viewport: { width, height: height ?? (isPhone ? 844 : 900) },
        hasTouch: isPhone,
        reducedMotion: 'reduce',
      })
      const page = await context.newPage()
      page.setDefaultTimeout(30_000)
      const errors: string[] = []
      const note = (text: string): void => {
        if (!expected.some((each) => each.test(text))) errors.push(text)
      }
      page.on('console', (message) => {
        // A server whose machine is busy says that it is late, which a browser calls an error.
        const isLate = message.location().url.endsWith('/health/ready') && message.text().includes('503')
        if (message.type() === 'error' && !isLate) note(message.text())
      })
      page.on('pageerror', (error) => note(String(error)))
      await page.goto(path)
      await page.locator('main').waitFor()
      return {
        page,
        async [Symbol.asyncDispose]() {
          await context.close()
          assert.deepEqual(errors, [], 'errors in the console of the browser')
        },
      }
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}

export interface Look extends Required<Pick<PageOptions, 'language' | 'theme' | 'width'>> {
  /** For the name of a test. */
  readonly name: string
}

/**
 * How a page may be looked at: every language, theme and width, each with each of the others in some look. All of their
 * products are twice as many and find nothing more; `ANDON_ALL_LOOKS=1` tries them.
 */
export function looks(...widths: number[]): Look[] {
  const all = process.env['ANDON_ALL_LOOKS'] === '1'
  return widths.flatMap((width, column) =>
    (['light', 'dark'] as const).flatMap((theme, row) =>
      (['en', 'zh'] as const)
        .filter((_, language) => all || (row + column) % 2 === language)
        .map((language) => ({ language, theme, width, name: `${language}, ${theme}, ${width} px` })),
    ),
  )
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Violation {
  id: string
  impact: string
  help: string
  nodes: { html: string; failureSummary: string }[]
}

/** Fails when a page keeps someone out: anything that axe calls serious or critical. */
export async function axe(page: Page): Promise<void> {
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(axeSource)
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
  const violations: Violation[] = await page.evaluate(
    `axe.run(document, { runOnly: ${JSON.stringify(tags)}, resultTypes: ['violations'] }).then(({ violations }) => violations)`,
  )
  const bad = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  const told = bad.map(
    ({ id, help, nodes }) =>
      `${id}: ${help}\n${nodes.map(({ html, failureSummary }) => `  ${html}\n  ${failureSummary}`).join('\n')}`,
  )
  assert.equal(bad.length, 0, told.join('\n'))
}

/** Fails when the page is wider than the window: someone would have to scroll sideways to read. */
export async function fits(page: Page): Promise<void> {
  const [wide, room]: [number, number] = await page.evaluate(
    '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
  )
  assert.ok(wide <= room, `the page is ${wide} px wide in a window of ${room}`)
}

/** Resolves when no document waits to be read. */
async function loaded(factory: Factory): Promise<void> {
  const open = (await factory.jobs({ limit: 1000 })).filter(({ state }) => state === 'waiting' || state === 'running')
  if (open.length > 0) for await (const _ of factory.watch(open.map(({ id }) => id)));
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
