// andon cache warm, as the command that it is: on a running server, and interrupted in the middle.

import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { endOf, saying, startCommand, type Child, type Ended } from '../../test/command-line.ts'
import { openLibrary, travel } from '../../test/journeys/library.ts'
import { ModelServer } from '../../test/servers/model-server.ts'
import { serveControl } from './control.ts'

const [approves, flights, holidays] = [
  'Who approves travel over 2,500 euros?',
  'How are flights booked?',
  'Who approves holidays?',
]

describe('andon cache warm', () => {
  let stack: AsyncDisposableStack
  let model: ModelServer
  let folder = ''
  before(async () => {
    stack = new AsyncDisposableStack()
    folder = await mkdtemp(join(tmpdir(), 'andon-warm-'))
    stack.defer(() => rm(folder, { recursive: true, force: true }))
    model = stack.use(
      await ModelServer.start({
        chat({ messages }) {
          const { content = '' } = messages.at(-1) ?? {}
          if (content.includes('Question: Stall')) return { text: 'The', fault: { kind: 'stall', afterTokens: 1 } }
          return content.includes(holidays) ? '[none] It is not said.' : 'The finance director approves it [1].'
        },
      }),
    )
    const factory = stack.use(await openLibrary([travel], { models: { baseUrl: model.baseUrl, model: 'test' } }))
    const dataDir = join(folder, '.andon')
    await mkdir(dataDir)
    stack.use(await serveControl(factory, dataDir))
  })
  after(() => stack.disposeAsync())

  const start = (input: string, ...more: string[]): Child =>
    startCommand(['cache', 'warm', '-', '--concurrency', '1', ...more], { directory: folder, input })
  const run = (input: string, ...more: string[]): Promise<Ended> => endOf(start(input, ...more))

  it('asks every question once, and tells what became of each', async () => {
    const { code, stdout, stderr } = await run(`\ufeff${approves}\r\n\r\n  ${holidays} \n${approves}\n`)
    assert.equal(code, 0, stderr)
    assert.match(stdout, /^2 questions: 1 new, 0 kept before, 1 not kept\.$/m)
    assert.match(stdout, /^not kept: Who approves holidays\? \(the documents do not answer it\)$/m)
    const asks = model.count('/v1/chat/completions')
    const { stdout: lines } = await run(`${approves}\n${flights}\n`, '--events')
    assert.deepEqual(
      lines
        .trim()
        .split('\n')
        .map((each) => JSON.parse(each) as unknown),
      [
        { question: approves, outcome: 'kept before' },
        { question: flights, outcome: 'new' },
      ],
    )
    assert.equal(model.count('/v1/chat/completions'), asks + 1)
    const { stdout: whole } = await run(flights, '--json')
    assert.deepEqual(JSON.parse(whole), { questions: 1, new: 0, keptBefore: 1, notKept: [], failed: [] })
  })

  it('says when there is no question', async () => {
    const { code, stderr } = await run('\n \n')
    assert.equal(code, 2)
    assert.match(stderr, /has no question: write one per line/)
  })

  it('ends at once when it is interrupted, stops the model and counts what is done', async () => {
    const child = start(`${approves}\nStall here about travel\n${flights}\n`)
    const ended = endOf(child)
    await saying(child.stdout, /kept before {2}Who approves/)
    await model.until(({ requests }) => JSON.stringify(requests.at(-1)?.body).includes('Question: Stall'))
    child.kill('SIGINT')
    const { code, stdout, stderr } = await ended
    assert.equal(code, 130)
    assert.match(stderr, /Interrupted/)
    assert.match(stdout, /^3 questions: 0 new, 1 kept before, 2 not asked\.$/m)
    await model.until(({ cancelled }) => cancelled === 1)
  })
})
