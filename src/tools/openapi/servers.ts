// The base URL of a service: given, or the first of its servers with its variables filled in.

import { AndonError } from '../../core/errors.ts'
import type { Plain } from '../../core/plain.ts'
import { isNode, nodes } from './pointers.ts'

export interface BaseOptions {
  /**
   * Default: the first of the document's servers, seen from where the document was fetched. With secrets it must be given
   * unless that has the origin of the document.
   */
  baseUrl?: string | URL
  /** Values of the variables of a server's address. Default: those of the document. */
  variables?: Readonly<Record<string, string>>
}

/**
 * The base URL without a slash at its end. Fails with `invalid` when there is none, or one that nothing can be added to;
 * with `secret`, when only the document says where the service is, and that is not where the document itself is from.
 */
export function baseUrlOf(
  servers: Plain | undefined,
  { baseUrl, variables = {} }: BaseOptions,
  address: URL | undefined,
  secret: boolean,
): string {
  if (baseUrl !== undefined) return checked(String(baseUrl), undefined)
  const [first] = nodes(servers)
  const template = typeof first?.['url'] === 'string' ? first['url'] : '/'
  if (!first && !address) throw missing('The OpenAPI document names no server')
  const found = checked(filledIn(template, first?.['variables'], variables), address)
  const { origin } = new URL(found)
  if (!secret || origin === address?.origin) return found
  throw new AndonError(
    'invalid',
    `The OpenAPI document wants requests to go to ${origin}, and secrets go only where you say: give baseUrl, as in baseUrl: '${found}' if that is right`,
  )
}

function filledIn(template: string, described: Plain | undefined, given: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{([^{}]+)\}/g, (_, name: string) => {
    const variable = isNode(described) ? described[name] : undefined
    const { enum: allowed, default: fallback } = isNode(variable) ? variable : {}
    const value = given[name] ?? fallback
    if (typeof value !== 'string') {
      throw new AndonError(
        'invalid',
        `The server ${template} has a variable ${name} without a value: give it in \`variables\``,
      )
    }
    if (Array.isArray(allowed) && !allowed.includes(value)) {
      throw new AndonError(
        'invalid',
        `The variable ${name} of the server ${template} is one of ${allowed.join(', ')}, not ${value}`,
      )
    }
    return value
  })
}

function checked(text: string, address: URL | undefined): string {
  const url = URL.parse(text, address?.href)
  if (!url) throw missing(`The server ${text} of the OpenAPI document is no whole address`)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new AndonError('invalid', `The base URL ${text} is none of http or https`)
  }
  if (url.username !== '' || url.password !== '') {
    throw new AndonError('invalid', `The base URL at ${url.host} has a user in it: give auth: { basic: … } instead`)
  }
  if (url.search !== '' || url.hash !== '') {
    throw new AndonError('invalid', `The base URL ${text} has a query or a fragment: give it without`)
  }
  return url.href.replace(/\/+$/, '')
}

function missing(why: string): AndonError {
  return new AndonError('invalid', `${why}: say where the service is, as in baseUrl: 'https://api.example.com/v1'`)
}
