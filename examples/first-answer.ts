// The smallest program: add a document, ask about it, and read the answer with its sources.
// Run it with `node examples/first-answer.ts`; it checks itself.

import { strict as assert } from 'node:assert'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFactory } from '../src/index.ts'

await using folder = await mkdtempDisposable(join(tmpdir(), 'andon-example-'))
await using andon = await createFactory({ dataDir: folder.path, handbook: false })

const { document, jobId } = await andon.add({
  name: 'pump.md',
  text: `# Pump P-7

## Filter

The filter lasts for 90 days. Change the filter with the pump switched off and the valve closed.

## Weight

The pump weighs 12 kg without water.
`,
})
// The document is safe on disk already; wait until it can be found.
if (jobId !== undefined) for await (const job of andon.watch([jobId])) console.log(job.stage, job.state)

for await (const event of andon.ask('How long does the filter last?')) {
  if (event.type === 'text-delta') process.stdout.write(event.text)
  if (event.type !== 'answer-end') continue
  const [citation] = event.citations
  assert.ok(citation)
  assert.equal(citation.documentId, document.id)
  assert.match(citation.quote, /90 days/)
  // A citation is a place: the stored text has the same words there.
  assert.equal(await andon.text(document.id, { start: citation.start, end: citation.end }), citation.quote)
  console.log(`\n\n${citation.documentName}, ${citation.headings.join(' › ')}: “${citation.quote}”`)
}
