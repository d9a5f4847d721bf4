// Which requests are for a model as it is: by their path alone, so that all others cost nothing more than before.

import type { IncomingMessage } from 'node:http'
import { passedPaths } from '../../router/wire/pass.ts'
import type { Ability } from '../../router/endpoint.ts'

/** What a request asks of a model. */
export interface ModelPath {
  ability: Ability
  /** Below the version, as endpoints know it. */
  path: string
  /** The pattern, for metrics. */
  route: string
}

const known = new Map<string, ModelPath>(
  [...passedPaths].flatMap(([path, ability]) => {
    const versions = path === '/rerank' ? ['/v1', '/v2'] : ['/v1']
    return versions.map((version) => [version + path, { ability, path, route: version + path }] as const)
  }),
)

/** The paths, with their version. */
export const modelPaths: readonly string[] = [...known.keys()]

/** What a request asks of a model; undefined when it is for somebody else. */
export function modelPathOf({ method, url = '/' }: IncomingMessage): ModelPath | undefined {
  if (method !== 'POST') return undefined
  const end = url.indexOf('?')
  const path = end === -1 ? url : url.slice(0, end)
  return known.get(path.endsWith('/') ? path.slice(0, -1) : path)
}
