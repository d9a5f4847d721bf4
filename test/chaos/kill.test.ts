// kill -9 of the whole process, again and again while it loads: afterwards every accepted document is there once,
// none twice, none half.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, describe, test } from 'node:test'
import { seeded } from '../../bench/harness.ts'
import type { Factory } from '../../src/core/factory.ts'
import { createFactory } from '../../src/factory.ts'
import { documentName, documentText, markOf } from './documents.ts'

const documents = 300
/** In CI a part of the thirty lives; `npm run soak` takes them all. */
const kills = Number(process.env['ANDON_KILLS'] ?? 8)

/** One life of the loader: ends it with SIGKILL after so many lines, or lets it finish. */
async function live(dataDir: string, lines: number, accepted: Map<string, string>): Promise<boolean> {
  const loader = new URL('./loader.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [loader, dataDir, String(documents)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  let complete = false
  let seen = 0
  for await (const line of createInterface({ input: child.stdout })) {
    const [word, number, id] = line.split(' ')
    if (word === 'accepted' && number !== undefined && id !== undefined) {
      const before = accepted.get(number)
      assert.ok(before === undefined || before === id, `document ${number} was ${before} and is now ${id}`)
      accepted.set(number, id)
    }
    complete ||= word === 'complete'
    if (++seen === lines) child.kill('SIGKILL')
  }
  await ended
  return complete
}

describe('a process that is killed while it loads', () => {
  let dataDir = ''
  before(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'andon-kill-'))
  })
  after(() => rm(dataDir, { recursive: true, force: true }))

  test(`loses nothing and doubles nothing in ${kills} deaths`, { timeout: 600_000 }, async () => {
    const random = seeded(Number(process.env['ANDON_SEED'] ?? 30))
    const accepted = new Map<string, string>()
    for (let death = 0; death < kills; death++) {
      const complete = await live(dataDir, 1 + Math.floor((random() * 2 * documents * 2) / kills), accepted)
      if (!complete) await whole(dataDir, accepted, false)
    }
    assert.ok(await live(dataDir, Infinity, accepted), 'the last life finishes')
    assert.equal(accepted.size, documents)
    await whole(dataDir, accepted, true)
  })
})

/** Opens what the dead left behind, lets it finish, and looks at every document that was ever accepted. */
async function whole(dataDir: string, accepted: ReadonlyMap<string, string>, every: boolean): Promise<void> {
  await using factory = await createFactory({ dataDir, handbook: false })
  const unfinished = (await factory.jobs({ limit: 10_000 })).filter(
    ({ state }) => state === 'waiting' || state === 'running',
  )
  if (every) for await (const job of factory.watch(unfinished.map(({ id }) => id))) assert.notEqual(job.state, 'dead')
  const listed = await all(factory)
  assert.equal(new Set(listed.map(({ name }) => name)).size, listed.length, 'no name is listed twice')
  for (const [number, id] of accepted) {
    const document = listed.find(({ name }) => name === documentName(Number(number)))
    assert.equal(document?.id, id, `document ${number} is there under the id it was accepted with`)
    if (document?.status === 'ready') await isWhole(factory, Number(number), id, document.passages)
    else assert.ok(!every, `document ${number} is ${document?.status}: ${document?.reason}`)
  }
}

async function all(factory: Factory) {
  const listed = []
  for (;;) {
    const after = listed.at(-1)?.id
    const page = await factory.list({ limit: 100, ...(after === undefined ? {} : { after }) })
    listed.push(...page)
    if (page.length < 100) return listed
  }
}

async function isWhole(factory: Factory, number: number, id: string, passages: number): Promise<void> {
  const text = await factory.text(id)
  for (const sentence of documentText(number).match(/The seal of hall \d reads \w+\./g) ?? [])
    assert.ok(text.includes(sentence), `document ${number} holds «${sentence}»`)
  const found = await factory.search({ text: markOf(number), k: 50, by: 'words', rerank: false })
  const own = found.filter(({ passage }) => passage.documentId === id)
  assert.equal(own.length, passages, `all ${passages} passages of document ${number} are found`)
  assert.equal(new Set(own.map(({ passage }) => passage.ordinal)).size, passages, 'and each of them once')
}
