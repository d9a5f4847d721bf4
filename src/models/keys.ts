// Where a key stands in a request: always in a header, never in the address, which is logged on its way.

import type { Protocol } from './profiles.ts'

/** `authorization` carries `Bearer KEY`; the others the key alone. */
export type KeyHeader = 'authorization' | 'x-api-key' | 'x-goog-api-key'

/** The header that a protocol wants its key in. */
export function keyHeaderOf(protocol: Protocol): KeyHeader {
  if (protocol === 'anthropic') return 'x-api-key'
  return protocol === 'gemini' ? 'x-goog-api-key' : 'authorization'
}

/** The header with the key in it; none without a key. */
export function keyHeaders(header: KeyHeader, key: string | undefined): Record<string, string> {
  if (key === undefined) return {}
  return { [header]: header === 'authorization' ? `Bearer ${key}` : key }
}
