// The embedded stores pass the suites of documents, jobs, conversations, answers, keys, the ledger, decisions about tools
// and blobs; in threads where concurrency counts.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { createPlaces } from '../../src/places/places.ts'
import { openEmbeddedStores } from '../../src/stores/embedded/open.ts'
import { answerContract } from '../../src/contracts/answers.ts'
import { blobContract } from '../../src/contracts/blobs.ts'
import { describedContract } from '../../src/contracts/described.ts'
import type { OpenStores } from '../../src/contracts/fixtures.ts'
import { jobContract } from '../../src/contracts/jobs.ts'
import { keyContract } from '../../src/contracts/keys.ts'
import { ledgerContract } from '../../src/contracts/ledger.ts'
import { libraryContract } from '../../src/contracts/library.ts'
import { quotaContract } from '../../src/contracts/quotas.ts'
import { sessionContract } from '../../src/contracts/sessions.ts'
import { toolSettingContract } from '../../src/contracts/tool-settings.ts'

const root = await mkdtemp(join(tmpdir(), 'andon-contracts-'))
const places = createPlaces({ writer: { place: 'thread', size: 1 }, readers: { place: 'thread', size: 2 } })
after(async () => {
  await places[Symbol.asyncDispose]()
  await rm(root, { recursive: true, force: true })
})

let opened = 0
const inThreads: OpenStores = () =>
  openEmbeddedStores({ path: join(root, `${opened++}`), places, writer: 'writer', readers: 'readers' })
const inline: OpenStores = () =>
  openEmbeddedStores({ path: join(root, `${opened++}`), places, writer: 'inline', readers: 'inline' })

libraryContract('the embedded store, in threads,', inThreads)
describedContract('the embedded store, inline,', inline)
quotaContract('the embedded store, in threads,', inThreads)
jobContract('the embedded store, inline,', inline)
sessionContract('the embedded store, inline,', inline)
answerContract('the embedded store, inline,', inline)
keyContract('the embedded store, inline,', inline)
ledgerContract('the embedded store, in threads,', inThreads)
toolSettingContract('the embedded store, inline,', inline)
blobContract('the embedded store, inline,', inline)
