// The embedded stores pass the suite of the passage index, with writer and readers in threads and all in one.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { createPlaces } from '../../src/places/places.ts'
import { openEmbeddedStores } from '../../src/stores/embedded/open.ts'
import type { OpenStores } from '../../src/contracts/fixtures.ts'
import { indexContract } from '../../src/contracts/passage-index.ts'

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

indexContract('the embedded store, in threads,', inThreads)
indexContract('the embedded store, inline,', inline)
