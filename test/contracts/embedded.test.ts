// The embedded stores pass the suites of documents, jobs, conversations and blobs; in threads where concurrency counts.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { createPlaces } from '../../src/places/places.ts'
import { openEmbeddedStores } from '../../src/stores/embedded/open.ts'
import { blobContract } from '../../src/contracts/blobs.ts'
import type { OpenStores } from '../../src/contracts/fixtures.ts'
import { jobContract } from '../../src/contracts/jobs.ts'
import { libraryContract } from '../../src/contracts/library.ts'
import { sessionContract } from '../../src/contracts/sessions.ts'

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
jobContract('the embedded store, inline,', inline)
sessionContract('the embedded store, inline,', inline)
blobContract('the embedded store, inline,', inline)
