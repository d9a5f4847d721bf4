// Documents come in over HTTP, on real sockets: forms, texts, what is wrong with them, and callers who leave.

import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { openDoor, type Door } from '../../test/door.ts'
import { createFactory } from '../factory.ts'
import { gatewayChannel } from './channel.ts'
import { openGateway } from './server.ts'
import type { DocumentInfo } from '../core/document.ts'

interface Reply {
  added: { document: DocumentInfo; outcome: string; jobId?: string }[]
  failed?: { name: string; problem: string }[]
}

interface Told {
  status: number
  code: string
  detail: string
  problems?: string[]
}

type Part = [name: string, value: string | File]
const file = (text: string, name: string): File => new File([text], name)

/** Sends a form; the parts in this order. */
async function send(url: string, parts: Part[]): Promise<Response> {
  const form = new FormData()
  for (const [name, value] of parts) {
    if (typeof value === 'string') form.append(name, value)
    else form.append(name, value)
  }
  return fetch(`${url}/v1/documents`, { method: 'POST', body: form })
}

async function taken(door: Door, parts: Part[]): Promise<Reply> {
  const response = await send(door.gateway.url, parts)
  assert.equal(response.status, 202, await response.clone().text())
  return (await response.json()) as Reply
}

async function refused(door: Door, parts: Part[]): Promise<Told> {
  const response = await send(door.gateway.url, parts)
  const told = (await response.json()) as Told
  assert.equal(response.status, told.status, JSON.stringify(told))
  return told
}

describe('POST /v1/documents with a form', () => {
  it('takes several files, and their folders are part of their names', async () => {
    await using door = await openDoor()
    const { added, failed } = await taken(door, [
      ['file', file('One', 'docs/sub folder/one.md')],
      ['file', file('Zwei', 'überblick 概要.md')],
    ])
    assert.deepEqual(
      added.map(({ document }) => document.name),
      ['docs/sub folder/one.md', 'überblick 概要.md'],
    )
    assert.equal(failed, undefined)
    assert.ok(added[0]?.jobId)
  })

  it('applies collection and metadata to all files behind them, title and name to the next', async () => {
    await using door = await openDoor()
    const { added } = await taken(door, [
      ['collection', 'laws'],
      ['metadata', '{"year": 2026}'],
      ['title', 'The first'],
      ['name', 'first.md'],
      ['file', file('One', 'a.md')],
      ['file', file('Two', 'b.md')],
      ['collection', 'songs'],
      ['path', 'x/third.md'],
      ['file', file('Three', 'c.md')],
    ])
    assert.deepEqual(
      added.map(({ document: { name, title, collection, metadata } }) => ({ name, title, collection, metadata })),
      [
        { name: 'first.md', title: 'The first', collection: 'laws', metadata: { year: 2026 } },
        { name: 'b.md', title: 'b.md', collection: 'laws', metadata: { year: 2026 } },
        { name: 'x/third.md', title: 'x/third.md', collection: 'songs', metadata: { year: 2026 } },
      ],
    )
  })

  it('says which field is wrong, and what is known', async () => {
    await using door = await openDoor()
    const one: Part = ['file', file('One', 'a.md')]
    assert.match((await refused(door, [['metadata', '{"a":'], one])).detail, /metadata is not valid JSON/)
    assert.match((await refused(door, [['metadata', '[1]'], one])).detail, /must be a JSON object/)
    assert.match((await refused(door, [['tenant', 'b'], one])).detail, /"tenant": no such field here/)
    assert.equal((await refused(door, [['title', 'x'.repeat(70_000)], one])).code, 'too-large')
    assert.match((await refused(door, [])).detail, /no file in the form/)
    assert.match((await refused(door, [['collection', 'c']])).detail, /came behind the last file/)
    assert.match((await refused(door, [['file', new File([], '')]])).detail, /no file in the form/)
  })

  it('tells a field that came too late', async () => {
    await using door = await openDoor()
    const { added, failed } = await taken(door, [
      ['file', file('One', 'a.md')],
      ['collection', 'late'],
    ])
    assert.equal(added.length, 1)
    assert.match(failed?.[0]?.problem ?? '', /"collection" came behind the last file/)
  })

  it('takes 100 files and says that there were more', async () => {
    await using door = await openDoor()
    const files = Array.from({ length: 103 }, (_, index): Part => ['file', file(`Text ${index}`, `${index}.md`)])
    const { added, failed } = await taken(door, files)
    assert.equal(added.length, 100)
    assert.match(failed?.[0]?.problem ?? '', /more than 100 files/)
  })

  it('is refused when it is no whole form', async () => {
    await using door = await openDoor()
    const post = async (type: string, body: string): Promise<Told> => {
      const headers = { 'content-type': type }
      return (await (await door.post('/v1/documents', body, { headers })).json()) as Told
    }
    const part = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.md"\r\n\r\nHalf a'
    assert.equal((await post('multipart/form-data', 'x')).status, 400)
    assert.equal((await post('multipart/form-data; boundary=b', part)).status, 400)
    assert.equal((await post('multipart/form-data; boundary=b', 'nothing of the kind')).status, 400)
    assert.equal((await post('multipart/form-data; boundary=b', '')).status, 400)
    const form = await post('application/x-www-form-urlencoded', 'a=b')
    assert.deepEqual([form.status, form.detail.includes('multipart/form-data')], [415, true])
    assert.equal((await door.factory.list({ name: 'a.md' })).length, 0)
  })
})

