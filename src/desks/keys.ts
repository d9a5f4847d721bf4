// The desk for keys: made, listed, revoked, and told whose a secret is.

import { createHash, randomBytes } from 'node:crypto'
import type { Keys } from '../core/factory.ts'
import type { KeyInfo } from '../core/key.ts'
import { mustBe } from '../requests.ts'
import type { KeyStore } from '../stores/store.ts'
import { known, type Desk } from './desk.ts'
import { KnownKeys } from './known-keys.ts'

/** See {@link Keys}. */
export function keysDesk(desk: Desk, { keys }: { keys: KeyStore }): Keys {
  const knownKeys = new KnownKeys(keys)
  return {
    async createKey(given, caller) {
      mustBe.newKey(given)
      const { name, scopes = ['ask'], expiresAt } = given
      const secret = `andon_${randomBytes(32).toString('base64url')}`
      const key: KeyInfo = {
        id: `key_${randomBytes(10).toString('hex')}`,
        name: name.trim(),
        tenant: desk.tenantOf(caller),
        scopes: [...new Set(scopes)],
        createdAt: Date.now(),
        ...(expiresAt === undefined ? {} : { expiresAt }),
      }
      await keys.create(key, hashOf(secret))
      return { key, secret }
    },
    keys: async (caller) => keys.list(desk.tenantOf(caller)),
    async revokeKey(id, caller) {
      mustBe.id(id, 'key id')
      try {
        return known(await keys.revoke(desk.tenantOf(caller), id, Date.now()), 'key', id)
      } finally {
        knownKeys.forget()
      }
    },
    async keyOf(secret) {
      // What cannot be a secret needs no look.
      if (typeof secret !== 'string' || !/^andon_[\w-]{43}$/.test(secret)) return undefined
      return await knownKeys.find(hashOf(secret))
    },
    hasKeys: async () => (await keys.count()) > 0,
  }
}

/** A secret of 256 random bits cannot be guessed from its hash, however fast that is made. */
function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}
