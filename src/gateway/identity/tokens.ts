// Tokens of an identity provider (JWT): who made them is checked with its public keys, which are fetched and kept.

import { createRemoteJWKSet, customFetch, errors, jwtVerify, type JWTPayload } from 'jose'
import { announceTrouble } from '../../core/channels.ts'
import { AndonError } from '../../core/errors.ts'
import type { Scope } from '../../core/key.ts'
import type { Options } from '../../options.ts'
import type { Principal } from '../door.ts'

export interface Tokens {
  /** Whose token it is. Throws `unauthenticated` when it does not hold, `unavailable` when that cannot be told. */
  principalOf(token: string): Promise<Principal>
}

/** Signatures by a private key only: with a shared one, whoever can check a token could make one. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']

/** How far the clocks of the provider and of this machine may differ, in seconds. */
const clockTolerance = 10

/** How long the provider may take to hand out its keys, in milliseconds. */
const fetchMs = 5000

/** After a fetch that failed, and after one that did not know a token's key, none is tried for so long: milliseconds. */
const restMs = 5000

/** The tokens that these options let in; undefined without `auth.jwksUrl`. Throws `invalid` when issuer or audience lacks. */
export function openTokens(auth: Options['auth']): Tokens | undefined {
  const { jwksUrl, issuer, audience } = auth
  if (jwksUrl === undefined) return undefined
  if (issuer === undefined || audience === undefined) {
    const lacking = [
      ...(issuer === undefined ? ['auth.issuer'] : []),
      ...(audience === undefined ? ['auth.audience'] : []),
    ]
    throw new AndonError(
      'invalid',
      `auth.jwksUrl is set without ${lacking.join(' and ')}: tokens that the provider made for other programs would be let in. Set ${lacking.length > 1 ? 'both' : 'it'}.`,
    )
  }
  const url = new URL(jwksUrl)
  const keys = createRemoteJWKSet(url, {
    timeoutDuration: fetchMs,
    cooldownDuration: restMs,
    [customFetch]: restingFetch(url.host),
  })
  return {
    async principalOf(token) {
      try {
        const required = { issuer, audience, algorithms, clockTolerance, requiredClaims: ['exp'] }
        const { payload } = await jwtVerify(token, keys, required)
        return principalIn(payload, auth)
      } catch (reason) {
        throw refusal(reason, url.host)
      }
    },
  }
}

/** Fetches, but not again at once after a failure: nobody waits for a server that was just found to be gone. */
function restingFetch(host: string): typeof fetch {
  let restUntil = 0
  return async (url, init) => {
    if (Date.now() < restUntil) throw cannotFetch(host, restUntil - Date.now())
    try {
      const response = await fetch(url, init)
      if (response.status === 200) return response
      await response.body?.cancel()
      throw new AndonError('unavailable', `${host} answers ${response.status} instead of its keys.`)
    } catch (reason) {
      restUntil = Date.now() + restMs
      announceTrouble('fetching the keys of the identity provider', reason)
      throw reason
    }
  }
}

function cannotFetch(host: string, retryAfterMs: number, cause?: unknown): AndonError {
  const sentence = `Tokens cannot be checked: the keys of the identity provider cannot be fetched from ${host}. Try again in a moment.`
  return new AndonError('unavailable', sentence, { retryAfterMs, cause })
}

function principalIn(payload: JWTPayload, { tenantClaim, scopeClaim }: Options['auth']): Principal {
  const tenant = payload[tenantClaim]
  if (!isTenant(tenant)) {
    throw new AndonError(
      'unauthenticated',
      `The token names no tenant: its claim ${JSON.stringify(tenantClaim)} must be a text of 1 to 200 characters.`,
    )
  }
  const { sub, client_id: client } = payload
  const name = sub ?? (typeof client === 'string' ? client : 'token')
  return { kind: 'token', name: name.slice(0, 200).toWellFormed(), tenant, scopes: scopesIn(payload[scopeClaim]) }
}

function isTenant(value: unknown): value is string {
  return (
    typeof value === 'string' && value !== '' && value.length <= 200 && value.isWellFormed() && !value.includes('\0')
  )
}

/** The scopes of ours among those of a token; the others are for other programs. */
function scopesIn(claim: unknown): Scope[] {
  const words: unknown[] = Array.isArray(claim) ? claim : typeof claim === 'string' ? claim.split(' ') : []
  return (['ask', 'load', 'admin'] satisfies Scope[]).filter((scope) => words.includes(scope))
}

/** What is wrong with a token, as far as its bearer may know; or that it could not be checked. */
function refusal(reason: unknown, host: string): AndonError {
  const wrong = (sentence: string): AndonError => new AndonError('unauthenticated', sentence, { cause: reason })
  if (reason instanceof AndonError && reason.code === 'unauthenticated') return reason
  if (reason instanceof errors.JWTExpired)
    return wrong('The token has expired. Get a new one from the identity provider.')
  if (reason instanceof errors.JWTClaimValidationFailed)
    return wrong(`The token is not for this server: its claim "${reason.claim}" is missing or not as it must be.`)
  if (reason instanceof errors.JOSEAlgNotAllowed || reason instanceof errors.JOSENotSupported)
    return wrong('The token is signed in a way that is not taken. Let the provider sign with RS256, ES256 or EdDSA.')
  if (
    reason instanceof errors.JWSSignatureVerificationFailed ||
    reason instanceof errors.JWKSNoMatchingKey ||
    reason instanceof errors.JWKSMultipleMatchingKeys
  )
    return wrong('The token is not signed by a key of the identity provider.')
  if (reason instanceof errors.JWSInvalid || reason instanceof errors.JWTInvalid)
    return wrong('This is neither a key of Andon (they begin with andon_) nor a token that can be read.')
  return cannotFetch(host, restMs, reason)
}
