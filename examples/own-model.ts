// A model of one's own: anything that can stream text may write the answers, and its citations are checked like any
// other's. This one is a function; it invents a source, which never reaches the reader.
// Run it with `node examples/own-model.ts`; it checks itself.

import { strict as assert } from 'node:assert'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFactory, type ChatModel } from '../src/index.ts'

const parrot: ChatModel = {
  name: 'parrot',
  async *chat() {
    for (const text of ['The filter lasts ', 'for 90 days [1]. ', 'It is painted green [7].']) {
      yield { type: 'text-delta', text }
    }
    yield { type: 'finish', reason: 'stop' }
  },
}

await using folder = await mkdtempDisposable(join(tmpdir(), 'andon-example-'))
await using andon = await createFactory({ dataDir: folder.path, handbook: false }, { model: parrot })

const { jobId } = await andon.add({ name: 'pump.txt', text: 'The filter lasts for 90 days. The pump weighs 12 kg.' })
if (jobId !== undefined) for await (const job of andon.watch([jobId])) console.log(job.stage, job.state)

for await (const event of andon.ask('How long does the filter last?')) {
  if (event.type !== 'answer-end') continue
  console.log(event.text)
  assert.equal(event.mode, 'generated')
  assert.equal(event.citations.length, 1)
  assert.equal(event.citationsRemoved, 1)
  assert.doesNotMatch(event.text, /\[7\]/)
}
