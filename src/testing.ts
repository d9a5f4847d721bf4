// andon/testing: the suites that a store must pass, for authors of stores. Each takes a name and a function that opens
// fresh, empty stores, and registers its tests with node:test.

export { blobContract } from './contracts/blobs.ts'
export type { OpenStores } from './contracts/fixtures.ts'
export { jobContract } from './contracts/jobs.ts'
export { libraryContract } from './contracts/library.ts'
export { indexContract } from './contracts/passage-index.ts'
export { sessionContract } from './contracts/sessions.ts'
export type { BlobStore, Generations, JobStore, Library, PassageIndex, SessionStore, Stores } from './stores/store.ts'
