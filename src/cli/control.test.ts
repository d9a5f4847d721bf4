// The control socket: a Factory at the near end that behaves as the one at the far end.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, it } from 'node:test'
import { standInFactory, type StandIn } from '../../test/stand-in-factory.ts'
import { AndonError } from '../core/errors.ts'
import type { Factory } from '../core/factory.ts'
import type { AnswerEvent } from '../core/question.ts'
import { controlAddress } from './control-address.ts'
import { connect, serveControl } from './control.ts'

interface Ends extends AsyncDisposable {
  near: Factory
  far: StandIn
  dataDir: string
}

async function bothEnds(): Promise<Ends> {
  const stack = new AsyncDisposableStack()
  const dataDir = await mkdtemp(join(tmpdir(), 'andon-control-'))
  stack.defer(() => rm(dataDir, { recursive: true }))
  const far = standInFactory()
  stack.use(await serveControl(far, dataDir))
  const near = (await connect(dataDir)) ?? assert.fail('nobody answers')
  stack.use(near)
  return { near, far, dataDir, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = []
  for await (const item of items) list.push(item)
  return list
}

describe('A factory at the far end of the control socket', () => {
  it('does everything that the factory itself does', async () => {
    await using ends = await bothEnds()
    const { near, far } = ends
    const caller = { tenant: 'acme' }
    const { document, outcome, jobId } = await near.add(
      { name: 'lock.md', text: 'A lock lets one in.', collection: 'c' },
      caller,
    )
    assert.equal(outcome, 'added')
    assert.equal(document.tenant, 'acme')
    assert.deepEqual(await near.list({}, caller), await far.list({}, caller))
    assert.deepEqual(await near.list({}), [], 'another tenant sees nothing')
    assert.deepEqual(await near.collections(caller), [{ collection: 'c', documents: 1, passages: 1 }])
    assert.deepEqual(await near.document(document.id, caller), document)
    assert.equal(await near.text(document.id, { start: 2, end: 6 }, caller), 'lock')
    assert.equal(await near.text(document.id, undefined, caller), 'A lock lets one in.')
    assert.equal((await near.search({ text: 'lock' }, caller))[0]?.passage.documentId, document.id)
    assert.deepEqual(await all(near.watch([jobId ?? ''], caller)), await far.jobs({}, caller))
    assert.deepEqual(await all(near.watch(undefined, caller)), await far.jobs({}, caller))
    assert.equal((await near.jobs({ state: 'done' }, caller)).length, 1)
    assert.equal((await near.explain(jobId ?? '', caller)).sentences.length, 1)
    assert.equal((await near.cancel(jobId ?? '', caller)).id, jobId)
    assert.equal((await near.retry(jobId ?? '', caller)).id, jobId)
    assert.equal(await near.remove(document.id, {}, caller), undefined)
    assert.equal((await near.document(document.id, caller)).status, 'removed')
    assert.equal((await near.restore(document.id, caller)).status, 'ready')
    assert.equal((await near.backup('/b', caller)).path, '/b')
    assert.equal((await near.export('/e', caller)).documents, 1)
    assert.deepEqual((await near.import('/i', caller)).jobIds, [])
    assert.equal((await near.health()).ready, true)
    const events = await all(near.ask({ text: 'What is a lock?', sessionId: 's' }, caller))
    assert.deepEqual(events.at(-1), (await all(far.ask({ text: 'What is a lock?', sessionId: 's' }, caller))).at(-1))
  })

  it('gives errors with their code and sentence', async () => {
    await using ends = await bothEnds()
    await assert.rejects(ends.near.document('nobody'), (error: unknown) => {
      assert.ok(error instanceof AndonError)
      assert.equal(error.code, 'not-found')
      assert.match(error.sentence, /no document with the id nobody/)
      return true
    })
  })

  it('cancels the answer at the far end when the near one leaves', async () => {
    await using ends = await bothEnds()
    await ends.near.add({ name: 'lock.md', text: 'A lock lets one in.' })
    ends.far.hold = Promise.withResolvers<void>().promise
    for (const leave of ['break', 'abort'] as const) {
      const stopped = ends.far.nextStop()
      const controller = new AbortController()
      const seen: AnswerEvent['type'][] = []
      try {
        for await (const event of ends.near.ask('lock', { signal: controller.signal })) {
          seen.push(event.type)
          if (event.type !== 'text-delta') continue
          if (leave === 'break') break
          controller.abort(new AndonError('cancelled', 'Interrupted.'))
        }
      } catch (reason) {
        assert.equal(AndonError.from(reason).code, 'cancelled')
      }
      assert.equal(AndonError.from(await stopped).code, 'cancelled')
      assert.ok(seen.includes('text-delta'))
    }
  })

  it('adds what is not plain data: a file by its path, and a stream of bytes', async () => {
    await using ends = await bothEnds()
    const file = join(ends.dataDir, 'file.txt')
    await writeFile(file, 'from a file')
    const byPath = await ends.near.add({ path: file })
    assert.equal(byPath.document.name, file)
    assert.equal(await ends.far.text(byPath.document.id), 'from a file')
    const bytes = Readable.from([Buffer.from('from '), Buffer.from('a stream')])
    const byBytes = await ends.near.add({ name: 'stream.txt', bytes })
    assert.equal(await ends.far.text(byBytes.document.id), 'from a stream')
  })

  it('is told when the server ends', async () => {
    const ends = await bothEnds()
    await ends.near.add({ name: 'lock.md', text: 'A lock lets one in.' })
    ends.far.hold = Promise.withResolvers<void>().promise
    const answer = ends.near.ask('lock')[Symbol.asyncIterator]()
    await answer.next()
    const rest = (async () => {
      while ((await answer.next()).done !== true);
    })()
    const ending = assert.rejects(rest, (error: unknown) => /cancelled|unavailable/.test(AndonError.from(error).code))
    await ends[Symbol.asyncDispose]()
    await ending
  })
})

describe('The control address', () => {
  it(
    'is a socket that only its owner may open',
    { skip: process.platform === 'win32' && 'pipes have no mode' },
    async () => {
      await using ends = await bothEnds()
      const { mode } = await stat(controlAddress(ends.dataDir))
      assert.equal(mode & 0o777, 0o600)
    },
  )

  it('falls back to a short name when the path would be too long for a socket', () => {
    const long = controlAddress(`/tmp/${'x'.repeat(200)}`)
    assert.ok(Buffer.byteLength(long) < 104, long)
    assert.notEqual(long, controlAddress(`/tmp/${'x'.repeat(201)}`))
  })

  it('has nobody behind it when no server runs, or when one was killed', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'andon-control-'))
    assert.equal(await connect(dataDir), undefined)
    assert.equal(await connect(join(dataDir, 'not-there')), undefined)
    const listen = `require('node:net').createServer().listen(process.argv[1], () => console.log('listening'))`
    const server = spawn(process.execPath, ['-e', listen, controlAddress(dataDir)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(server.stdout, 'data')
    server.kill('SIGKILL')
    await once(server, 'exit')
    assert.ok((await stat(controlAddress(dataDir))).isSocket(), 'its socket is left behind')
    assert.equal(await connect(dataDir), undefined)
    await rm(dataDir, { recursive: true })
  })

  it('is refused to a second server', async () => {
    await using ends = await bothEnds()
    await assert.rejects(serveControl(standInFactory(), ends.dataDir), /\[conflict\]/)
  })
})
