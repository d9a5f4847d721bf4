// Tenants by number. A tenant that never wrote has no number, and everything it asks for is simply not there.

import { AndonError } from '../../core/errors.ts'
import type { Database } from './database.ts'

export function tenantNumber(db: Database, name: string): number | undefined {
  return db.get<{ number: number }>('SELECT number FROM tenants WHERE name = ?', name)?.number
}

/** The tenant's number, given on its first write. */
export function ensureTenant(db: Database, name: string): number {
  if (name === '' || name.length > 200) {
    throw new AndonError('invalid', `The tenant ${JSON.stringify(name.slice(0, 40))} must have 1 to 200 characters`)
  }
  const known = tenantNumber(db, name)
  return known ?? db.run('INSERT INTO tenants (name) VALUES (?)', name).lastRow
}

/** Notes that what a search of this tenant may find has changed. */
export function touchTenant(db: Database, tenant: number): void {
  db.run('UPDATE tenants SET changes = changes + 1 WHERE number = ?', tenant)
}
