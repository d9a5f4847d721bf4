// The part of the stand-in factory that looks after who comes in, and after what was done once: in two Maps.

import { randomBytes } from 'node:crypto'
import { AndonError } from '../src/core/errors.ts'
import type { Caller, Keeping, Keys } from '../src/core/factory.ts'
import type { KeyInfo } from '../src/core/key.ts'
import type { Plain } from '../src/core/plain.ts'

/** Keys by their secrets. `check` tells a caller's tenant. */
export function standInKeys(check: (caller: Caller | undefined) => string): Keys {
  const kept = new Map<string, KeyInfo>()
  return {
    async createKey({ name, scopes = ['ask'], expiresAt }, caller) {
      const secret = `andon_${randomBytes(32).toString('base64url')}`
      const tenant = check(caller)
      const base = { id: `key_${kept.size + 1}`, name, tenant, scopes, createdAt: Date.now() }
      const key: KeyInfo = { ...base, ...(expiresAt === undefined ? {} : { expiresAt }) }
      kept.set(secret, key)
      return { key, secret }
    },
    async keys(caller) {
      const tenant = check(caller)
      return [...kept.values()].filter((key) => key.tenant === tenant).toReversed()
    },
    async revokeKey(id, caller) {
      const tenant = check(caller)
      for (const [secret, key] of kept) {
        if (key.id !== id || key.tenant !== tenant) continue
        const revoked = { ...key, revokedAt: key.revokedAt ?? Date.now() }
        kept.set(secret, revoked)
        return revoked
      }
      throw new AndonError('not-found', `There is no key ${id}`)
    },
    async keyOf(secret) {
      check(undefined)
      const key = kept.get(secret)
      if (!key || key.revokedAt !== undefined || (key.expiresAt ?? Infinity) <= Date.now()) return undefined
      return key
    },
    hasKeys: async () => [...kept.values()].some((key) => key.revokedAt === undefined),
  }
}

/** What was answered to writes, by tenant and key. */
export function standInOnce(check: (caller: Caller | undefined) => string): Pick<Keeping, 'claimOnce' | 'settleOnce'> {
  const claims = new Map<string, { fingerprint: string; reply?: Plain }>()
  return {
    async claimOnce(key, fingerprint, caller) {
      const name = `${check(caller)}\n${key}`
      const claim = claims.get(name)
      if (claim === undefined) {
        claims.set(name, { fingerprint })
        return { new: true }
      }
      if (claim.fingerprint !== fingerprint)
        throw new AndonError('conflict', 'The key was used for another request: give each its own.')
      if (claim.reply === undefined)
        throw new AndonError('conflict', 'The same request is under way.', { retryAfterMs: 1000 })
      return { new: false, reply: claim.reply }
    },
    async settleOnce(key, reply, caller) {
      const name = `${caller?.tenant ?? 'default'}\n${key}`
      const claim = claims.get(name)
      if (reply === undefined || claim === undefined) claims.delete(name)
      else claim.reply = reply
    },
  }
}
