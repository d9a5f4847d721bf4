// The examples of the page on concurrency, as they stand there.

import { deepEqual } from 'node:assert/strict'
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { pathToFileURL } from 'node:url'

const page = await readFile(new URL('../../docs/concurrency.md', import.meta.url), 'utf8')
const examples = page.split(/^## /m).flatMap((part) => {
  const title = part.slice(0, part.indexOf('\n'))
  return [...part.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => ({ title, code }))
})

test('every primitive has an example', () => {
  const primitives = 'Lock ReadWriteLock Semaphore Event Condition Latch Barrier Channel RateLimiter'
  const titles = `${primitives} Deadline Budget TaskGroup Deadlocks`.split(' ')
  deepEqual(
    examples.map(({ title }) => title),
    titles,
  )
})

for (const { title, code } of examples)
  test(`the example of ${title} holds`, async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'andon-example-'))
    const file = join(folder.path, 'example.ts')
    const entry = new URL('index.ts', import.meta.url).href
    await writeFile(file, code.replaceAll("'andon/concurrency'", `'${entry}'`))
    await import(pathToFileURL(file).href)
  })
