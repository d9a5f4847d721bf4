// andon ask, where an answer was kept: it says so, and goes past it when it is told to.

import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { endOf, startCommand, type Ended } from '../../test/command-line.ts'
import { openLibrary, travel } from '../../test/journeys/library.ts'
import { ModelServer } from '../../test/servers/model-server.ts'
import { serveControl } from './control.ts'

it('andon ask says that an answer is from the cache, and asks the model anew with --no-cache', async () => {
  await using stack = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), 'andon-ask-'))
  stack.defer(() => rm(directory, { recursive: true, force: true }))
  const said = 'The finance director approves travel over 2,500 euros [1].'
  const model = stack.use(await ModelServer.start({ chat: () => said }))
  const models = { baseUrl: model.baseUrl, model: 'test' }
  const factory = stack.use(await openLibrary([travel], { models, cache: { semantic: true } }))
  const dataDir = join(directory, '.andon')
  await mkdir(dataDir)
  stack.use(await serveControl(factory, dataDir))
  const run = (...args: string[]): Promise<Ended> => endOf(startCommand(['ask', ...args], { directory }))
  const question = 'Who approves travel over 2,500 euros?'

  const first = await run(question)
  assert.equal(first.code, 0, first.stderr)
  assert.doesNotMatch(first.stderr, /cache/)
  const again = await run(question)
  assert.equal(again.stdout, first.stdout)
  assert.match(again.stderr, /^\(From the cache: written \d+ seconds? ago and checked anew\)$/m)
  const otherwise = await run('Who is it that approves travel over 2,500 euros?')
  assert.match(
    otherwise.stderr,
    /ago and checked anew, to a question that means the same: Who approves travel over 2,500/,
  )
  const anew = await run('--no-cache', question)
  assert.doesNotMatch(anew.stderr, /cache/)
  assert.equal(model.count('/v1/chat/completions'), 2)
})

it('notes behind an answer are in the language of its question, and one for all that is not confirmed', async () => {
  await using stack = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), 'andon-ask-'))
  stack.defer(() => rm(directory, { recursive: true, force: true }))
  const [one, other] = ['Dinosaurs hold their meetings on Mars.', 'Every owl drinks seven cups of coffee at night.']
  const model = stack.use(await ModelServer.start({ chat: () => `${one} ${other}` }))
  const models = { baseUrl: model.baseUrl, model: 'test' }
  const factory = stack.use(await openLibrary([travel], { models }))
  const dataDir = join(directory, '.andon')
  await mkdir(dataDir)
  stack.use(await serveControl(factory, dataDir))
  const ask = (): Promise<Ended> => endOf(startCommand(['ask', 'travel approval 谁批准？'], { directory }))

  const first = await ask()
  assert.ok(first.stderr.includes(`(段落不能证实这 2 句：\n  ${one}\n  ${other})`), first.stdout + first.stderr)
  assert.match((await ask()).stderr, /^\(来自缓存：\d+ 秒前生成，已重新核对\)$/m)
})
