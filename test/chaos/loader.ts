// The process that is killed: it adds numbered documents and says on its standard output what was accepted.
// Arguments: data directory, number of documents.

import { createFactory } from '../../src/factory.ts'
import { documentName, documentText } from './documents.ts'

const [dataDir = '', count = '0'] = process.argv.slice(2)
await using factory = await createFactory({ dataDir, handbook: false })
console.log('open')

let next = 0
const lane = async () => {
  while (next < Number(count)) {
    const number = next++
    const { document, outcome } = await factory.add({ name: documentName(number), text: documentText(number) })
    console.log(`accepted ${number} ${document.id} ${outcome}`)
  }
}
await Promise.all([lane(), lane(), lane(), lane()])
const waiting = (await factory.jobs({ limit: 10_000 })).filter(
  ({ state }) => state === 'waiting' || state === 'running',
)
for await (const job of factory.watch(waiting.map(({ id }) => id)))
  if (job.state === 'done') console.log(`loaded ${job.documentId}`)
console.log('complete')
