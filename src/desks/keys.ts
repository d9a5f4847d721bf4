// The desk for keys: made, listed, revoked, and told whose a secret is.

import { AndonError } from '../core/errors.ts'
import type { Keys } from '../core/factory.ts'
import type { KeyStore } from '../stores/store.ts'
import type { Desk } from './desk.ts'

/** See {@link Keys}. */
export function keysDesk(_desk: Desk, _parts: { keys: KeyStore }): Keys {
  const missing = async (): Promise<never> => {
    throw new AndonError('unsupported', 'Not built yet')
  }
  return { createKey: missing, keys: missing, revokeKey: missing, keyOf: missing, hasKeys: async () => false }
}
