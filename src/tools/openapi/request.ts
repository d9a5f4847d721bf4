// From the arguments of a call to a request: nothing in them can lead away from the base URL of the service.

import { AndonError } from '../../core/errors.ts'
import { bodyOf } from './body.ts'
import type { Credential, Operation, Parameter, ServiceConfig } from './operation.ts'
import { cookiePairs, escaped, headerValue, pathValue, queryPairs } from './styles.ts'

/** A request as it is sent. */
export interface ServiceRequest {
  method: string
  /** From the root of the origin, with the query. */
  path: string
  headers: Record<string, string>
  body: string | Buffer | null
}

/** Makes requests of arguments. What does not depend on them is done once. */
export class RequestMaker {
  readonly #method: string
  readonly #basePath: string
  readonly #segments: readonly (string | Parameter)[]
  readonly #query: readonly Parameter[]
  readonly #headers: readonly Parameter[]
  readonly #cookies: readonly Parameter[]
  readonly #body: Operation['body']
  readonly #fixedHeaders: Record<string, string>
  readonly #fixedQuery: string
  readonly #fixedCookies: string

  constructor(operation: Operation, { baseUrl, headers, credentials }: ServiceConfig) {
    const { method, path, parameters, body } = operation
    const at = (place: Parameter['in']): Parameter[] => parameters.filter((each) => each.in === place)
    const secrets = operation.credentials.flatMap((name) => credentials[name] ?? [])
    const among = (place: Credential['in']): Credential[] => secrets.filter((each) => each.in === place)
    const pairs = (those: Credential[], between: string): string =>
      those.map(({ name, value }) => `${escaped(name)}=${escaped(value)}`).join(between)
    const { pathname } = new URL(baseUrl)
    this.#method = method
    this.#basePath = pathname === '/' ? '' : pathname
    this.#segments = segmentsOf(path, at('path'))
    this.#query = at('query')
    this.#headers = at('header')
    this.#cookies = at('cookie')
    this.#body = body
    this.#fixedQuery = pairs(among('query'), '&')
    this.#fixedCookies = pairs(among('cookie'), '; ')
    this.#fixedHeaders = { accept: 'application/json, */*;q=0.5', 'user-agent': 'andon', ...headers }
    for (const { name, value } of among('header')) this.#fixedHeaders[name.toLowerCase()] = value
  }

  /** Fails with `invalid` when an argument cannot stand where it has to. */
  make(given: { readonly [argument: string]: unknown }): ServiceRequest {
    let path = this.#basePath
    for (const segment of this.#segments) {
      path += typeof segment === 'string' ? segment : pathValue(segment, given[segment.argument])
    }
    if (this.#segments.length > 1) refuseDots(path)
    const query = this.#query.flatMap((each) => queryPairs(each, given[each.argument]))
    if (this.#fixedQuery !== '') query.push(this.#fixedQuery)
    if (query.length > 0) path += `?${query.join('&')}`

    const headers = { ...this.#fixedHeaders }
    for (const each of this.#headers) {
      const value = given[each.argument]
      if (value !== undefined && value !== null) headers[each.name.toLowerCase()] = headerValue(each, value)
    }
    if (this.#cookies.length > 0 || this.#fixedCookies !== '') {
      const cookies = this.#cookies.flatMap((each) => cookiePairs(each, given[each.argument]))
      if (this.#fixedCookies !== '') cookies.push(this.#fixedCookies)
      if (cookies.length > 0) headers['cookie'] = cookies.join('; ')
    }
    const body = this.#body && bodyOf(this.#body, given)
    if (body) headers['content-type'] = body.mediaType
    return { method: this.#method, path, headers, body: body?.content ?? null }
  }
}

/** The path as it is written, and the parameters in between. */
function segmentsOf(path: string, parameters: readonly Parameter[]): (string | Parameter)[] {
  return path
    .split(/(\{[^{}]+\})/)
    .map((text) => {
      const parameter = parameters.find(({ name }) => text === `{${name}}`)
      return parameter ?? text.replaceAll(/[^A-Za-z0-9\-._~:/@!$&'()*+,;=%]/g, (each) => encodeURIComponent(each))
    })
    .filter((segment) => segment !== '')
}

/** `.` and `..` are not escaped, and mean another place than the one that was described. */
function refuseDots(path: string): void {
  if (!path.includes('.')) return
  if (path.split('/').some((segment) => segment === '.' || segment === '..')) {
    throw new AndonError(
      'invalid',
      'An argument makes . or .. of a part of the path, which leads elsewhere: give another',
    )
  }
}
