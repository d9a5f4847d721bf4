// An identity provider on a free port: it hands out its public keys and signs tokens, rotates its keys, and can be broken.

import { once } from 'node:events'
import { createServer } from 'node:http'
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose'

export interface IdentityProvider extends AsyncDisposable {
  readonly issuer: string
  readonly jwksUrl: string
  /** How often its keys were fetched. */
  readonly fetched: number
  /** While set, it answers this status instead of its keys. */
  broken: number | undefined
  /** The public key that signs now. */
  readonly publicKey: JWK
  /** A token with these claims over good ones for `andon` of the tenant `acme`, which may ask; undefined leaves one out. */
  token(claims?: Record<string, unknown>, header?: { kid?: string }): Promise<string>
  /** From now on another key signs, and only it is handed out. */
  rotate(): Promise<void>
}

interface Signer {
  privateKey: CryptoKey
  publicKey: JWK
}

/** Starts one; its audience is `andon`. */
export async function openIdentityProvider(): Promise<IdentityProvider> {
  let count = 0
  let fetched = 0
  let broken: number | undefined
  let signer = await makeSigner()

  async function makeSigner(): Promise<Signer> {
    count += 1
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
    return { privateKey, publicKey: { ...(await exportJWK(publicKey)), kid: `key-${count}`, alg: 'ES256', use: 'sig' } }
  }

  const server = createServer((_request, response) => {
    fetched += 1
    response.writeHead(broken ?? 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ keys: [signer.publicKey] }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const issuer = `http://127.0.0.1:${port}`

  return {
    issuer,
    jwksUrl: `${issuer}/jwks.json`,
    get fetched() {
      return fetched
    },
    get broken() {
      return broken
    },
    set broken(status) {
      broken = status
    },
    get publicKey() {
      return signer.publicKey
    },
    token(claims = {}, header = {}) {
      const now = Math.floor(Date.now() / 1000)
      const good = {
        iss: issuer,
        aud: 'andon',
        sub: 'ada',
        tenant: 'acme',
        scope: 'openid ask',
        iat: now,
        exp: now + 600,
      }
      return new SignJWT({ ...good, ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: signer.publicKey.kid ?? '', ...header })
        .sign(signer.privateKey)
    },
    async rotate() {
      signer = await makeSigner()
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
