// An OpenAPI service as tools: one for each of its operations.

import { createHash } from 'node:crypto'
import { AndonError } from '../../core/errors.ts'
import type { RemoteDefinition, ToolDescription } from '../definition.ts'
import { Credentials, valueOf } from './auth.ts'
import type { OpenApiAuth, Secret } from './auth.ts'
import { chosen } from './choose.ts'
import type { Candidate, Choice } from './choose.ts'
import { describe, outputOf } from './definition.ts'
import type { DescribedOperation } from './definition.ts'
import { readDocument } from './document.ts'
import type { ApiDocument, Node, ReadOptions } from './document.ts'
import type { ServiceConfig } from './operation.ts'
import { isNode, parts, followed } from './pointers.ts'
import { baseUrlOf } from './servers.ts'
import type { BaseOptions } from './servers.ts'

/** Options of `registerOpenApi`. */
export interface OpenApiOptions extends Choice, BaseOptions, ReadOptions {
  namespace?: string
  auth?: OpenApiAuth
  /** Sent with every request. */
  headers?: Readonly<Record<string, Secret>>
  /** Said about all of the tools; operations add their own tags. */
  defaults?: Pick<ToolDescription, 'tags' | 'limits' | 'mode' | 'enabled' | 'deferred'>
  /** What is said about one operation, by operationId or by method and path (`GET /pets`), instead of what is read. */
  tools?: Readonly<Record<string, Omit<ToolDescription, 'namespace' | 'input' | 'output'>>>
  /**
   * Whether what comes back is checked against the document. Default false: services say more, and less, than their
   * documents do.
   */
  output?: boolean
  /** To the service at once, of each worker. Default 16. */
  connections?: number
  /** Bytes of an answer before it is read as JSON; a longer one fails. Default 8 MiB. */
  maxResponseBytes?: number
}

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch']

/** Longest name that providers take. */
const longestName = 64

type Found = Candidate & DescribedOperation

/**
 * Reads a document and makes a definition of each operation. Fails with `invalid` or `unsupported`, and a sentence, when
 * the document cannot be read, says no server, or has no operations, or when two of them get the same name.
 */
export async function openApiTools(spec: object | string | URL, options: OpenApiOptions): Promise<RemoteDefinition[]> {
  const document = await readDocument(spec, options)
  const { root, address } = document
  const all = operationsOf(document)
  if (all.length === 0) throw new AndonError('invalid', 'The OpenAPI document has no operations: it has no `paths`')
  const wanted = chosen(all, options)
  if (wanted.length === 0) throw new AndonError('invalid', 'All operations are left out: correct `only` and `exclude`')
  checkTools(all, options)

  const credentials = new Credentials(root, options.auth)
  const headers = Object.fromEntries(
    Object.entries(options.headers ?? {}).map(([name, value]) => [name.toLowerCase(), valueOf(value)]),
  )
  const named = serviceName(root, options.namespace)
  const taken = (place: string, name: string): boolean =>
    Object.values(credentials.all).some(
      (each) =>
        each.in === place && (place === 'header' ? each.name.toLowerCase() === name.toLowerCase() : each.name === name),
    ) ||
    (place === 'header' && Object.hasOwn(headers, name.toLowerCase()))
  const secret = options.auth !== undefined || Object.keys(headers).length > 0
  const config = (found: Found): ServiceConfig => ({
    baseUrl: baseUrlOf(found.node['servers'] ?? found.item['servers'] ?? root['servers'], options, address, secret),
    headers,
    credentials: credentials.all,
    connections: options.connections ?? 16,
    maxResponseBytes: options.maxResponseBytes ?? 8 * 2 ** 20,
  })

  const names = new Map<string, string>()
  return wanted.map((found) => {
    const { method, path, operationId, tags, node } = found
    const label = `${method} ${path}`
    const said = (operationId === undefined ? undefined : options.tools?.[operationId]) ?? options.tools?.[label] ?? {}
    const name = said.name ?? nameOf(operationId ?? `${method.toLowerCase()}${path}`, options.namespace)
    const other = names.get(name)
    if (other !== undefined) {
      throw new AndonError(
        'conflict',
        `${other} and ${label} would both be called ${name}: name one of them, as in tools: { '${label}': { name: '…' } }`,
      )
    }
    names.set(name, label)
    const read = describe(document, found, credentials.of(node), taken)
    const output = options.output === true ? outputOf(document, found) : undefined
    return {
      ...options.defaults,
      ...said,
      name,
      ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
      description: said.description ?? read.description,
      input: read.input,
      ...(output ? { output } : {}),
      traits: { ...read.traits, ...said.traits },
      limits: { ...options.defaults?.limits, ...said.limits },
      tags: [...new Set([...(options.defaults?.tags ?? []), ...(said.tags ?? []), ...tags])],
      source: {
        kind: 'openapi',
        connection: { name: named, config: config(found) },
        operation: { ...read.operation, idempotent: said.traits?.idempotent ?? read.operation.idempotent },
      },
    }
  })
}

function operationsOf({ root }: ApiDocument): Found[] {
  return parts(root['paths']).flatMap(([path, described]) => {
    if (!path.startsWith('/')) return []
    const item = itemOf(root, described)
    return methods.flatMap((word) => {
      const node = item[word]
      if (!isNode(node)) return []
      const method = word.toUpperCase()
      if (path.split('/').some((part) => part === '.' || part === '..')) {
        throw new AndonError(
          'invalid',
          `The path of ${method} ${path} leads out of its place: write it without . and ..`,
        )
      }
      const { operationId, tags } = node
      return [
        {
          method,
          path,
          item,
          node,
          ...(typeof operationId === 'string' && operationId !== '' ? { operationId } : {}),
          tags: Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : [],
        },
      ]
    })
  })
}

/** A path may be described elsewhere; what is said beside the reference stays. */
function itemOf(root: Node, described: Node): Node {
  if (typeof described['$ref'] !== 'string') return described
  const { $ref: _, ...beside } = described
  return { ...followed(root, described), ...beside }
}

/** A name that providers take; a long one is cut, and ends with what tells it from others. */
function nameOf(said: string, namespace: string | undefined): string {
  const name = said.replaceAll(/[^A-Za-z0-9_-]+/g, '_').replaceAll(/^_+|_+$/g, '') || 'root'
  const most = longestName - (namespace === undefined ? 0 : namespace.length + 1)
  if (name.length <= most || most < 16) return name
  return `${name.slice(0, most - 7)}_${createHash('sha256').update(said).digest('hex').slice(0, 6)}`
}

function serviceName(root: Node, namespace: string | undefined): string {
  const info = root['info']
  const title = isNode(info) && typeof info['title'] === 'string' ? info['title'].trim() : ''
  return namespace ?? (title === '' ? 'openapi' : title.slice(0, 60))
}

function checkTools(all: readonly Found[], { tools = {} }: OpenApiOptions): void {
  const known = new Set(all.flatMap(({ operationId, method, path }) => [operationId, `${method} ${path}`]))
  for (const name of Object.keys(tools)) {
    if (known.has(name)) continue
    throw new AndonError(
      'invalid',
      `\`tools\` tells of ${name}, which is no operation: give an operationId, or GET /path`,
    )
  }
}
