// The process that is fuzzed: a real factory behind a real gateway, that tells its faults line by line. It ends when its
// standard input does, as orderly as a server does.

import { troubleChannel } from '../../src/core/channels.ts'
import { AndonError } from '../../src/core/errors.ts'
import type { Factory } from '../../src/core/factory.ts'
import { createFactory } from '../../src/factory.ts'
import { gatewayChannel } from '../../src/gateway/channel.ts'
import { openGateway } from '../../src/gateway/server.ts'
import { hours, type Opened } from './house.ts'

const say = (line: object): void => console.log(JSON.stringify(line))
const causes = (error: AndonError): string => {
  const { cause } = error
  return `${error.stack ?? error.message}${cause instanceof Error ? `\ncaused by ${cause.stack ?? cause.message}` : ''}`
}

gatewayChannel.subscribe((event) => {
  if (event.event === 'fault') say({ fault: causes(event.error) })
})
troubleChannel.subscribe(({ part, error }) => say({ fault: `${part}: ${causes(error)}` }))

async function load(factory: Factory, tenant: string): Promise<{ document: string; job: string }> {
  const source = { name: 'lighthouse.md', text: hours, collection: 'houses' }
  const { document, jobId = '' } = await factory.add(source, { tenant })
  for await (const job of factory.watch([jobId], { tenant })) if (job.error) throw new Error(job.error.message)
  return { document: document.id, job: jobId }
}

const factory = await createFactory({ dataDir: process.argv[2], handbook: false, readers: 1 })
const gateway = await openGateway(factory, { port: 0, lingerMs: 0, drainMs: 5_000 })
await load(factory, 'neighbour')
const { secret } = await factory.createKey({ name: 'neighbour', scopes: ['ask'] }, { tenant: 'neighbour' })
const { document, job } = await load(factory, 'default')
const { key } = await factory.createKey({ name: 'spare', scopes: ['ask'] })
let answer = ''
for await (const event of factory.ask({ text: 'When does the lighthouse open?', sessionId: 'spare' }))
  if (event.type === 'answer-end') answer = event.id
const opened: Opened = {
  port: gateway.port,
  secret,
  ids: { document, job, answer, session: 'spare', key: key.id, response: `resp_${answer}` },
}
say({ opened })

process.stdin.resume()
process.stdin.once('end', () => {
  void (async () => {
    await gateway.close()
    await factory[Symbol.asyncDispose]()
    say({ closed: true })
    process.exitCode = 0
  })()
})
