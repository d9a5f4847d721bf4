// Who a service is asked as: secrets, and where they stand in requests.

import { AndonError } from '../../core/errors.ts'
import type { Node } from './document.ts'
import type { Credential } from './operation.ts'
import { followed, isNode, nodes } from './pointers.ts'

/** A secret itself, or the name of the environment variable that has it when the service is registered. */
export type Secret = string | { env: string }

/** One credential for all that a document does not declare open, or one for each of its security schemes by name. */
export type OpenApiAuth =
  | { bearer: Secret }
  | { basic: { username: Secret; password: Secret } }
  | { header: string; value: Secret }
  | { query: string; value: Secret }
  | { schemes: Readonly<Record<string, Secret | { username: Secret; password: Secret }>> }

/** Name of a credential that belongs to no scheme. */
const own = 'auth'

/** The credentials of a service, and which of them an operation needs. */
export class Credentials {
  readonly all: { readonly [scheme: string]: Credential }
  readonly #root: Node
  readonly #bySchemes: boolean

  /** Fails with `invalid` when a scheme is not in the document, or an environment variable is not set. */
  constructor(root: Node, auth: OpenApiAuth | undefined) {
    this.#root = root
    this.#bySchemes = auth !== undefined && 'schemes' in auth
    this.all = auth === undefined ? {} : 'schemes' in auth ? bySchemes(root, auth.schemes) : { [own]: credential(auth) }
  }

  /** None for what is declared open. Of several ways the first whose secrets are all known, else what is known of the first. */
  of(operation: Node): string[] {
    const ways = operation['security'] ?? this.#root['security']
    if (!this.#bySchemes) {
      const open = Array.isArray(ways) && ways.length === 0
      return open ? [] : Object.keys(this.all)
    }
    const known = nodes(ways).map((way) => Object.keys(way))
    const whole = known.find((names) => names.length > 0 && names.every((name) => name in this.all))
    return whole ?? (known[0] ?? []).filter((name) => name in this.all)
  }
}

function bySchemes(
  root: Node,
  given: Readonly<Record<string, Secret | { username: Secret; password: Secret }>>,
): Record<string, Credential> {
  const components = root['components']
  const described = isNode(components) && isNode(components['securitySchemes']) ? components['securitySchemes'] : {}
  return Object.fromEntries(
    Object.entries(given).map(([name, secret]) => {
      if (!Object.hasOwn(described, name)) {
        const names = Object.keys(described)
        const there = names.length > 0 ? `there are ${names.join(', ')}` : 'it has none'
        throw new AndonError('invalid', `The OpenAPI document has no security scheme ${name}: ${there}`)
      }
      return [name, placed(name, followed(root, described[name]), secret)]
    }),
  )
}

function placed(name: string, scheme: Node, secret: Secret | { username: Secret; password: Secret }): Credential {
  const { type, in: place, name: key } = scheme
  const kind = typeof scheme['scheme'] === 'string' ? scheme['scheme'] : 'bearer'
  const basic = type === 'http' && kind.toLowerCase() === 'basic'
  const pair = typeof secret === 'object' && 'username' in secret
  if (basic !== pair) {
    const wanted = basic ? '{ username, password }' : 'one secret'
    throw new AndonError('invalid', `The security scheme ${name} takes ${wanted}: correct auth.schemes.${name}`)
  }
  if (pair) return credential({ basic: secret })
  if (type === 'apiKey' && typeof key === 'string' && (place === 'header' || place === 'query' || place === 'cookie')) {
    return { in: place, name: key, value: valueOf(secret) }
  }
  if (type === 'http' && kind.toLowerCase() !== 'bearer') {
    return { in: 'header', name: 'authorization', value: `${kind} ${valueOf(secret)}` }
  }
  if (type === 'mutualTLS') {
    throw new AndonError('unsupported', `The security scheme ${name} is a certificate, which cannot be given`)
  }
  return credential({ bearer: secret })
}

function credential(auth: Exclude<OpenApiAuth, { schemes: unknown }>): Credential {
  if ('bearer' in auth) return { in: 'header', name: 'authorization', value: `Bearer ${valueOf(auth.bearer)}` }
  if ('basic' in auth) {
    const pair = `${valueOf(auth.basic.username)}:${valueOf(auth.basic.password)}`
    return { in: 'header', name: 'authorization', value: `Basic ${Buffer.from(pair).toString('base64')}` }
  }
  if ('header' in auth) return { in: 'header', name: auth.header.toLowerCase(), value: valueOf(auth.value) }
  if ('query' in auth) return { in: 'query', name: auth.query, value: valueOf(auth.value) }
  throw new AndonError(
    'invalid',
    'auth is none of { bearer }, { basic }, { header, value }, { query, value }, { schemes }',
  )
}

/** Headers may have secrets in them as well. */
export function valueOf(secret: Secret): string {
  if (typeof secret === 'string') return sendable(secret, 'A secret')
  const value = process.env[secret.env]
  if (value === undefined || value === '') {
    throw new AndonError('invalid', `The environment variable ${secret.env} is not set: set it, or name another`)
  }
  return sendable(value, `The environment variable ${secret.env}`)
}

function sendable(value: string, whose: string): string {
  if (/^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(value)) return value
  throw new AndonError('invalid', `${whose} has a line break or characters beyond Latin-1, which no header takes`)
}
