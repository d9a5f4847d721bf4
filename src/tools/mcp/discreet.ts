// What a server is reached with is not told: its failures are, without the secrets that it or its wire repeats.

import { AndonError } from '../../core/errors.ts'
import { callFailed, failureOf } from '../failure.ts'
import { withoutSecrets } from '../secrets.ts'
import type { McpReach } from './server.ts'

/** Values of headers, of the environment that is given, and of the address's query. */
export function secretsOf({ program, address }: Pick<McpReach, 'program' | 'address'>): string[] {
  const query = address ? new URL(address.url).searchParams.values() : []
  return [...Object.values(program?.env ?? {}), ...Object.values(address?.headers ?? {}), ...query]
}

/** The same failure; one that tells a secret is made anew without it, and without its cause. */
export function discreet(reason: unknown, secrets: readonly string[]): unknown {
  const { sentence } = AndonError.from(reason)
  const message = withoutSecrets(sentence, secrets)
  return message === sentence ? reason : callFailed({ ...failureOf(reason), message })
}
