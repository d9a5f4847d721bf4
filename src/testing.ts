// andon/testing: the suites that a store must pass, for authors of stores. Each takes a name and a function that opens
// fresh, empty stores, and registers its tests with node:test.

export { answerContract } from './contracts/answers.ts'
export { blobContract } from './contracts/blobs.ts'
export type { OpenStores } from './contracts/fixtures.ts'
export { jobContract } from './contracts/jobs.ts'
export { keyContract } from './contracts/keys.ts'
export { ledgerContract } from './contracts/ledger.ts'
export { libraryContract } from './contracts/library.ts'
export { describedContract } from './contracts/described.ts'
export { quotaContract } from './contracts/quotas.ts'
export { indexContract } from './contracts/passage-index.ts'
export { sessionContract } from './contracts/sessions.ts'
export { toolSettingContract } from './contracts/tool-settings.ts'
export type {
  AnswerStore,
  BlobStore,
  Generations,
  JobStore,
  KeyStore,
  Ledger,
  Library,
  PassageIndex,
  SessionStore,
  Stores,
  ToolSetting,
  ToolSettingStore,
} from './stores/store.ts'
export type { Quota } from './stores/quota.ts'
