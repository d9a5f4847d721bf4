// The peer most prototypes begin with: LangChain.js' MemoryVectorStore, on the same vectors and questions.

import { MemoryVectorStore } from '@langchain/classic/vectorstores/memory'
import { Corpus } from './corpus.ts'
import { measurePeer } from './peer.ts'

await measurePeer('LangChain.js MemoryVectorStore', async (corpus: Corpus, tenantOf) => {
  const store = new MemoryVectorStore({
    embedQuery: () => Promise.resolve([]),
    embedDocuments: () => Promise.resolve([]),
  })
  for (let start = 0; start < corpus.size; start += 1_000) {
    const ids = Array.from({ length: Math.min(1_000, corpus.size - start) }, (_, at) => start + at)
    await store.addVectors(
      ids.map((id) => Array.from(corpus.vector(id))),
      ids.map((id) => ({ pageContent: '', metadata: { id, tenant: tenantOf(id) } })),
    )
  }
  return {
    async search(vector, k, tenant) {
      const filter =
        tenant === undefined
          ? undefined
          : (document: { metadata: { tenant?: number } }) => document.metadata.tenant === tenant
      const found = await store.similaritySearchVectorWithScore(Array.from(vector), k, filter)
      return found.map(([document]) => Number(document.metadata['id']))
    },
    async close() {},
  }
})
