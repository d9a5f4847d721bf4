// LanceDB, embedded as its documentation begins (no index: exact search), on the same vectors and questions.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from '@lancedb/lancedb'
import { measurePeer } from './peer.ts'

await measurePeer('LanceDB (embedded, exact)', async (corpus, tenantOf) => {
  const folder = await mkdtemp(join(tmpdir(), 'andon-bench-lance-'))
  const database = await connect(folder)
  const rows = (start: number) =>
    Array.from({ length: Math.min(5_000, corpus.size - start) }, (_, at) => ({
      id: start + at,
      tenant: tenantOf(start + at),
      vector: Array.from(corpus.vector(start + at)),
    }))
  const table = await database.createTable('passages', rows(0))
  for (let start = 5_000; start < corpus.size; start += 5_000) await table.add(rows(start))
  return {
    async search(vector, k, tenant) {
      let query = table.search(Array.from(vector)).limit(k).select(['id'])
      if (tenant !== undefined) query = query.where(`tenant = ${tenant}`)
      return (await query.toArray()).map((row: { id: number }) => row.id)
    },
    async close() {
      table.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
})
