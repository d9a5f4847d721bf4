// Keys that stand in a file or in the environment, for a gateway that has no store of its own. Only their hashes are kept
// in memory, and a secret is compared by its hash alone.

import { createHash } from 'node:crypto'
import { z } from 'zod'
import { AndonError } from '../../core/errors.ts'
import type { KeyInfo } from '../../core/key.ts'

const hash = z.string().regex(/^[0-9a-f]{64}$/i, 'it must be 64 hexadecimal digits')

const keySchema = z
  .strictObject({
    name: z.string().min(1).max(100).describe('Names it in records and logs.'),
    key: z.string().min(8, 'it must have at least 8 characters').optional().describe('The secret.'),
    sha256: hash.optional().describe('The SHA-256 of the secret in hexadecimal, in its place.'),
    tenant: z.string().min(1).max(200).default('default').describe('Whose budget pays.'),
    scopes: z
      .array(z.enum(['ask', 'admin']))
      .default(['ask'])
      .describe('admin sees metrics and the router.'),
  })
  .refine(({ key, sha256 }) => (key === undefined) !== (sha256 === undefined), 'it must have either key or sha256')

/** A key as its owner writes it down. */
export type StaticKey = z.input<typeof keySchema>

/** Finds whose a secret is. */
export interface StaticKeys {
  /** How many there are. */
  readonly size: number
  keyOf(secret: string): Promise<KeyInfo | undefined>
}

/** Takes the keys in. `origin` says where they stand. Throws `invalid`, which never repeats a secret. */
export function openStaticKeys(given: unknown, origin: string): StaticKeys {
  const parsed = z.array(keySchema).safeParse(given)
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${placeOf(path)}: ${message}`)
    throw new AndonError('invalid', `The keys in ${origin} cannot be used: ${problems.join('; ')}.`)
  }
  const keys = new Map<string, KeyInfo>()
  for (const { name, key, sha256, tenant, scopes } of parsed.data) {
    const digest = sha256?.toLowerCase() ?? digestOf(key ?? '')
    if (keys.has(digest)) throw new AndonError('invalid', `The key "${name}" in ${origin} is there twice.`)
    keys.set(digest, { id: `static:${name}`, name, tenant, scopes, createdAt: 0 })
  }
  return {
    size: keys.size,
    keyOf: async (secret) => keys.get(digestOf(secret)),
  }
}

/**
 * The keys in a variable of the environment: `name=secret`, with commas between. They may ask. Throws `invalid` for one
 * without a name, and does not repeat it: it may be a secret.
 */
export function keysIn(variable: string): StaticKey[] {
  return variable
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
    .map((each, index) => {
      const at = each.indexOf('=')
      if (at > 0) return { name: each.slice(0, at), key: each.slice(at + 1) }
      throw new AndonError(
        'invalid',
        `Key ${index + 1} in ANDON_GATEWAY_KEYS has no name: write name=secret, with commas between several.`,
      )
    })
}

/** Which key of the list, and what of it; people count from 1. */
function placeOf([index, ...field]: readonly PropertyKey[]): string {
  if (typeof index !== 'number') return 'the list'
  return `key ${index + 1}${field.length === 0 ? '' : ` (${field.join('.')})`}`
}

function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}
