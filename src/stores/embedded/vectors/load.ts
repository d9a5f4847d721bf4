// Fills the shared memory from the database when the writer opens.

import type { Database } from '../database.ts'
import { generationsOf } from '../generations.ts'
import { editionOf } from '../rows.ts'
import { VectorWriter } from './writer.ts'

/** A writer that holds every vector of a published edition. About a second per million rows of 384 dimensions. */
export function loadVectors(db: Database, memory: object): VectorWriter {
  const writer = new VectorWriter(memory)
  const tenants = new Map<number, number>()
  for (const { number, tenant } of db.each<{ number: number; tenant: number }>(
    "SELECT number, tenant FROM editions WHERE state = 'published'",
  )) {
    tenants.set(number, tenant)
  }
  for (const generation of generationsOf(db)) {
    if (generation.dimensions === null) continue
    for (const { row, scale, data } of db.each<{ row: number; scale: number; data: Uint8Array }>(
      `SELECT row, scale, data FROM quantised_${generation.number}`,
    )) {
      const tenant = tenants.get(editionOf(row))
      if (tenant === undefined) continue
      const values = new Int8Array(data.buffer, data.byteOffset, data.byteLength)
      writer.put(tenant, generation.number, row, values, scale, false)
    }
  }
  return writer
}
