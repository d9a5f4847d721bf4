// Which documents a search may find, as edition numbers: what the filter allows, less what is removed.

import type { Filter } from '../../core/question.ts'
import type { Database, Value } from './database.ts'
import { editionOf } from './rows.ts'

/** `all` but the removed ones, or only `some`. */
export type Scope = { kind: 'all'; hidden: Set<number> } | { kind: 'some'; editions: Set<number> }

const mostRemembered = 64

/** Works out scopes, and remembers them until something of the tenant changes. */
export class Scopes {
  readonly #db: Database
  readonly #known = new Map<string, { changes: number; scope: Scope }>()

  constructor(db: Database) {
    this.#db = db
  }

  /** A list in a filter that is there but empty allows nothing. */
  of(tenant: number, filter: Filter): Scope {
    const key = `${tenant} ${JSON.stringify([filter.collections, filter.documents, filter.excludeDocuments, filter.metadata])}`
    const changes =
      this.#db.get<{ changes: number }>('SELECT changes FROM tenants WHERE number = ?', tenant)?.changes ?? 0
    const known = this.#known.get(key)
    if (known?.changes === changes) return known.scope
    const scope = this.#read(tenant, filter)
    this.#known.delete(key)
    if (this.#known.size >= mostRemembered) {
      for (const oldest of this.#known.keys()) {
        this.#known.delete(oldest)
        break
      }
    }
    this.#known.set(key, { changes, scope })
    return scope
  }

  #read(tenant: number, filter: Filter): Scope {
    const metadata = Object.entries(filter.metadata ?? {})
    const excluded = filter.excludeDocuments ?? []
    if (filter.collections === undefined && filter.documents === undefined && metadata.length === 0) {
      const hidden = this.#db.all<{ edition: number }>(
        `SELECT edition FROM documents INDEXED BY documents_removed
         WHERE tenant = ?1 AND edition IS NOT NULL AND removed_at IS NOT NULL
         UNION ALL SELECT edition FROM documents
         WHERE tenant = ?1 AND edition IS NOT NULL AND id IN (SELECT value FROM json_each(?2))`,
        tenant,
        JSON.stringify(excluded),
      )
      return { kind: 'all', hidden: new Set(hidden.map(({ edition }) => edition)) }
    }
    const conditions = ['tenant = ?', 'removed_at IS NULL', 'edition IS NOT NULL']
    const values: Value[] = [tenant]
    const among = (column: string, list: string[]) => {
      conditions.push(`${column} IN (SELECT value FROM json_each(?))`)
      values.push(JSON.stringify(list))
    }
    if (filter.collections !== undefined) among('collection', filter.collections)
    if (filter.documents !== undefined) among('id', filter.documents)
    if (excluded.length > 0) {
      conditions.push('id NOT IN (SELECT value FROM json_each(?))')
      values.push(JSON.stringify(excluded))
    }
    for (const [name, value] of metadata) {
      conditions.push(`number IN (SELECT document FROM document_metadata
        WHERE tenant = ? AND name = ? AND value IN (SELECT value FROM json_each(?)))`)
      const list = Array.isArray(value) ? value : [value]
      values.push(tenant, name, JSON.stringify(list.map((each) => JSON.stringify(each))))
    }
    const rows = this.#db.all<{ edition: number }>(
      `SELECT edition FROM documents WHERE ${conditions.join(' AND ')}`,
      ...values,
    )
    return { kind: 'some', editions: new Set(rows.map(({ edition }) => edition)) }
  }
}

export function allows(scope: Scope, row: number): boolean {
  return scope.kind === 'all' ? !scope.hidden.has(editionOf(row)) : scope.editions.has(editionOf(row))
}
