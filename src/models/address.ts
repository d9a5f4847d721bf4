// Turns what people write as a server's address into the one its paths are joined to.

import { AndonError } from '../core/errors.ts'

/** Paths that people copy along with the address. */
const tails = /\/(chat\/completions|completions|embeddings|models|rerank|embed|messages)$/

/**
 * The base address for `setting`, which is the name of the option or variable it came from.
 * A trailing slash and a copied endpoint path are dropped. With `version`, an address without any path gets it
 * (`http://127.0.0.1:8000` becomes `http://127.0.0.1:8000/v1`); an address with a path of its own is left alone.
 * The query stays: some providers want their version there.
 */
export function baseAddress(value: string, setting: string, version?: string): URL {
  const text = value.trim()
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.hostname === '')
    throw new AndonError('invalid', `${setting} is "${shown(text)}", which is no http or https address.`)
  if (url.username !== '' || url.password !== '')
    throw new AndonError(
      'invalid',
      `${setting} holds a user name or password: take it out of the address and give the key by its own setting.`,
    )
  url.hash = ''
  url.pathname = url.pathname.replace(/\/+$/, '').replace(tails, '').replace(/\/+$/, '')
  if (version !== undefined && url.pathname === '/') url.pathname = version
  return url
}

/** Path and query for a request below a base address; a query of the path's own comes before the base's. */
export function pathBelow(base: URL, path: string): string {
  const query = path.includes('?') ? base.search.replace('?', '&') : base.search
  return base.pathname.replace(/\/+$/, '') + path + query
}

/** An address as it may stand in a message: without its query, which may hold keys. */
export function shownAddress(base: URL): string {
  return base.origin + (base.pathname === '/' ? '' : base.pathname)
}

/** An address that did not parse may still hold a password. */
function shown(text: string): string {
  return text.replace(/\/\/[^/@\s]*@/, '//…@').slice(0, 200)
}
