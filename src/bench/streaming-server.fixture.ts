// A small OpenAI-like server on a free port: streams as many words as it is asked for, and writes down what came.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a client asked for. */
export interface Asked {
  model: string
  max_tokens: number
  messages: { role: string; content: string }[]
  stream?: boolean
}

export interface StreamingServer extends AsyncDisposable {
  url: string
  asked: Asked[]
  /** Requests whose client left before their end. */
  left: number
  /** The authorization of each request. */
  keys: (string | undefined)[]
  /** Resolves when so many requests have been asked in all. */
  reached: (count: number) => Promise<void>
}

/** What to do with a request instead of answering it. Default: answer. */
export type Fault = 'error' | 'error-frame' | 'cut' | 'hang' | undefined

/** Opens the server. `fault` is asked for each request, by its number from 0. */
export async function openStreamingServer(
  fault: (number: number) => Fault = () => undefined,
): Promise<StreamingServer> {
  const waiting: { count: number; resolve: () => void }[] = []
  const server = createServer((request, response) => {
    handle(request, response).catch((reason: unknown) => response.destroy(reason instanceof Error ? reason : undefined))
  })
  const seen: Omit<StreamingServer, typeof Symbol.asyncDispose> = {
    url: '',
    asked: [],
    left: 0,
    keys: [],
    reached(count) {
      const { promise, resolve } = Promise.withResolvers<void>()
      if (seen.asked.length >= count) resolve()
      else waiting.push({ count, resolve })
      return promise
    },
  }
  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === '/v1/models') return void response.end('{"data":[{"id":"tiny"}]}')
    if (request.url === '/version') return void response.end('{"version":"1.2.3"}')
    if (request.url === '/metrics') return void response.end(metrics(seen.asked))
    const chunks = (await request.toArray()) as Buffer[]
    const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Asked
    const wrong = fault(seen.asked.length)
    seen.asked.push(body)
    seen.keys.push(request.headers.authorization)
    response.on('close', () => {
      if (!response.writableFinished) seen.left += 1
    })
    for (const { count, resolve } of waiting) if (seen.asked.length >= count) resolve()
    if (wrong === 'error') return void response.writeHead(500).end('{"error":{"message":"broken"}}')
    const usage = { prompt_tokens: wordsOf(body), completion_tokens: body.max_tokens }
    if (body.stream !== true) {
      const message = { role: 'assistant', content: 'word '.repeat(body.max_tokens) }
      return void response.end(JSON.stringify({ choices: [{ message, finish_reason: 'length' }], usage }))
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const send = (value: object): void => void response.write(`data: ${JSON.stringify(value)}\n\n`)
    send({ choices: [{ delta: { role: 'assistant' } }] })
    if (wrong === 'hang') return
    for (let at = 0; at < body.max_tokens; at += 1) send({ choices: [{ delta: { content: 'word ' } }] })
    if (wrong === 'cut') return void response.destroy()
    if (wrong === 'error-frame') send({ error: { message: 'out of memory' } })
    else send({ choices: [{ delta: {}, finish_reason: 'length' }] })
    send({ choices: [], usage })
    response.end('data: [DONE]\n\n')
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  seen.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return Object.assign(seen, {
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  })
}

function wordsOf({ messages }: Asked): number {
  return messages.reduce((sum, { content }) => sum + content.split(' ').length, 0)
}

/** A vLLM by its names. */
function metrics(asked: readonly Asked[]): string {
  const prompt = asked.reduce((sum, each) => sum + wordsOf(each), 0)
  return [
    '# HELP vllm:num_requests_running Requests running.',
    'vllm:num_requests_running{model_name="tiny",engine="0"} 2.0',
    'vllm:num_requests_running{model_name="tiny",engine="1"} 1.0',
    'vllm:gpu_cache_usage_perc{engine="0"} 0.5',
    `vllm:prompt_tokens_total ${prompt}`,
    `vllm:prefix_cache_queries_total ${prompt}`,
    `vllm:prefix_cache_hits_total ${prompt / 2}`,
    `vllm:time_to_first_token_seconds_sum ${asked.length * 0.25}`,
    `vllm:time_to_first_token_seconds_count ${asked.length}`,
    '',
  ].join('\n')
}
