// One server and two doors, each a process of its own: an answer that is read at one door goes on when that door is
// killed, and is read on at the other.

import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { endOf, saying, startCommand, type Child } from '../command-line.ts'
import { eventsOf, jsonIn, textOf, type SentEvent } from '../door.ts'
import { ModelServer } from '../servers/model-server.ts'

const words = Array.from({ length: 300 }, (_, at) => ` word${at}`)

it('a door is killed in the middle of a stream: the other goes on with the next token', async () => {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'andon-doors-'))
  stack.defer(() => rm(folder, { recursive: true }))
  const model = stack.use(
    await ModelServer.start({ chat: () => ({ text: ['A mutex admits', ...words, '.'], tokenMs: 5 }) }),
  )
  const environment = { ANDON_HANDBOOK: 'false', OPENAI_BASE_URL: model.baseUrl, ANDON_MODEL: 'scripted' }
  const run = (...args: string[]) => startCommand(args, { directory: folder, environment })

  const open = async (...args: string[]): Promise<{ child: Child; url: string }> => {
    const child = run(...args)
    const ended = endOf(child)
    stack.defer(async () => {
      child.kill('SIGKILL')
      await ended
    })
    const line = await saying(child.stdout, /at http\S+\n/)
    return { child, url: /at (http\S+)/.exec(line)?.[1] ?? '' }
  }

  await open('serve', '--port', '0')
  await writeFile(join(folder, 'lock.md'), '# Locks\n\nA mutex admits exactly one thread at a time.\n')
  assert.equal((await endOf(run('add', 'lock.md'))).code, 0)
  const [one, other] = [await open('door'), await open('door')]

  const begun = await fetch(`${one.url}/v1/ask`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ question: 'How many threads does a mutex admit?', resumable: true }),
  })
  const id = begun.headers.get('andon-answer') ?? assert.fail('no id')
  let text = ''
  const decoder = new TextDecoder()
  try {
    for await (const part of begun.body ?? assert.fail('no body')) {
      text += decoder.decode(part, { stream: true })
      if (text.includes('text-delta')) one.child.kill('SIGKILL')
    }
    assert.fail('the stream ended well')
  } catch (reason) {
    assert.ok(reason instanceof TypeError, 'the connection was cut')
  }
  const seen = eventsOf(text.slice(0, text.lastIndexOf('\n\n') + 2))
  assert.ok(!seen.some(({ event }) => event === 'answer-end'), 'cut before its end')

  const resumed = await fetch(`${other.url}/v1/answers/${id}/events`, {
    headers: { 'last-event-id': seen.at(-1)?.id ?? '' },
  })
  const all: SentEvent[] = [...seen, ...eventsOf(await resumed.text())]
  assert.deepEqual(
    all.map((event) => event.id),
    all.map((_, at) => `${id}.${at + 1}`),
  )
  const end = jsonIn(all.at(-1)?.data ?? '')
  assert.equal(end['type'], 'answer-end')
  const streamed = all.filter(({ event }) => event === 'text-delta').map(({ data }) => jsonIn(data))
  assert.ok(streamed.length > 100, 'it came in pieces')
  assert.equal(streamed.map((event) => textOf(event['text'])).join(''), textOf(end['text']))
  assert.ok(textOf(end['text']).includes(words.join('')))
})
