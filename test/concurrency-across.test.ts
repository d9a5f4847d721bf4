// The examples of the page on concurrency across threads, processes and hosts, as they stand there.

import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { pathToFileURL } from 'node:url'
import { noRedis, startRedis } from './servers/redis.ts'

const page = await readFile(new URL('../docs/concurrency-across.md', import.meta.url), 'utf8')
const entries = {
  threads: '../src/concurrency/shared/index.ts',
  host: '../src/concurrency/host/index.ts',
  redis: '../src/concurrency/redis/index.ts',
  pools: '../src/places/function-pool.ts',
}

for (const title of ['Threads', 'Processes', 'Hosts', 'Pools'])
  test(`the example of ${title} holds`, { skip: title === 'Hosts' && noRedis }, async () => {
    await using redis = title === 'Hosts' ? await startRedis() : undefined
    if (redis) process.env['REDIS_URL'] = redis.url
    const [, code] = page.split(`\n## ${title}\n`)[1]?.match(/^```ts\n(.*?)^```$/ms) ?? []
    if (code === undefined) throw new Error(`The page has no example of ${title}`)
    await using folder = await mkdtempDisposable(join(tmpdir(), 'andon-example-'))
    const file = join(folder.path, 'example.ts')
    await writeFile(file, withEntries(code))
    await import(pathToFileURL(file).href)
  })

function withEntries(code: string): string {
  let own = code
  for (const [name, path] of Object.entries(entries)) {
    const entry = `'${new URL(path, import.meta.url).href}'`
    const published = `'andon/concurrency/${name}'`
    own = own.replaceAll(`import.meta.resolve(${published})`, entry).replaceAll(published, entry)
  }
  return own
}
