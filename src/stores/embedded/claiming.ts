// Which job is taken next: by lane, then one tenant after the other, then the oldest.

import type { JobKind, Lease } from '../store.ts'
import type { WriteContext } from './context.ts'
import type { Database } from './database.ts'
import { lanes } from './job-changes.ts'
import { lease } from './job-leases.ts'
import { selectJob } from './job-rows.ts'
import type { JobRow } from './job-rows.ts'

export interface ClaimInput {
  worker: string
  leaseMs: number
  limit: number
  kinds?: JobKind[]
}

/** See {@link JobStore.claim}. */
export function claim(context: WriteContext, input: ClaimInput): Lease[] {
  const kinds = input.kinds ?? (Object.keys(lanes) as JobKind[])
  const wanted = kinds.map((kind) => lanes[kind]).sort((a, b) => a - b)
  const leases: Lease[] = []
  const take = (row: JobRow | undefined): boolean => {
    const taken = row && lease(context, row, input.worker, input.leaseMs)
    if (taken) leases.push(taken)
    return taken !== undefined
  }
  for (const lane of wanted) {
    // What was taken before and lost goes first: it has waited longest.
    for (const row of lostJobs(context, lane, input.limit - leases.length)) take(row)
    while (leases.length < input.limit) {
      const before = leases.length
      for (const tenant of tenantsInTurn(context.db, lane)) {
        if (leases.length >= input.limit) break
        if (take(oldestDue(context, lane, tenant))) {
          context.db.run('UPDATE tenants SET served = (SELECT max(served) + 1 FROM tenants) WHERE number = ?', tenant)
        }
      }
      if (leases.length === before) break
    }
  }
  return leases
}

/** At the start of the only process that may use this database, nobody can hold a lease: all of them are lost. */
export function releaseLeases(db: Database): void {
  db.run("UPDATE jobs SET lease_until = 0 WHERE state = 'running'")
}

function lostJobs(context: WriteContext, lane: number, limit: number): JobRow[] {
  return context.db.all<JobRow>(
    `${selectJob} WHERE j.number IN (
       SELECT number FROM jobs WHERE state = 'running' AND lease_until <= ? AND lane = ?) ORDER BY j.number LIMIT ?`,
    context.now,
    lane,
    limit,
  )
}

/** Tenants with waiting jobs, the one served longest ago first. Steps from tenant to tenant in the index. */
function tenantsInTurn(db: Database, lane: number): number[] {
  return db
    .all<{ tenant: number }>(
      `WITH RECURSIVE waiting (tenant) AS (
         SELECT min(tenant) FROM jobs WHERE state = 'waiting' AND lane = ?1
         UNION ALL
         SELECT (SELECT min(tenant) FROM jobs WHERE state = 'waiting' AND lane = ?1 AND tenant > waiting.tenant)
         FROM waiting WHERE waiting.tenant IS NOT NULL)
       SELECT w.tenant FROM waiting w JOIN tenants t ON t.number = w.tenant ORDER BY t.served, t.number`,
      lane,
    )
    .map(({ tenant }) => tenant)
}

function oldestDue(context: WriteContext, lane: number, tenant: number): JobRow | undefined {
  return context.db.get<JobRow>(
    `${selectJob} WHERE j.state = 'waiting' AND j.lane = ? AND j.tenant = ? AND j.run_at <= ?
     ORDER BY j.number LIMIT 1`,
    lane,
    tenant,
    context.now,
  )
}
