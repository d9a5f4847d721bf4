// Two users of one factory: neither finds the other's documents, and an id of the other is simply not found.
// Run it with `node examples/two-tenants.ts`; it checks itself.

import { strict as assert } from 'node:assert'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AndonError, createFactory, type Factory } from '../src/index.ts'

await using folder = await mkdtempDisposable(join(tmpdir(), 'andon-example-'))
await using andon = await createFactory({ dataDir: folder.path, handbook: false })

async function addAndWait(factory: Factory, tenant: string, text: string): Promise<string> {
  const { document, jobId } = await factory.add({ name: 'note.txt', text }, { tenant })
  if (jobId !== undefined) for await (const job of factory.watch([jobId], { tenant })) console.log(tenant, job.state)
  return document.id
}

const note = await addAndWait(andon, 'ada', 'The meeting is in the blue room on the third floor.')
await addAndWait(andon, 'bob', 'The meeting is in the cellar.')

const found = await andon.search({ text: 'Where is the meeting?' }, { tenant: 'bob' })
assert.deepEqual(
  found.map(({ passage }) => passage.text),
  ['The meeting is in the cellar.'],
)

await assert.rejects(
  andon.document(note, { tenant: 'bob' }),
  (error) => error instanceof AndonError && error.code === 'not-found',
)
console.log('bob finds only what is his')
