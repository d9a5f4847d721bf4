// Documents over HTTP, with a real factory behind the door: lists, changes, texts, the page of a place, and files.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { z } from 'zod'
import { openHouseDoor, problemFrom, replyOf } from '../../test/house-door.ts'
import type { Factory } from '../core/factory.ts'
import { collection, documentInfo, documentText } from './replies.ts'
import { openGateway } from './server.ts'

const list = z.strictObject({ documents: z.array(documentInfo), next: z.string().optional() })
const text = '# Locks\n\nA lock lets one in at a time.\n\nA <b>key</b> & a door.\n'

describe('Documents', () => {
  it('are listed by page, collection, name and status', async () => {
    await using house = await openHouseDoor()
    for (const name of ['a.md', 'b.md', 'c.md']) await house.load(name, `Text of ${name}.`, { collection: 'letters' })
    await house.load('d.md', text)
    const first = await replyOf(list, house.send('GET', '/v1/documents?limit=3'))
    assert.equal(first.documents.length, 3)
    assert.ok(first.next)
    const rest = await replyOf(list, house.send('GET', `/v1/documents?limit=3&after=${first.next}`))
    assert.deepEqual(
      [...first.documents, ...rest.documents].map(({ name }) => name),
      ['a.md', 'b.md', 'c.md', 'd.md'],
    )
    assert.equal(rest.next, undefined)
    const names = async (query: string): Promise<string[]> =>
      (await replyOf(list, house.send('GET', `/v1/documents?${query}`))).documents.map(({ name }) => name)
    assert.deepEqual(await names('collection=default'), ['d.md'])
    assert.deepEqual(await names('name=b.md'), ['b.md'])
    assert.deepEqual(await names('status=failed'), [])
    const { collections } = await replyOf(
      z.strictObject({ collections: z.array(collection) }),
      house.send('GET', '/v1/collections'),
    )
    assert.deepEqual(
      collections.map(({ collection, documents }) => [collection, documents]),
      [
        ['default', 1],
        ['letters', 3],
      ],
    )
  })

  it('are shown, described anew, removed and restored', async () => {
    await using house = await openHouseDoor()
    const id = await house.load('lock.md', text)
    const path = `/v1/documents/${id}`
    assert.equal((await replyOf(documentInfo, house.send('GET', path))).title, 'Locks')
    await replyOf(documentInfo, house.send('PATCH', path, { title: 'All about locks', metadata: { a: 1, b: 2 } }))
    const changed = await replyOf(documentInfo, house.send('PATCH', path, { metadata: { a: null } }))
    assert.deepEqual([changed.title, changed.metadata], ['All about locks', { b: 2 }])
    assert.equal((await house.send('DELETE', path)).status, 204)
    assert.equal((await replyOf(list, house.send('GET', '/v1/documents'))).documents.length, 0)
    assert.equal((await replyOf(documentInfo, house.send('POST', `${path}/restore`))).status, 'ready')
    assert.equal((await house.send('DELETE', `${path}?now=true`)).status, 204)
    await problemFrom(house.send('GET', path), 404)
    await problemFrom(house.send('POST', `${path}/restore`), 404)
  })

  it('say what is wrong with a request', async () => {
    await using house = await openHouseDoor()
    for (const query of ['limit=0', 'limit=x', 'limit=1001', 'status=new', 'colour=red', 'name='])
      assert.ok((await problemFrom(house.send('GET', `/v1/documents?${query}`), 400)).detail.length > 10, query)
    for (const body of [{}, { title: 3 }, { metadata: [] }, { name: 'x' }])
      await problemFrom(house.send('PATCH', '/v1/documents/doc_1', body), 400)
    await problemFrom(house.send('PATCH', '/v1/documents/doc_1', { title: 'x' }), 404)
    await problemFrom(house.send('DELETE', '/v1/documents/doc_1?now=perhaps'), 400)
    for (const rest of ['', '/text', '/file']) await problemFrom(house.send('GET', `/v1/documents/doc_1${rest}`), 404)
  })
})

