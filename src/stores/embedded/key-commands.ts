// Keys: found by the hash of their secret, which itself is nowhere.

import { AndonError } from '../../core/errors.ts'
import type { KeyInfo, Scope } from '../../core/key.ts'
import type { ReadContext, WriteContext } from './context.ts'
import type { Database } from './database.ts'
import { ensureTenant, tenantNumber } from './tenants.ts'

interface KeyRow {
  id: string
  tenant_name: string
  name: string
  scopes: string
  created_at: number
  expires_at: number | null
  revoked_at: number | null
  last_used_at: number | null
}

const selectKey = 'SELECT k.*, t.name AS tenant_name FROM keys k JOIN tenants t ON t.number = k.tenant'

/** See {@link KeyStore.create}. */
export function createKey({ db }: WriteContext, { key, hash }: { key: KeyInfo; hash: string }): void {
  if (db.get('SELECT 1 FROM keys WHERE id = ? OR hash = ?', key.id, hash))
    throw new AndonError('conflict', `There is a key ${key.id}, or one with its secret, already: make another one`)
  db.run(
    `INSERT INTO keys (id, tenant, name, scopes, hash, created_at, expires_at, revoked_at, last_used_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    key.id,
    ensureTenant(db, key.tenant),
    key.name,
    JSON.stringify(key.scopes),
    hash,
    key.createdAt,
    key.expiresAt,
    key.revokedAt,
    key.lastUsedAt,
  )
}

/** See {@link KeyStore.list}. */
export function listKeys({ db }: ReadContext, { tenant }: { tenant: string }): KeyInfo[] {
  return db.all<KeyRow>(`${selectKey} WHERE k.tenant = ? ORDER BY k.number DESC`, tenantNumber(db, tenant)).map(keyInfo)
}

/** See {@link KeyStore.revoke}. One that is revoked already stays so since then. */
export function revokeKey(
  { db }: WriteContext,
  input: { tenant: string; id: string; at: number },
): KeyInfo | undefined {
  db.run(
    'UPDATE keys SET revoked_at = coalesce(revoked_at, ?) WHERE tenant = ? AND id = ?',
    input.at,
    tenantNumber(db, input.tenant),
    input.id,
  )
  return keyOf(db, 'k.tenant = ? AND k.id = ?', tenantNumber(db, input.tenant), input.id)
}

/** See {@link KeyStore.find}. */
export function findKey({ db }: ReadContext, { hash }: { hash: string }): KeyInfo | undefined {
  return keyOf(db, 'k.hash = ?', hash)
}

/** See {@link KeyStore.used}. */
export function usedKeys({ db }: WriteContext, { uses }: { uses: { id: string; at: number }[] }): void {
  for (const { id, at } of uses)
    db.run('UPDATE keys SET last_used_at = max(coalesce(last_used_at, 0), ?) WHERE id = ?', at, id)
}

/** See {@link KeyStore.count}. */
export function countKeys({ db }: ReadContext, _input: null): number {
  return db.get<{ keys: number }>('SELECT count(*) AS keys FROM keys WHERE revoked_at IS NULL')?.keys ?? 0
}

function keyOf(db: Database, condition: string, ...values: (string | number | undefined)[]): KeyInfo | undefined {
  const row = db.get<KeyRow>(`${selectKey} WHERE ${condition}`, ...values)
  return row && keyInfo(row)
}

function keyInfo(row: KeyRow): KeyInfo {
  return {
    id: row.id,
    name: row.name,
    tenant: row.tenant_name,
    scopes: JSON.parse(row.scopes) as Scope[],
    createdAt: row.created_at,
    ...(row.expires_at === null ? {} : { expiresAt: row.expires_at }),
    ...(row.revoked_at === null ? {} : { revokedAt: row.revoked_at }),
    ...(row.last_used_at === null ? {} : { lastUsedAt: row.last_used_at }),
  }
}
