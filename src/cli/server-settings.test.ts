// A command behind a running server says what of its own environment that server does not use.

import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { endOf, startCommand, type Ended } from '../../test/command-line.ts'
import { openLibrary, travel } from '../../test/journeys/library.ts'
import type { Options } from '../options.ts'
import { parseOptions } from '../parse-options.ts'
import { serveControl } from './control.ts'

interface Served extends AsyncDisposable {
  run: (args: string[], environment: Record<string, string>) => Promise<Ended>
}

/** A server without a model that tells these settings, and commands on its data directory. */
async function serve(settings: Options | undefined): Promise<Served> {
  const stack = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), 'andon-settings-'))
  stack.defer(() => rm(directory, { recursive: true, force: true }))
  const factory = stack.use(await openLibrary([travel], {}))
  const dataDir = join(directory, '.andon')
  await mkdir(dataDir)
  stack.use(await serveControl(factory, dataDir, settings && (() => settings)))
  return {
    run: (args, environment) => endOf(startCommand(args, { directory, environment })),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

const ask = ['ask', 'Who approves travel over 2,500 euros?']
const here = { OPENAI_BASE_URL: 'http://127.0.0.1:1/v1', ANDON_MODEL: 'm', OPENAI_API_KEY: 'sk-secret' }

it('andon ask says once, on standard error, that a running server answers with settings of its own', async () => {
  await using served = await serve(parseOptions({}))
  const { stderr, stdout, code } = await served.run(ask, here)
  assert.equal(code, 0, stderr)
  const said =
    /^\(models\.baseUrl \(OPENAI_BASE_URL\), models\.model \(ANDON_MODEL\) are not used: the server that runs on \S+\.andon answers, with its own settings\. Start it again with them, or stop it and this command answers itself\.\)$/gm
  assert.equal(stderr.match(said)?.length, 1, stderr)
  assert.doesNotMatch(stdout, /not used/)
  assert.doesNotMatch(stderr, /sk-secret/)
})

it('nothing is said of options that the server has the same, nor of those that mean nothing to an answer', async () => {
  await using served = await serve(parseOptions({ models: { baseUrl: here.OPENAI_BASE_URL, model: 'm' } }))
  const { stderr } = await served.run(ask, { ...here, ANDON_PORT: '1', ANDON_LOADING_MEMORY_MB: '500' })
  assert.doesNotMatch(stderr, /not used/)
})

it('nothing is said where the server does not tell its settings', async () => {
  await using served = await serve(undefined)
  assert.doesNotMatch((await served.run(ask, here)).stderr, /not used/)
})
