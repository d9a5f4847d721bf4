// curl, as the pages about the door tell people to use it.

import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { after, describe, it } from 'node:test'
import { eventsOf, jsonIn, textOf } from '../door.ts'
import { openHouse, question, sentence, standing } from './house.ts'

const house = await openHouse()
after(() => house[Symbol.asyncDispose]())

describe('curl', { skip: hasCurl() ? false : 'curl is not installed' }, () => {
  it('-N shows an answer as it is made', async () => {
    const { output } = await curl('/v1/ask', { question }, '-N')
    const events = eventsOf(output)
    assert.equal(events[0]?.event, 'answer-start')
    assert.equal(events.at(-1)?.event, 'answer-end')
  })

  it('shows a completion, and the chunks of one', async () => {
    const asking = { model: 'andon', messages: [{ role: 'user', content: question }] }
    const whole = jsonIn((await curl('/v1/chat/completions', asking)).output)
    assert.ok(textOf(whole['choices']?.[0]?.['message']?.['content']).startsWith(sentence))
    const { output } = await curl('/v1/chat/completions', { ...asking, stream: true }, '-N')
    assert.equal(eventsOf(output).at(-1)?.data, '[DONE]')
  })

  it('shows the message of a chat', async () => {
    const messages = [{ role: 'user', parts: [{ type: 'text', text: question }] }]
    const { output } = await curl('/v1/ui/messages', { id: 'curl', messages }, '-N', '-i')
    assert.match(output, /^x-vercel-ai-ui-message-stream: v1\r$/m)
    assert.match(output, /data: \[DONE\]\n\n$/)
  })

  it('--max-time cuts an answer, which stops the model', { timeout: 20_000 }, async () => {
    const before = house.models.cancelled
    const asked = house.models.count('/v1/chat/completions')
    const cut = curl('/v1/ask', { question: standing }, '-N', '--max-time', '2')
    await house.models.until((models) => models.count('/v1/chat/completions') > asked)
    assert.equal((await cut).code, 28)
    await house.models.until((models) => models.cancelled > before)
  })

  it('orders texts, by words where no reranker is configured', async () => {
    const documents = ['Hotels are booked by the desk.', 'The finance director approves travel.']
    const { output } = await curl('/v1/rerank', { query: question, documents, top_n: 1, return_documents: true })
    const result = jsonIn(output)['results']?.[0]
    assert.equal(result?.['index'], 1)
    assert.equal(result['document']?.['text'], documents[1])
  })

  it('is told which option to set for vectors', async () => {
    const { output } = await curl('/v1/embeddings', { input: 'one' }, '-i')
    assert.match(output, /^HTTP\/1\.1 400 /)
    assert.match(output, /Set the option embedder/)
  })

  it('shows what was wrong as a problem, or in the shape of OpenAI', async () => {
    const problem = await curl('/v1/ask', { question: '' }, '-i')
    assert.match(problem.output, /^HTTP\/1\.1 400 .*\r$/m)
    assert.match(problem.output, /^content-type: application\/problem\+json/im)
    const { output } = await curl('/v1/responses', { input: '' })
    assert.equal(jsonIn(output)['error']?.['type'], 'invalid_request_error')
  })
})

function hasCurl(): boolean {
  try {
    execFileSync('curl', ['--version'])
    return true
  } catch {
    return false
  }
}

/** Posts a body; the exit code and what came on the standard output. */
async function curl(path: string, body: object, ...options: string[]): Promise<{ code: number; output: string }> {
  const { promise, resolve } = Promise.withResolvers<{ code: number; output: string }>()
  const sent = ['-H', 'content-type: application/json', '-H', `authorization: Bearer ${house.key}`]
  execFile('curl', ['-s', ...options, ...sent, '-d', JSON.stringify(body), house.url + path], (error, output) =>
    resolve({ code: typeof error?.code === 'number' ? error.code : 0, output }),
  )
  return await promise
}