describe('The text of a document', () => {
  it('comes with its blocks, whole or a span of it', async () => {
    await using house = await openHouseDoor()
    const path = `/v1/documents/${await house.load('lock.md', text)}/text`
    const whole = await replyOf(documentText, house.send('GET', path))
    const at = whole.text.indexOf('A lock')
    assert.equal(whole.length, whole.text.length)
    const span = await replyOf(documentText, house.send('GET', `${path}?start=${at}&end=${at + 6}`))
    assert.deepEqual([span.text, span.start, span.end], ['A lock', at, at + 6])
    assert.deepEqual(
      span.blocks.map(({ kind }) => kind),
      ['paragraph'],
    )
    const plain = await house.send('GET', `${path}?start=${at}&end=${at + 6}`, undefined, { accept: 'text/plain' })
    assert.match(plain.headers.get('content-type') ?? '', /^text\/plain/)
    assert.equal(await plain.text(), 'A lock')
    for (const query of ['start=5', 'start=5&end=2', 'start=-1&end=2', 'highlight=a', 'highlight=5-2'])
      await problemFrom(house.send('GET', `${path}?${query}`), 400)
  })

  it('is a page for people, where a cited place is marked and nothing can run', async () => {
    await using house = await openHouseDoor()
    const path = `/v1/documents/${await house.load('lock.txt', `${text}<script>alert(1)</script>`, { title: '</title><script>' })}/text`
    const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
    const whole = await replyOf(documentText, house.send('GET', path))
    const at = whole.text.indexOf('<script>')
    const away = await house.send('GET', `${path}?start=${at}&end=${at + 8}`, undefined, html)
    assert.equal(away.status, 303)
    assert.equal(away.headers.get('location'), `?highlight=${at}-${at + 8}#mark`)
    const page = await house.send('GET', `${path}?highlight=${at}-${at + 8}`, undefined, html)
    assert.match(page.headers.get('content-type') ?? '', /^text\/html/)
    const policy = page.headers.get('content-security-policy') ?? ''
    assert.match(policy, /^default-src 'none'; style-src 'sha256-[^']+';.*sandbox/)
    const source = await page.text()
    assert.match(source, /<mark id="mark">&#60;script&#62;<\/mark>/)
    assert.doesNotMatch(source, /<script/)
    assert.match(await (await house.send('GET', path, undefined, html)).text(), /A lock lets one in/)
  })

  it('shows only what is around a place in a long document', async () => {
    await using house = await openHouseDoor()
    const long = Array.from({ length: 20_000 }, (_, index) => `Sentence number ${index}.`).join(' ')
    const path = `/v1/documents/${await house.load('long.txt', long)}/text`
    const at = long.indexOf('Sentence number 15000.')
    const page = await house.send('GET', `${path}?highlight=${at}-${at + 22}`, undefined, { accept: 'text/html' })
    const source = await page.text()
    assert.match(source, /<mark id="mark">Sentence number 15000.<\/mark>/)
    assert.ok(source.length < 45_000, String(source.length))
  })
})

describe('The file of a document', () => {
  it('comes as it was sent, to be saved', async () => {
    await using house = await openHouseDoor()
    const path = `/v1/documents/${await house.load('docs/über "locks".html', '<p>Hello</p>')}/file`
    const response = await house.send('GET', path)
    assert.equal(response.status, 200)
    const header = (name: string): string | null => response.headers.get(name)
    assert.equal(
      header('content-disposition'),
      `attachment; filename="_ber _locks_.html"; filename*=UTF-8''%C3%BCber%20%22locks%22.html`,
    )
    assert.equal(header('content-length'), '12')
    assert.equal(header('x-content-type-options'), 'nosniff')
    assert.match(header('content-security-policy') ?? '', /sandbox/)
    assert.equal(await response.text(), '<p>Hello</p>')
    const tag = header('etag') ?? ''
    const again = await house.send('GET', path, undefined, { 'if-none-match': `"other", W/${tag}` })
    assert.deepEqual([again.status, await again.text()], [304, ''])
    const head = await house.send('HEAD', path)
    assert.deepEqual([head.status, await head.text()], [200, ''])
  })

  it('comes in ranges', async () => {
    await using house = await openHouseDoor()
    const content = Array.from({ length: 100_000 }, (_, index) => `${index} `).join('')
    const path = `/v1/documents/${await house.load('numbers.txt', content)}/file`
    const range = async (value: string, more: Record<string, string> = {}) => {
      const response = await house.send('GET', path, undefined, { range: value, ...more })
      return { status: response.status, range: response.headers.get('content-range'), body: await response.text() }
    }
    const size = content.length
    const part = { status: 206, range: `bytes 300000-300004/${size}`, body: content.slice(300_000, 300_005) }
    assert.deepEqual(await range('bytes=300000-300004'), part)
    assert.equal((await range('bytes=-5')).body, content.slice(-5))
    assert.equal((await range(`bytes=${size - 3}-`)).body, content.slice(-3))
    assert.equal((await range(`bytes=${size - 3}-${size + 100}`)).range, `bytes ${size - 3}-${size - 1}/${size}`)
    assert.deepEqual([(await range(`bytes=${size}-`)).status, (await range('bytes=-0')).status], [416, 416])
    for (const passedOver of ['bytes=0-1,4-5', 'lines=1-2', 'bytes=5-2', 'bytes=-'])
      assert.equal((await range(passedOver)).status, 200)
    assert.equal((await range('bytes=0-1', { 'if-range': '"old"' })).status, 200)
  })

  it('is not read for who asks for its head alone', async () => {
    await using house = await openHouseDoor()
    const id = await house.load('a.md', 'A lock lets one in at a time. '.repeat(20_000))
    let taken = 0
    async function* counted(...from: Parameters<Factory['bytes']>): AsyncGenerator<Uint8Array> {
      for await (const piece of house.factory.bytes(...from)) {
        taken += 1
        yield piece
      }
    }
    await using door = await openGateway({ ...house.factory, bytes: counted }, { port: 0, lingerMs: 0 })
    const file = `${door.url}/v1/documents/${id}/file`
    const head = await fetch(file, { method: 'HEAD' })
    assert.equal(head.headers.get('content-length'), '600000')
    assert.equal(taken, 1)
    assert.equal((await (await fetch(file)).bytes()).byteLength, 600_000)
    assert.ok(taken > 2)
  })

  it('breaks off when it has become shorter, and nobody waits for the rest', async () => {
    await using house = await openHouseDoor()
    const id = await house.load('a.md', text)
    const document: Factory['document'] = async (...of) => {
      const info = await house.factory.document(...of)
      return { ...info, size: info.size + 10 }
    }
    await using door = await openGateway({ ...house.factory, document }, { port: 0, lingerMs: 0 })
    const response = await fetch(`${door.url}/v1/documents/${id}/file`)
    await assert.rejects(response.bytes())
  })
})
