// The desk for conversations: listed, read, renamed, removed and restored.

import { AndonError } from '../core/errors.ts'
import type { Sessions } from '../core/factory.ts'
import type { SessionStore } from '../stores/store.ts'
import type { Desk } from './desk.ts'

/** See {@link Sessions}. */
export function sessionsDesk(_desk: Desk, _parts: { sessions: SessionStore }): Sessions {
  const missing = async (): Promise<never> => {
    throw new AndonError('unsupported', 'Not built yet')
  }
  return {
    sessions: missing,
    session: missing,
    renameSession: missing,
    removeSession: missing,
    restoreSession: missing,
  }
}
