// Reads an OpenAPI document, JSON or YAML, from an object, a file or an address: whole, bounded in size and time, with
// what it refers to elsewhere brought in, and checked against the rules of its version.

import { readFile, stat } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { request } from 'undici'
import type { Dispatcher } from 'undici'
import { AndonError } from '../../core/errors.ts'
import type { Plain } from '../../core/plain.ts'
import { followed, parts } from './pointers.ts'

/** A part of a document. */
export type Node = { readonly [key: string]: Plain | undefined }

export interface ReadOptions {
  /** Milliseconds to read it, with all that it refers to. Default 30,000. */
  readMs?: number
  /** Bytes of each file of it. Default 16 MiB. */
  maxDocumentBytes?: number
  /** Whether what it refers to may be fetched over the network. Default false. */
  remoteRefs?: boolean
  signal?: AbortSignal
}

export interface ApiDocument {
  root: Node
  /** Where it was fetched from; of a file or an object undefined. */
  address?: URL
  /** Whether it is of OpenAPI 3.0, whose schemas have words of their own. */
  old: boolean
}

/** Values in one document. A few lines of YAML can mean billions of them. */
const mostValues = 5_000_000

/** Reads a document. Fails with `invalid` in a sentence when it is none, or of a version that is not read. */
export async function readDocument(spec: object | string | URL, options: ReadOptions): Promise<ApiDocument> {
  const where = typeof spec === 'string' || spec instanceof URL ? placeOf(spec) : undefined
  const said = where === undefined ? 'The OpenAPI document' : `The OpenAPI document ${shownUrl(where)}`
  const reader = new Reader(where, options)
  // One after the other: the second requires the first, which has to be there.
  const { $RefParser } = await import('@apidevtools/json-schema-ref-parser')
  const { default: SwaggerParser } = await import('@apidevtools/swagger-parser')
  const resolve = { file: false, http: false, andon: { order: 1, canRead: true, read: reader.read } }
  const parse = {
    json: false,
    yaml: false,
    text: false,
    binary: false,
    andon: { order: 1, canParse: true, parse: parsed },
  }
  let root: Node
  try {
    // An object is not changed, and is plain from here on.
    const given = where?.href ?? (copied(spec as object) as Record<string, never>)
    const parser = new $RefParser()
    root = (await parser.bundle(given, { resolve, parse } as never)) as unknown as Node
  } catch (reason) {
    throw reader.failure ?? new AndonError('invalid', `${said} cannot be read: ${firstLine(reason)}`, { cause: reason })
  }
  if (typeof root !== 'object' || root === null) throw new AndonError('invalid', `${said} is no OpenAPI document`)
  const version = versionOf(root, said)
  try {
    await SwaggerParser.validate(withItems(root) as never, {
      resolve: { external: false },
      // What is referred to is checked where it stands; put in place it could grow without end.
      dereference: { excludedPathMatcher: () => true },
      validate: { schema: true, spec: false },
    })
  } catch (reason) {
    throw new AndonError('invalid', `${said} is no correct OpenAPI ${version}: ${problemsOf(reason)}`, {
      cause: reason,
    })
  }
  return {
    root,
    old: version.startsWith('3.0'),
    ...(where !== undefined && where.protocol !== 'file:' ? { address: where } : {}),
  }
}

/** A copy, with the paths that are described elsewhere in their place: where they stand is not checked. */
function withItems(root: Node): unknown {
  const copy = structuredClone(root) as { paths?: Record<string, Node> }
  for (const [path, item] of parts(copy.paths)) {
    if (copy.paths && typeof item['$ref'] === 'string') {
      const { $ref: _, ...beside } = item
      copy.paths[path] = { ...followed(root, item), ...beside }
    }
  }
  return copy
}

function versionOf(root: Node, said: string): string {
  const { swagger, openapi } = root
  if (swagger !== undefined) {
    throw new AndonError(
      'unsupported',
      `${said} is of Swagger ${typeof swagger === 'string' ? swagger : JSON.stringify(swagger)}, which is not read: convert it to OpenAPI 3 (editor.swagger.io does)`,
    )
  }
  if (typeof openapi === 'string' && /^3\.[01]\.\d+/.test(openapi)) return openapi
  const what = openapi === undefined ? 'says no version' : `is of OpenAPI ${JSON.stringify(openapi)}`
  throw new AndonError('unsupported', `${said} ${what}: give one of OpenAPI 3.0 or 3.1`)
}

/** Reads files and addresses, the first one and those that it refers to. */
class Reader {
  /** What went wrong, in our own words. */
  failure: AndonError | undefined
  readonly #first: URL | undefined
  readonly #options: ReadOptions
  readonly #signal: AbortSignal

  constructor(first: URL | undefined, options: ReadOptions) {
    this.#first = first
    this.#options = options
    const late = AbortSignal.timeout(options.readMs ?? 30_000)
    this.#signal = options.signal ? AbortSignal.any([options.signal, late]) : late
  }

