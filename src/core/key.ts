// Keys that let programs and people in. The secret is shown once and kept only as a hash.

/** What a key may be used for. `admin` includes the others. */
export type Scope = 'ask' | 'load' | 'admin'

export interface KeyInfo {
  /** Names it in lists and logs; the secret cannot be told from it. */
  id: string
  name: string
  tenant: string
  scopes: Scope[]
  createdAt: number
  /** Unix ms; never, when absent. */
  expiresAt?: number
  revokedAt?: number
  /** To the nearest minute or so. */
  lastUsedAt?: number
}
