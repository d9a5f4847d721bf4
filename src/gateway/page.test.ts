import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import { fastify } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { addPage } from './page.ts'
import { addPlainPage } from './plain-page.ts'
import type { App } from './door.ts'

const root = join(import.meta.dirname, '../..')

describe('The built page', () => {
  const folder = mkdtempSync(join(tmpdir(), 'andon-page-'))
  const app: App = fastify().withTypeProvider<ZodTypeProvider>()
  let assets: string[] = []

  before(async () => {
    const vite = join(root, 'node_modules/vite/bin/vite.js')
    execFileSync(process.execPath, [vite, 'build', 'web', '--outDir', folder, '--emptyOutDir', '--logLevel', 'error'], {
      cwd: root,
    })
    assets = readdirSync(join(folder, 'assets')).filter((name) => /\.(js|css)$/.test(name))
    addPage(app, undefined, folder)
    await app.listen({ host: '127.0.0.1', port: 0 })
  })
  after(async () => {
    await app.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('weighs less than 100 kB', () => {
    const files = [...assets.map((name) => join(folder, 'assets', name)), join(folder, 'first.js')]
    const weight = files.reduce((sum, file) => sum + gzipSync(readFileSync(file), { level: 9 }).length, 0)
    assert.ok(weight < 100_000, `${weight} bytes of scripts and styles, gzip`)
    assert.ok(weight > 10_000, `${weight} bytes: is that the whole page?`)
  })

  it('has nothing inline and asks nobody else', () => {
    const index = readFileSync(join(folder, 'index.html'), 'utf8')
    assert.doesNotMatch(index, /<style|style=|<script(?![^>]*src=)|\son\w+=/)
    assert.doesNotMatch(index, /(src|href)="(?!\/)/)
    for (const name of assets.filter((each) => each.endsWith('.css')))
      assert.doesNotMatch(readFileSync(join(folder, 'assets', name), 'utf8'), /@import|url\(/)
  })

  it('is served at every place of the page, asked for again each time, under its policy', async () => {
    for (const url of [
      '/',
      '/s/abc',
      '/answers/abc',
      '/library',
      '/library/abc',
      '/tools',
      '/tools/abc',
      '/settings',
    ]) {
      const { status, headers, body } = await get(url)
      assert.equal(status, 200, url)
      assert.match(String(headers['content-security-policy']), /default-src 'none'; script-src 'self'/)
      assert.equal(headers['cache-control'], 'no-cache')
      assert.match(body.toString(), /<div id="page">/)
    }
  })

  it('keeps files with a hash in their name for good, and sends them compressed to who takes that', async () => {
    const name = assets.find((each) => each.endsWith('.js')) ?? ''
    const plain = readFileSync(join(folder, 'assets', name))
    const asked = async (encoding: string) => await get(`/assets/${name}`, { 'accept-encoding': encoding })
    const [br, gzip, none, refused] = await Promise.all(['gzip, br', 'gzip', 'identity', 'br;q=0'].map(asked))
    assert.ok(br && gzip && none && refused)
    assert.equal(br.headers['cache-control'], 'public, max-age=31536000, immutable')
    assert.equal(br.headers['content-encoding'], 'br')
    assert.deepEqual(brotliDecompressSync(br.body), plain)
    assert.equal(gzip.headers['content-encoding'], 'gzip')
    assert.deepEqual(gunzipSync(gzip.body), plain)
    for (const each of [none, refused]) {
      assert.equal(each.headers['content-encoding'], undefined)
      assert.deepEqual(each.body, plain)
    }
  })

  it('answers 304 to who has it', async () => {
    const { headers } = await get('/')
    const again = await get('/', { 'if-none-match': String(headers['etag']) })
    assert.equal(again.status, 304)
    assert.equal(again.body.length, 0)
  })

  async function get(path: string, headers: Record<string, string> = {}) {
    const address = app.server.address()
    assert.ok(typeof address === 'object' && address !== null)
    const { promise, resolve, reject } = Promise.withResolvers<{
      status: number | undefined
      headers: NodeJS.Dict<string | string[]>
      body: Buffer
    }>()
    // Not `fetch`, which unpacks what it gets.
    request({ host: '127.0.0.1', port: address.port, path, headers }, (response) => {
      const pieces: Buffer[] = []
      response.on('data', (piece: Buffer) => pieces.push(piece))
      response.on('end', () =>
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(pieces) }),
      )
    })
      .on('error', reject)
      .end()
    return await promise
  }
})

describe('The plain page', () => {
  it('says that the page was not built, how to build it, and how to ask', async () => {
    const app: App = fastify().withTypeProvider<ZodTypeProvider>()
    addPlainPage(app)
    const reply = await app.inject({ url: '/', headers: { host: 'localhost:8642' } })
    assert.equal(reply.statusCode, 200)
    assert.match(reply.body, /curl -N http:\/\/localhost:8642\/v1\/ask/)
    assert.match(reply.body, /npm run build/)
    assert.match(String(reply.headers['content-security-policy']), /default-src 'none'/)
  })
})
