// Tokens of an identity provider: a real one on a free port, its keys rotated, and everything that a forger would try.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { base64url, exportSPKI, generateKeyPair, importJWK, SignJWT, type CryptoKey } from 'jose'
import { openDoor, type Door } from '../../../test/door.ts'
import { openIdentityProvider, type IdentityProvider } from '../../../test/servers/identity-provider.ts'
import { standInFactory } from '../../../test/stand-in-factory.ts'
import { openGateway, type GatewayOptions } from '../server.ts'

/** A door that takes the tokens of a provider. */
async function doorFor(provider: IdentityProvider, auth: GatewayOptions['auth'] = {}): Promise<Door> {
  const { jwksUrl, issuer } = provider
  return openDoor({ auth: { required: true, jwksUrl, issuer, audience: 'andon', ...auth } })
}

async function me(door: Door, token: string): Promise<{ status: number; body: string; retryAfter: string | null }> {
  const response = await fetch(`${door.gateway.url}/v1/me`, { headers: { authorization: `Bearer ${token}` } })
  return { status: response.status, body: await response.text(), retryAfter: response.headers.get('retry-after') }
}

describe('A token', () => {
  it('lets in as its subject, its tenant and those of its scopes that are ours', async () => {
    await using provider = await openIdentityProvider()
    await using door = await doorFor(provider)
    const { status, body } = await me(door, await provider.token({ scope: 'openid ask load' }))
    assert.equal(status, 200)
    assert.deepEqual(JSON.parse(body), { kind: 'token', name: 'ada', tenant: 'acme', scopes: ['ask', 'load'] })
  })

  it('names tenant and scopes in the claims that the options say', async () => {
    await using provider = await openIdentityProvider()
    await using door = await doorFor(provider, { tenantClaim: 'https://example.org/org', scopeClaim: 'roles' })
    const { body } = await me(door, await provider.token({ 'https://example.org/org': 'b', roles: ['admin', 'x'] }))
    assert.deepEqual(JSON.parse(body), { kind: 'token', name: 'ada', tenant: 'b', scopes: ['admin'] })
  })

  it('without a scope of ours may do nothing', async () => {
    await using provider = await openIdentityProvider()
    await using door = await doorFor(provider)
    const headers = { authorization: `Bearer ${await provider.token({ scope: 'openid' })}` }
    assert.equal((await door.post('/v1/ask', { question: 'lock' }, { headers })).status, 403)
  })

  it('is refused when its claims do not hold', async () => {
    await using provider = await openIdentityProvider()
    await using door = await doorFor(provider)
    const now = Math.floor(Date.now() / 1000)
    const wrong: [string, Parameters<IdentityProvider['token']>[0], RegExp][] = [
      ['another audience', { aud: 'shop' }, /claim \\"aud\\"/],
      ['no audience', { aud: undefined }, /claim \\"aud\\"/],
      ['another issuer', { iss: 'https://evil.example' }, /claim \\"iss\\"/],
      ['expired', { exp: now - 60 }, /expired/],
      ['good for ever', { exp: undefined }, /claim \\"exp\\"/],
      ['not yet good', { nbf: now + 600 }, /claim \\"nbf\\"/],
      ['no tenant', { tenant: undefined }, /names no tenant/],
      ['an empty tenant', { tenant: '' }, /names no tenant/],
      ['a tenant that is a list', { tenant: ['a', 'b'] }, /names no tenant/],
      ['a tenant with NUL', { tenant: 'a\0b' }, /names no tenant/],
      ['a tenant that is too long', { tenant: 'a'.repeat(201) }, /names no tenant/],
    ]
    for (const [what, claims, sentence] of wrong) {
      const { status, body } = await me(door, await provider.token(claims))
      assert.equal(status, 401, what)
      assert.match(body, sentence)
    }
    assert.equal((await me(door, await provider.token({ exp: now - 2 }))).status, 200, 'clocks differ a little')
  })

  it('is refused when nobody, or somebody else, signed it', async () => {
    await using provider = await openIdentityProvider()
    await using door = await doorFor(provider)
    const good = await provider.token({ scope: 'admin' })
    const [header = '', payload = '', signature = ''] = good.split('.')
    const encoded = (value: object): string => base64url.encode(JSON.stringify(value))
    const kid = provider.publicKey.kid ?? ''
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
    const stranger = await generateKeyPair('ES256')
    const spki = await exportSPKI(await importPublic(provider))
    const hs = (secret: string): Promise<string> =>
      new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid }).sign(new TextEncoder().encode(secret))
    const forged: [string, string][] = [
      ['alg none', `${encoded({ alg: 'none' })}.${payload}.`],
      ['alg None', `${encoded({ alg: 'None', kid })}.${payload}.${signature}`],
      ['HS256 with the public key as PEM', await hs(spki)],
      ['HS256 with the public key as JWK', await hs(JSON.stringify(provider.publicKey))],
      [
        'a key of somebody else under the same id',
        await new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid }).sign(stranger.privateKey),
      ],
      [
        'a key that it brings along',
        await new SignJWT(claims)
          .setProtectedHeader({ alg: 'ES256', kid: 'mine', jwk: provider.publicKey })
          .sign(stranger.privateKey),
      ],
      ['another payload', `${header}.${encoded({ ...claims, tenant: 'b' })}.${signature}`],
      ['no signature', `${header}.${payload}.`],
      ['two parts', `${header}.${payload}`],
      ['five parts', `${good}.a.b`],
      ['a critical header', `${encoded({ alg: 'ES256', kid, crit: ['x'], x: 1 })}.${payload}.${signature}`],
      ['no JSON', 'eyJ.eyJ.eyJ'],
      ['words', 'password'],
    ]
    for (const [what, token] of forged) {
      const { status, body } = await me(door, token)
      assert.equal(status, 401, `${what}: ${body}`)
    }
    assert.equal((await me(door, good)).status, 200)
  })
})

