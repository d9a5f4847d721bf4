// The ledger: sums of what was used, and writes that are done once.

import { AndonError } from '../../core/errors.ts'
import type { Plain } from '../../core/plain.ts'
import type { Ledger } from '../store.ts'
import type { ReadContext, WriteContext } from './context.ts'
import type { Database } from './database.ts'
import { ensureTenant, tenantNumber } from './tenants.ts'

interface Account {
  tenant: string
  what: string
  period: string
}

/** See {@link Ledger.spend}. */
export function spend(
  { db }: WriteContext,
  { amount, limit, ...account }: Account & { amount: number; limit: number | undefined },
): { sum: number; spent: boolean } {
  if (!Number.isSafeInteger(amount))
    throw new AndonError('invalid', `The amount ${amount} of ${account.what} must be a whole number`)
  const before = sumOf(db, account)
  const sum = Math.max(0, before + amount)
  if (amount > 0 && limit !== undefined && sum > limit) return { sum: before, spent: false }
  db.run(
    'INSERT OR REPLACE INTO spendings VALUES (?, ?, ?, ?)',
    ensureTenant(db, account.tenant),
    account.what,
    account.period,
    sum,
  )
  return { sum, spent: true }
}

/** See {@link Ledger.spent}. */
export function spent({ db }: ReadContext, account: Account): number {
  return sumOf(db, account)
}

function sumOf(db: Database, { tenant, what, period }: Account): number {
  const row = db.get<{ sum: number }>(
    'SELECT sum FROM spendings WHERE tenant = ? AND what = ? AND period = ?',
    tenantNumber(db, tenant),
    what,
    period,
  )
  return row?.sum ?? 0
}

interface ClaimRow {
  fingerprint: string
  reply: string | null
  until: number
}

/** See {@link Ledger.claim}. */
export function claimOnce(
  { db, now }: WriteContext,
  input: { tenant: string; key: string; fingerprint: string; holdMs: number },
): Awaited<ReturnType<Ledger['claim']>> {
  const tenant = ensureTenant(db, input.tenant)
  const known = db.get<ClaimRow>(
    'SELECT fingerprint, reply, until FROM claims WHERE tenant = ? AND key = ?',
    tenant,
    input.key,
  )
  if (known && known.until > now) {
    if (known.fingerprint !== input.fingerprint) return { outcome: 'other' }
    if (known.reply === null) return { outcome: 'taken' }
    return { outcome: 'done', reply: JSON.parse(known.reply) as Plain }
  }
  db.run(
    'INSERT OR REPLACE INTO claims VALUES (?, ?, ?, NULL, ?)',
    tenant,
    input.key,
    input.fingerprint,
    now + input.holdMs,
  )
  return { outcome: 'new' }
}

/** See {@link Ledger.settle}. What is settled already stays as it is. */
export function settleOnce(
  { db, now }: WriteContext,
  input: { tenant: string; key: string; reply: Plain | undefined; keepMs: number; most: number | undefined },
): void {
  const tenant = tenantNumber(db, input.tenant)
  if (input.reply === undefined) {
    db.run('DELETE FROM claims WHERE tenant = ? AND key = ? AND reply IS NULL', tenant, input.key)
    return
  }
  db.run(
    'UPDATE claims SET reply = ?, until = ? WHERE tenant = ? AND key = ? AND reply IS NULL',
    JSON.stringify(input.reply),
    now + input.keepMs,
    tenant,
    input.key,
  )
  if (input.most === undefined) return
  const kept = db.get<{ count: number }>('SELECT count(*) AS count FROM claims WHERE tenant = ?', tenant)?.count ?? 0
  if (kept <= input.most) return
  db.run(
    `DELETE FROM claims WHERE tenant = ?1 AND key IN
       (SELECT key FROM claims WHERE tenant = ?1 AND reply IS NOT NULL AND key <> ?2 ORDER BY until LIMIT ?3)`,
    tenant,
    input.key,
    kept - input.most,
  )
}

/** See {@link Ledger.purge}. A period is the beginning of a time, so that it is over once its like of now is greater. */
export function purgeLedger({ db }: WriteContext, { now }: { now: number }): void {
  db.run('DELETE FROM spendings WHERE period < substr(?, 1, length(period))', new Date(now).toISOString())
  db.run('DELETE FROM claims WHERE until <= ?', now)
}

/** Frees the keys of writes that were under way when the process before ended: nobody will settle them. */
export function releaseClaims(db: Database): void {
  db.run('DELETE FROM claims WHERE reply IS NULL')
}
