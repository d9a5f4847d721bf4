// Which operations of a document become tools, by patterns.

import { AndonError } from '../../core/errors.ts'
import { glob } from '../glob.ts'

/** An operation as patterns see it. */
export interface Candidate {
  /** In capital letters. */
  method: string
  path: string
  operationId?: string
  tags: readonly string[]
}

export interface Choice {
  /**
   * Patterns, where `*` stands for anything: of operationIds (`getPet`, `get*`), tags (`tag:pets`), paths (`/pets/*`), or
   * methods and paths (`GET /pets/*`). Default: all operations.
   */
  only?: readonly string[]
  /** Patterns of operations that are left out, also when `only` names them. */
  exclude?: readonly string[]
}

/** Those that were chosen, in their order. Fails with `invalid` for a pattern that fits nothing: it may be a slip. */
export function chosen<Each extends Candidate>(all: readonly Each[], { only, exclude = [] }: Choice): Each[] {
  const fits = (patterns: readonly string[], option: string): Set<Each> =>
    new Set(
      patterns.flatMap((pattern) => {
        const found = all.filter(matcher(pattern))
        if (found.length > 0) return found
        const names = all.slice(0, 10).map(({ operationId, method, path }) => operationId ?? `${method} ${path}`)
        const more = all.length > names.length ? ` and ${all.length - names.length} more` : ''
        throw new AndonError(
          'invalid',
          `The pattern ${JSON.stringify(pattern)} of \`${option}\` fits no operation: there are ${names.join(', ')}${more}`,
        )
      }),
    )
  const wanted = only === undefined ? new Set(all) : fits(only, 'only')
  const unwanted = fits(exclude, 'exclude')
  return all.filter((each) => wanted.has(each) && !unwanted.has(each))
}

function matcher(pattern: string): (candidate: Candidate) => boolean {
  if (pattern.startsWith('tag:')) {
    const fits = glob(pattern.slice('tag:'.length))
    return ({ tags }) => tags.some(fits)
  }
  const [method = '', path] = pattern.split(/ +(?=[/*])/, 2)
  if (pattern.startsWith('/')) return (candidate) => glob(pattern)(candidate.path)
  if (path !== undefined) {
    const [ofMethod, ofPath] = [glob(method.toUpperCase()), glob(path)]
    return (candidate) => ofMethod(candidate.method) && ofPath(candidate.path)
  }
  const fits = glob(pattern)
  return ({ operationId }) => operationId !== undefined && fits(operationId)
}
