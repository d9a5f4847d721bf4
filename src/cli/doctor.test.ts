// andon doctor: what it says does not contradict itself.

import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { endOf, openCommandLine, startCommand } from '../../test/command-line.ts'
import { openLibrary, travel } from '../../test/journeys/library.ts'
import { parseOptions } from '../parse-options.ts'
import { serveControl } from './control.ts'

it('tells the settings that only it has from those of the server, and advises to set none that is set', async () => {
  await using stack = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), 'andon-doctor-'))
  stack.defer(() => rm(directory, { recursive: true, force: true }))
  const factory = stack.use(await openLibrary([travel], {}))
  const dataDir = join(directory, '.andon')
  await mkdir(dataDir)
  stack.use(await serveControl(factory, dataDir, () => parseOptions({})))
  const environment = { OPENAI_BASE_URL: 'http://127.0.0.1:1/v1' }
  const { stdout } = await endOf(startCommand(['doctor'], { directory, environment }))
  assert.match(stdout, /models\.baseUrl is set by the environment variable OPENAI_BASE_URL, but not in the server/)
  assert.match(stdout, /^ok +model: Answers are sentences of the documents\. Start the server with OPENAI_BASE_URL/m)
  assert.doesNotMatch(stdout, /Set OPENAI_BASE_URL/)
  assert.match(stdout, /model server: .*; the running server does not use it\.$/m)
})

it('does not call failed jobs ok, nor something that is wrong with Andon', async () => {
  await using line = await openCommandLine()
  line.factory.unreadable.set('bad.md', 'There is nothing in it.')
  await writeFile(join(line.folder, 'bad.md'), 'bad')
  assert.equal((await line.run(['add', 'bad.md'])).code, 1)
  const { stdout } = await line.run(['doctor'])
  assert.match(stdout, /^note +jobs: 1 job failed/m)
})
