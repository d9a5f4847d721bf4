// A process that loads documents as fast as it can and says what was acknowledged, to be killed at any moment:
// `accepted <name> <id>` once accept returned, `published <name> <id>` once publish did.

import { createPlaces } from '../../src/places/places.ts'
import { openEmbeddedStores } from '../../src/stores/embedded/open.ts'
import { acceptText, publishText } from '../../src/contracts/fixtures.ts'
import { linesOf } from './loader-texts.ts'

const [path = '', round = '0'] = process.argv.slice(2)
const places = createPlaces({ writer: { place: 'thread', size: 1 }, readers: { place: 'thread', size: 1 } })
const stores = await openEmbeddedStores({ path, places, writer: 'writer', readers: 'readers' })
const say = (line: string) => process.stdout.write(`${line}\n`)
say('opened')

async function accept(): Promise<void> {
  for (let number = 0; ; number++) {
    const name = `${round}-${number % 40}`
    const version = Math.floor(number / 40)
    const { document } = await acceptText(stores, { name, text: linesOf(name, version) })
    say(`accepted ${name} ${version} ${document.id}`)
  }
}

async function load(): Promise<void> {
  for (;;) {
    const [lease] = await stores.jobs.claim({ worker: `w${process.pid}`, leaseMs: 60_000, limit: 1 })
    if (!lease) {
      await new Promise((resolve) => setImmediate(resolve))
      continue
    }
    const { documentId = '', documentName: name = '', tenant } = lease.job
    const document = await stores.library.get(tenant, documentId)
    const text = document && (await readText(document.hash))
    if (text === undefined) continue
    try {
      await publishText(stores, lease, text)
      say(`published ${name} ${documentId}`)
    } catch (reason) {
      // Newer bytes came while this version was being loaded.
      if ((reason as { code?: string }).code !== 'conflict') throw reason
    }
  }
}

async function readText(hash: string): Promise<string> {
  const { readFile } = await import('node:fs/promises')
  return readFile(stores.blobs.path(hash), 'utf8')
}

await Promise.all([accept(), load(), load()])
