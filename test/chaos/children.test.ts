// kill -9 of each child process while documents load: the documents load all the same, once each.

import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { placeChannel } from '../../src/core/channels.ts'
import { createFactory } from '../../src/factory.ts'
import { documentName, documentText, markOf } from './documents.ts'

const documents = 60
const kills = Number(process.env['ANDON_KILLS'] ?? 8)

test(`parsers that are killed ${kills} times cost no document and double none`, { timeout: 300_000 }, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'andon-children-'))
  const alive = new Set<number>()
  const stop = placeChannel.subscribe((event) => {
    if (event.event === 'worker-started' && event.pid !== undefined) alive.add(event.pid)
  })
  let killed = 0
  /** Kills a parser that is alive, in the middle of whatever it does. */
  const kill = () => {
    const [pid] = alive
    if (pid === undefined || killed >= kills) return
    alive.delete(pid)
    process.kill(pid, 'SIGKILL')
    killed++
  }
  try {
    await using factory = await createFactory({ dataDir, handbook: false, loading: { parsers: 2, attempts: 10 } })
    const jobs: string[] = []
    for (let number = 0; number < documents; number++) {
      const { jobId } = await factory.add({ name: documentName(number), text: documentText(number) })
      if (jobId) jobs.push(jobId)
      if (number % 3 === 0) kill()
    }
    for await (const job of factory.watch(jobs)) {
      assert.notEqual(job.state, 'dead', job.error?.message)
      if (job.state === 'done') kill()
    }
    assert.ok(killed > kills / 2, `${killed} parsers were killed`)
    const listed = await factory.list({ limit: 1_000 })
    assert.deepEqual(
      listed.map(({ status }) => status),
      Array.from({ length: documents }, () => 'ready'),
    )
    assert.equal(new Set(listed.map(({ name }) => name)).size, documents)
    for (let number = 0; number < documents; number++) {
      const found = await factory.search({ text: markOf(number), k: 50, by: 'words', rerank: false })
      const own = found.filter(({ passage }) => passage.documentName === documentName(number))
      assert.equal(own.length, listed.find(({ name }) => name === documentName(number))?.passages)
    }
  } finally {
    stop()
    await rm(dataDir, { recursive: true, force: true })
  }
})

test('no child outlives its factory', { skip: process.platform !== 'linux' && 'it looks into /proc' }, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'andon-children-'))
  const pids: number[] = []
  const stop = placeChannel.subscribe((event) => {
    if (event.event === 'worker-started' && event.pid !== undefined) pids.push(event.pid)
  })
  try {
    {
      await using factory = await createFactory({ dataDir, handbook: false })
      const { jobId } = await factory.add({ name: 'a.md', text: documentText(1) })
      for await (const _ of factory.watch([jobId ?? '']));
    }
    assert.ok(pids.length > 0)
    const alive = new Set(await readdir('/proc'))
    for (const pid of pids)
      if (alive.has(String(pid)))
        assert.match(await readFile(`/proc/${pid}/status`, 'utf8').catch(() => 'State:\tX'), /State:\s+[ZX]/)
  } finally {
    stop()
    await rm(dataDir, { recursive: true, force: true })
  }
})