describe('POST /v1/documents with JSON', () => {
  it('takes a text', async () => {
    await using door = await openDoor()
    const response = await door.post('/v1/documents', {
      name: 'a.md',
      text: 'A',
      collection: 'c',
      metadata: { a: [1] },
    })
    assert.equal(response.status, 202)
    const [one] = ((await response.json()) as Reply).added
    assert.deepEqual([one?.document.name, one?.document.collection, one?.document.metadata], ['a.md', 'c', { a: [1] }])
  })

  it('says what is wrong with it', async () => {
    await using door = await openDoor()
    const wrong = await door.post('/v1/documents', { name: 'a.md', text: 1, path: '/etc/passwd', metadata: [] })
    assert.equal(wrong.status, 400)
    const { problems } = (await wrong.json()) as Told
    assert.equal(problems?.length, 3)
    const empty = await fetch(`${door.gateway.url}/v1/documents`, { method: 'POST' })
    assert.equal(empty.status, 415)
  })
})

/** The door of a real factory on a fresh folder. */
async function openHouse(maxBytes: number) {
  await using stack = new AsyncDisposableStack()
  const dataDir = await mkdtemp(join(tmpdir(), 'andon-uploads-'))
  stack.defer(() => rm(dataDir, { recursive: true, force: true }))
  const loading = { maxBytes }
  const factory = stack.use(await createFactory({ dataDir, handbook: false, loading, readers: 1 }))
  const gateway = stack.use(await openGateway(factory, { port: 0, lingerMs: 0, loading }))
  const owned = stack.move()
  return { dataDir, factory, gateway, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

describe('An upload to a real factory', () => {
  it('is done once under one Idempotency-Key, whose second form may not be another', async () => {
    await using house = await openHouse(1_000_000)
    const upload = async (text: string): Promise<Response> => {
      const form = new FormData()
      form.append('file', file(text, 'a.txt'))
      const headers = { 'idempotency-key': 'upload-1' }
      return fetch(`${house.gateway.url}/v1/documents`, { method: 'POST', body: form, headers })
    }
    const first = await upload('one')
    const again = await upload('one')
    assert.deepEqual([first.status, again.status], [202, 202])
    assert.equal(again.headers.get('idempotency-replayed'), 'true')
    assert.equal(await again.text(), await first.text())
    for (const another of ['a longer one', 'two']) {
      const refused = await upload(another)
      assert.equal(refused.status, 422, another)
      assert.equal(refused.headers.get('idempotency-replayed'), null)
      assert.match(await refused.text(), /came with another write before/)
    }
    assert.equal((await house.factory.list()).length, 1)
  })

  it('that broke off is not done once: the same key takes the rest of it', async () => {
    await using house = await openHouse(1_000_000)
    const { port } = new URL(house.gateway.url)
    const part = (name: string, text: string): string =>
      `--b\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\n${text}\r\n`
    const form = `${part('a.txt', 'one')}${part('b.txt', 'two')}--b--\r\n`
    const head = `POST /v1/documents HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nIdempotency-Key: k\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: ${form.length}\r\n\r\n`
    const ended = Promise.withResolvers<void>()
    using _told = {
      [Symbol.dispose]: gatewayChannel.subscribe(
        (each) => each.event === 'request-ended' && each.left && ended.resolve(),
      ),
    }
    const broken = connect(Number(port), '127.0.0.1')
    broken.write(head + form.slice(0, form.indexOf('two')))
    while ((await house.factory.list()).length === 0) await turn()
    broken.destroy()
    await ended.promise
    const send = (): Promise<Response> =>
      fetch(`${house.gateway.url}/v1/documents`, {
        method: 'POST',
        body: form,
        headers: { 'content-type': 'multipart/form-data; boundary=b', 'idempotency-key': 'k' },
      })
    let again = await send()
    // The one that broke off may just be about to free the key.
    for (; again.status === 409; again = await send()) await again.text()
    assert.equal(again.status, 202)
    assert.equal(again.headers.get('idempotency-replayed'), null)
    assert.equal((await house.factory.list()).length, 2)
  })

  it('keeps every byte, and one bad file does not lose the others', async () => {
    await using house = await openHouse(1_000_000)
    const bytes = randomBytes(900_000).toString('base64').slice(0, 900_000)
    const response = await send(house.gateway.url, [
      ['file', file('', 'empty.md')],
      ['file', file(bytes, 'large.txt')],
      ['file', file('x'.repeat(3_000_000), 'too-large.txt')],
      ['file', file('x', '../../etc/passwd')],
      ['file', new File([Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0])], 'program')],
      ['file', file('The last one is read too.', 'last.md')],
    ])
    assert.equal(response.status, 202)
    const { added, failed } = (await response.json()) as Reply
    assert.deepEqual(
      added.map(({ document }) => document.name),
      ['large.txt', 'last.md'],
    )
    assert.equal(added[0]?.document.hash, createHash('sha256').update(bytes).digest('hex'))
    assert.deepEqual(
      failed?.map(({ name }) => name),
      ['empty.md', 'too-large.txt', '../../etc/passwd', 'program'],
    )
    assert.match(failed?.[1]?.problem ?? '', /too-large.txt has more than 1000000 bytes/)
  })

  it('answers with the status of the first problem when none was taken', async () => {
    await using house = await openHouse(100)
    const response = await send(house.gateway.url, [
      ['file', file('x'.repeat(200_000), 'a.md')],
      ['file', file('', 'b.md')],
    ])
    assert.equal(response.status, 413)
    const { problems } = (await response.json()) as Told
    assert.equal(problems?.length, 2)
  })

  it('whose caller leaves in the middle leaves nothing behind', async () => {
    await using house = await openHouse(100_000_000)
    const socket = connect(house.gateway.port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write(
      'POST /v1/documents HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 50000000\r\n\r\n' +
        '--b\r\nContent-Disposition: form-data; name="file"; filename="half.txt"\r\n\r\n',
    )
    socket.write(Buffer.alloc(2_000_000, 'half a document '))
    const incoming = join(house.dataDir, 'blobs', 'incoming')
    while ((await readdir(incoming)).length === 0) await new Promise(setImmediate)
    const ended = Promise.withResolvers<void>()
    const stop = gatewayChannel.subscribe((event) => {
      if (event.event === 'request-ended') ended.resolve()
    })
    socket.destroy()
    await once(socket, 'close')
    await ended.promise
    stop()
    while ((await readdir(incoming)).length > 0) await new Promise(setImmediate)
    assert.deepEqual(await house.factory.list(), [])
    assert.deepEqual(await readdir(join(house.dataDir, 'blobs')), ['incoming'])
  })
})
