// andon cache, as the command that it is, on a running server.

import assert from 'node:assert/strict'
import { it } from 'node:test'
import { openCommandLine } from '../../test/command-line.ts'

it('andon cache tells what a running server counted, and clears what it is told', async () => {
  await using line = await openCommandLine()
  const shown = await line.run(['cache'])
  assert.equal(shown.code, 0, shown.stderr)
  assert.match(shown.stdout, /^embeddings +6 +2 +1 +3 +1 +2 +75 % +6\.1 kB +1\.5 MB, 5 values$/m)
  assert.match(shown.stdout, /^answers +off$/m)
  assert.match(shown.stdout, /^Kept in \/stand\/in, at most 512 MiB\.$/m)
  assert.ok(shown.stdout.split('\n').every(({ length }) => length <= 100))
  const cleared = await line.run(['cache', 'clear', 'embeddings'])
  assert.equal(cleared.stdout, 'Cleared: embeddings, in /stand/in.\n')
  const { value } = await line.json(['cache', 'stats'])
  const embeddings = value['caches']?.[0]
  assert.deepEqual(embeddings?.['kept'], { values: 0, bytes: 0 })
  assert.equal(embeddings?.['levelHits'], 2)
  const wrong = await line.run(['cache', 'clear', 'embedings'])
  assert.equal(wrong.code, 2)
  assert.match(wrong.stderr, /There is no cache "embedings": give embeddings, answers or all\./)
})