  readonly read = async ({ url }: { url: string }): Promise<Buffer> => {
    try {
      const where = placeOf(url)
      if (url !== this.#first?.href) this.#allow(where)
      return await this.#bytes(where)
    } catch (reason) {
      this.failure ??= AndonError.from(reason, 'invalid')
      throw reason
    }
  }

  #allow(where: URL): void {
    const fromFile = this.#first?.protocol === 'file:'
    if (where.protocol === 'file:' ? fromFile : this.#options.remoteRefs === true) return
    throw new AndonError(
      'forbidden',
      where.protocol === 'file:'
        ? `The OpenAPI document refers to the file ${shownUrl(where)}: only one that is a file may do so`
        : `The OpenAPI document refers to ${shownUrl(where)}, which is fetched only with remoteRefs: true`,
    )
  }

  async #bytes(where: URL): Promise<Buffer> {
    const most = this.#options.maxDocumentBytes ?? 16 * 2 ** 20
    const tooLong = (): AndonError =>
      new AndonError('too-large', `${shownUrl(where)} has more than ${most} bytes: raise maxDocumentBytes`)
    if (where.protocol === 'file:') {
      try {
        if ((await stat(where)).size > most) throw tooLong()
        return await readFile(where, { signal: this.#signal })
      } catch (reason) {
        throw reason instanceof AndonError ? reason : unread(where, reason)
      }
    }
    let next = where
    for (let hop = 0; hop < 5; hop += 1) {
      const { statusCode, headers, body } = await this.#asked(next)
      const to = headers['location']
      if (statusCode >= 301 && statusCode <= 308 && typeof to === 'string') {
        await body.dump().catch(() => {})
        next = new URL(to, next)
        if (next.origin !== where.origin) {
          throw new AndonError('forbidden', `${shownUrl(where)} leads on to ${next.origin}: give that address itself`)
        }
        continue
      }
      if (statusCode !== 200) {
        await body.dump().catch(() => {})
        throw new AndonError('unavailable', `${shownUrl(where)} answered ${statusCode} instead of an OpenAPI document`)
      }
      const chunks: Buffer[] = []
      let size = 0
      try {
        for await (const chunk of body as AsyncIterable<Buffer>) {
          size += chunk.length
          if (size > most) throw tooLong()
          chunks.push(chunk)
        }
      } catch (reason) {
        throw reason instanceof AndonError ? reason : unread(where, reason)
      }
      return Buffer.concat(chunks)
    }
    throw new AndonError('invalid', `${shownUrl(where)} leads on again and again: give the address where it ends`)
  }

  async #asked(where: URL): Promise<Dispatcher.ResponseData> {
    try {
      return await request(where, {
        headers: { accept: 'application/json, application/yaml, */*;q=0.5', 'user-agent': 'andon' },
        signal: this.#signal,
      })
    } catch (reason) {
      throw unread(where, this.#signal.aborted ? this.#signal.reason : reason)
    }
  }
}

function unread(where: URL, reason: unknown): AndonError {
  const error = AndonError.from(reason, 'invalid')
  const why = error.code === 'deadline' ? 'it takes too long, raise readMs' : firstLine(error.sentence)
  return new AndonError(error.code, `${shownUrl(where)} cannot be read: ${why}`, { cause: reason })
}

/** JSON or YAML, by what it looks like: names of files and addresses often do not say. */
async function parsed({ data }: { data: unknown }): Promise<unknown> {
  const text = String(data)
  const value: unknown = /^\s*[{[]/.test(text) ? json(text) : await yaml(text)
  count(value)
  return value
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function yaml(text: string): Promise<unknown> {
  const { CORE_SCHEMA, load } = await import('js-yaml')
  return load(text, { schema: CORE_SCHEMA })
}

function count(value: unknown): void {
  let left = mostValues
  const go = (each: unknown, depth: number): void => {
    if (--left < 0 || depth > 500) throw new AndonError('too-large', 'The OpenAPI document means too much to be read')
    if (typeof each === 'object' && each !== null) for (const inner of Object.values(each)) go(inner, depth + 1)
  }
  go(value, 0)
}

function copied(spec: object): unknown {
  try {
    return JSON.parse(JSON.stringify(spec))
  } catch (reason) {
    throw new AndonError(
      'invalid',
      'The OpenAPI document is no plain JSON: give it as it was written, with its $refs',
      {
        cause: reason,
      },
    )
  }
}

function placeOf(spec: string | URL): URL {
  const url = spec instanceof URL ? spec : (URL.parse(spec) ?? pathToFileURL(spec))
  if (['file:', 'http:', 'https:'].includes(url.protocol)) return url
  throw new AndonError('invalid', `An OpenAPI document is not read from ${url.protocol}: give a file, or http or https`)
}

/** Without what may be secret in it. */
function shownUrl(url: URL): string {
  return url.protocol === 'file:' ? decodeURIComponent(url.pathname) : `${url.origin}${url.pathname}`
}

/** The first few problems: the deepest, which say most. */
function problemsOf(reason: unknown): string {
  const details: unknown = (reason as { details?: unknown }).details
  if (!Array.isArray(details)) return firstLine(reason)
  const deep = (details as { instancePath?: string; message?: string }[])
    .map(({ instancePath = '', message = '' }) => ({ path: instancePath, message }))
    .sort((one, other) => other.path.split('/').length - one.path.split('/').length)
  const said = deep.map(({ path, message }) => `${path === '' ? 'the whole' : `#${path}`} ${message}`)
  return [...new Set(said)].slice(0, 3).join('; ')
}

function firstLine(reason: unknown): string {
  const message =
    reason instanceof AndonError ? reason.sentence : reason instanceof Error ? reason.message : String(reason)
  return (message.split('\n', 1)[0] ?? '').slice(0, 300)
}
