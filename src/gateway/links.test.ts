// Links: which hosts are asked, at which address, and what comes of the answers of a real server.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { openDoor } from '../../test/door.ts'
import type { DocumentInfo } from '../core/document.ts'
import { AndonError } from '../core/errors.ts'
import { fetchLink } from '../links/fetch.ts'
import { isPublic, LinkHosts } from '../links/hosts.ts'
import { nameOf } from '../links/name.ts'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

async function serve(answer: Answer) {
  const server = createServer(answer)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    host: `127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const reason = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  assert.ok(reason instanceof AndonError, String(reason))
  return `${reason.code}: ${reason.sentence}`
}

describe('The hosts of links', () => {
  const everywhere = new LinkHosts('docs.example.org, *.example.com, odd.example.net:8080, 8.8.8.8', async () => [
    { address: '93.184.216.34', family: 4 },
  ])

  it('are those of the list, on the ports of the web or the one that is listed', async () => {
    for (const good of [
      'https://docs.example.org/a',
      'http://docs.example.org./a',
      'http://a.b.example.com',
      'http://odd.example.net:8080',
      'http://8.8.8.8/',
    ])
      assert.equal(typeof (await everywhere.find(good)).address, 'string')
    for (const bad of [
      'https://example.org/',
      'https://example.com/',
      'https://badexample.com/',
      'https://docs.example.org:8443/',
      'http://odd.example.net/',
      'http://1.1.1.1/',
      'http://docs.example.org.evil.test/',
    ])
      assert.match(await codeOf(everywhere.find(bad)), /^forbidden: .*links\.hosts/)
  })

  it('are none without a list, and the option is named', async () => {
    assert.match(
      await codeOf(new LinkHosts(undefined).find('https://docs.example.org')),
      /^forbidden: .*no host.*links\.hosts/,
    )
  })

  it('are asked over http and https only, without credentials', async () => {
    for (const bad of ['ftp://docs.example.org/a', 'file:///etc/passwd', 'data:text/plain,a', 'docs.example.org', ''])
      assert.match(await codeOf(everywhere.find(bad)), /^invalid/)
    assert.match(await codeOf(everywhere.find('https://a:b@docs.example.org/')), /^invalid: .*password/)
  })

  it('may not lead into the house, whatever their names are', async () => {
    const inner = [
      '127.0.0.1',
      '10.1.2.3',
      '172.16.0.1',
      '192.168.1.1',
      '169.254.169.254',
      '100.64.0.1',
      '0.0.0.0',
      '224.0.0.1',
      '255.255.255.255',
      '::1',
      '::',
      'fe80::1',
      'fd00::1',
      'ff02::1',
      '::ffff:127.0.0.1',
      '::ffff:a00:1',
      '64:ff9b::7f00:1',
      '2002:7f00:1::',
      '2001::1',
    ]
    for (const address of inner) {
      assert.equal(isPublic(address), false, address)
      const hosts = new LinkHosts('docs.example.org', async () => [
        { address: '93.184.216.34', family: 4 },
        { address, family: address.includes(':') ? 6 : 4 },
      ])
      assert.match(
        await codeOf(hosts.find('https://docs.example.org')),
        /^forbidden: .*no address of the public internet/,
      )
    }
    for (const address of ['93.184.216.34', '2606:2800:220:1::1']) assert.equal(isPublic(address), true, address)
    assert.match(await codeOf(new LinkHosts('10.0.0.7').find('http://10.0.0.7/')), /^forbidden/)
    assert.match(await codeOf(new LinkHosts('*.0.0.1').find('http://127.0.0.1/')), /^forbidden|^invalid/)
  })

  it('may be an address of the house when exactly that is listed, with its port', async () => {
    const hosts = new LinkHosts('10.0.0.7:8080,[fd00::1]:81')
    assert.equal((await hosts.find('http://10.0.0.7:8080/')).address, '10.0.0.7')
    assert.equal((await hosts.find('http://[fd00::1]:81/')).family, 6)
    assert.match(await codeOf(hosts.find('http://10.0.0.7:8081/')), /^forbidden/)
    assert.match(await codeOf(hosts.find('http://167772167:80/')), /^forbidden/)
  })

  it('that are none are refused when they are set', () => {
    for (const bad of ['http://a.test', 'a.test/b', '*', 'a*.test', 'a@b.test'])
      assert.throws(() => new LinkHosts(bad), /links\.hosts has/)
  })
})

describe('The name of a document from a link', () => {
  it('is its host and path, or what its server calls it', () => {
    const name = (url: string, disposition?: string): string => nameOf(new URL(url), disposition)
    assert.equal(name('https://a.test/guide/%C3%BCber.html'), 'a.test/guide/über.html')
    assert.equal(name('https://a.test/'), 'a.test')
    assert.equal(name('https://a.test/get?id=3'), 'a.test/get?id=3')
    assert.equal(name('https://a.test/get', 'attachment; filename="report 1.pdf"'), 'a.test/report 1.pdf')
    assert.equal(
      name('https://a.test/get', "attachment; filename=x.pdf; filename*=UTF-8''%E6%A6%82.pdf"),
      'a.test/概.pdf',
    )
    assert.equal(name('https://a.test/get', 'attachment; filename="../../etc/passwd"'), 'a.test/passwd')
    assert.equal(name('https://a.test/get', 'attachment; filename=".."'), 'a.test/get')
  })
})

describe('Fetching', () => {
  it('asks at the address that was checked, though the name leads elsewhere by then', async () => {
    await using server = await serve((request, response) => response.end(String(request.headers.host)))
    let asked = 0
    const hosts = new LinkHosts(`localhost:${server.port}`, async () => {
      asked += 1
      return [{ address: asked === 1 ? '127.0.0.1' : '127.0.0.9', family: 4 }]
    })
    await using fetched = await fetchLink(`http://localhost:${server.port}/`, {
      hosts,
      timeoutMs: 5000,
      maxBytes: 1000,
    })
    assert.equal(await textOf(fetched.bytes), `localhost:${server.port}`)
    assert.equal(asked, 1)
  })

  it('checks every address that a link leads on to', async () => {
    await using inside = await serve((_request, response) => response.end('secret'))
    await using server = await serve((_request, response) =>
      response.writeHead(302, { location: `${inside.url}/` }).end(),
    )
    const options = { hosts: new LinkHosts(server.host), timeoutMs: 5000, maxBytes: 1000 }
    assert.match(await codeOf(fetchLink(server.url, options)), /^forbidden/)
  })

  it('follows five times and no more', async () => {
    await using server = await serve((request, response) => {
      const left = Number(request.url?.slice(1))
      if (left === 0) response.end('here')
      else response.writeHead(307, { location: `/${left - 1}` }).end()
    })
    const options = { hosts: new LinkHosts(server.host), timeoutMs: 5000, maxBytes: 1000 }
    await using fetched = await fetchLink(`${server.url}/5`, options)
    assert.equal(await textOf(fetched.bytes), 'here')
    assert.match(await codeOf(fetchLink(`${server.url}/6`, options)), /^invalid: .*more than 5 times/)
  })

  it('ends when the time is over, before and within the document', async () => {
    await using server = await serve((request, response) => {
      if (request.url === '/within') response.write('a bit')
    })
    const options = { hosts: new LinkHosts(server.host), timeoutMs: 50, maxBytes: 1000 }
    assert.match(await codeOf(fetchLink(`${server.url}/before`, options)), /^deadline: .*links\.timeoutMs/)
    await using fetched = await fetchLink(`${server.url}/within`, options)
    assert.match(await codeOf(textOf(fetched.bytes)), /^deadline/)
  })

  it('unpacks what was packed unasked, and counts the bytes behind it', async () => {
    await using server = await serve((request, response) => {
      const text = request.url === '/bomb' ? 'x'.repeat(1_000_000) : 'packed'
      response.setHeader('content-encoding', 'gzip').end(gzipSync(text))
    })
    const options = { hosts: new LinkHosts(server.host), timeoutMs: 5000, maxBytes: 10_000 }
    await using fetched = await fetchLink(server.url, options)
    assert.equal(await textOf(fetched.bytes), 'packed')
    await using bomb = await fetchLink(`${server.url}/bomb`, options)
    assert.match(await codeOf(textOf(bomb.bytes)), /^too-large/)
  })

  it('says what a server answered instead', async () => {
    await using server = await serve((request, response) => {
      if (request.url === '/cut') {
        response.writeHead(200, { 'content-length': '100' }).write('half')
        setImmediate(() => response.destroy())
      } else if (request.url === '/large') response.writeHead(200, { 'content-length': '100000' }).flushHeaders()
      else response.writeHead(Number(request.url?.slice(1))).end('sorry')
    })
    const options = { hosts: new LinkHosts(server.host), timeoutMs: 5000, maxBytes: 1000 }
    assert.match(await codeOf(fetchLink(`${server.url}/404`, options)), /^invalid: .*answered 404/)
    assert.match(await codeOf(fetchLink(`${server.url}/503`, options)), /^unavailable: .*answered 503/)
    assert.match(await codeOf(fetchLink(`${server.url}/large`, options)), /^too-large/)
    await using fetched = await fetchLink(`${server.url}/cut`, options)
    assert.match(await codeOf(textOf(fetched.bytes)), /^unavailable: .*broke off/)
    assert.match(
      await codeOf(fetchLink('http://127.0.0.1:1/', { ...options, hosts: new LinkHosts('127.0.0.1:1') })),
      /^unavailable/,
    )
  })
})

