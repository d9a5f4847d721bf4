// The example of the page on the cache, as it stands there.

import { equal } from 'node:assert/strict'
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { pathToFileURL } from 'node:url'
import { noRedis, startRedis } from '../../test/servers/redis.ts'

test('the example of the page on the cache holds', { skip: noRedis }, async () => {
  const page = await readFile(new URL('../../docs/cache.md', import.meta.url), 'utf8')
  const examples = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code)
  equal(examples.length, 1)
  await using redis = await startRedis()
  await using folder = await mkdtempDisposable(join(tmpdir(), 'andon-example-'))
  const file = join(folder.path, 'example.ts')
  const entry = new URL('index.ts', import.meta.url).href
  await writeFile(file, examples.join('').replaceAll("'andon/cache'", `'${entry}'`))
  process.env['REDIS_URL'] = redis.url
  await import(pathToFileURL(file).href)
})