describe('The keys of the provider', () => {
  it('are fetched once, and kept while they serve', async () => {
    await using provider = await openIdentityProvider()
    await using door = await doorFor(provider)
    const token = await provider.token()
    assert.deepEqual(
      await Promise.all([me(door, token), me(door, token)]).then((all) => all.map((one) => one.status)),
      [200, 200],
    )
    provider.broken = 500
    assert.equal((await me(door, token)).status, 200)
    assert.equal(provider.fetched, 1)
  })

  it('are fetched again for a token of a new one, but not for each', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() })
    await using provider = await openIdentityProvider()
    await using door = await doorFor(provider)
    assert.equal((await me(door, await provider.token())).status, 200)
    await provider.rotate()
    t.mock.timers.setTime(Date.now() + 6000)
    assert.equal((await me(door, await provider.token())).status, 200)
    assert.equal(provider.fetched, 2)
    for (const kid of ['made-up-1', 'made-up-2', 'made-up-3'])
      assert.equal((await me(door, await provider.token({}, { kid }))).status, 401)
    assert.equal(provider.fetched, 2)
  })

  it('that cannot be fetched make a token neither good nor bad, and are not fetched for every request', async () => {
    await using provider = await openIdentityProvider()
    await using door = await doorFor(provider)
    provider.broken = 500
    const token = await provider.token()
    for (const _ of [1, 2, 3]) {
      const { status, body, retryAfter } = await me(door, token)
      assert.equal(status, 503)
      assert.match(body, /keys of the identity provider cannot be fetched/)
      assert.ok(Number(retryAfter) >= 1)
    }
    assert.equal(provider.fetched, 1)
  })

  it('of a provider that is gone: 503 too', async () => {
    const provider = await openIdentityProvider()
    const token = await provider.token()
    await provider[Symbol.asyncDispose]()
    await using door = await doorFor(provider)
    assert.equal((await me(door, token)).status, 503)
  })

  it('that are made up by a forger, while the provider is down, do not keep the good ones out', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() })
    await using provider = await openIdentityProvider()
    await using door = await doorFor(provider)
    const token = await provider.token()
    assert.equal((await me(door, token)).status, 200)
    provider.broken = 500
    t.mock.timers.setTime(Date.now() + 6000)
    assert.equal((await me(door, await provider.token({}, { kid: 'made-up' }))).status, 503)
    assert.equal((await me(door, token)).status, 200)
  })
})

describe('jwksUrl', () => {
  it('without issuer and audience is refused at the start', async () => {
    const auth = { jwksUrl: 'https://id.example.org/jwks' }
    await assert.rejects(openGateway(standInFactory(), { port: 0, auth }), /auth.issuer and auth.audience.*Set both/)
    const half = { ...auth, issuer: 'https://id.example.org' }
    await assert.rejects(openGateway(standInFactory(), { port: 0, auth: half }), /without auth.audience: .*Set it/)
  })
})

async function importPublic(provider: IdentityProvider): Promise<CryptoKey> {
  const key = await importJWK({ ...provider.publicKey, ext: true }, 'ES256')
  if (key instanceof Uint8Array) throw new Error('a public key is none of bytes')
  return key
}