describe('POST /v1/documents/link', () => {
  it('adds what it fetched, and says where it is from', async () => {
    await using server = await serve((request, response) => {
      assert.equal(request.headers.cookie, undefined)
      assert.equal(request.headers.authorization, undefined)
      response.setHeader('content-type', 'text/html; charset=utf-8').end('<p>A page.</p>')
    })
    await using door = await openDoor({ links: { hosts: server.host } })
    const url = `${server.url}/guide/page`
    const response = await fetch(`${door.gateway.url}/v1/documents/link`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie: 'a=b' },
      body: JSON.stringify({ url, collection: 'web', metadata: { kind: 'page' } }),
    })
    assert.equal(response.status, 202)
    const { document } = (await response.json()) as { document: DocumentInfo }
    assert.equal(document.name, '127.0.0.1/guide/page')
    assert.equal(document.mediaType, 'text/html')
    assert.deepEqual(document.metadata, { kind: 'page', source: url })
    assert.equal(await door.factory.text(document.id), '<p>A page.</p>')
  })

  it('adds nothing when the document breaks off', async () => {
    await using server = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half')
      setImmediate(() => response.destroy())
    })
    await using door = await openDoor({ links: { hosts: server.host } })
    const response = await door.post('/v1/documents/link', { url: server.url })
    assert.equal(response.status, 503)
    assert.equal((await door.factory.list()).length, 1)
  })

  it('is closed until hosts are allowed', async () => {
    await using door = await openDoor()
    const response = await door.post('/v1/documents/link', { url: 'https://docs.example.org' })
    assert.equal(response.status, 403)
    assert.match(await response.text(), /links\.hosts/)
    assert.equal((await door.post('/v1/documents/link', { url: 'nonsense' })).status, 400)
  })
})

async function textOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  let text = ''
  for await (const chunk of bytes) text += Buffer.from(chunk).toString()
  return text
}
