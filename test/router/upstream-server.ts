// A real HTTP server that answers as a model server does, or as one that is in trouble: each request is handed to
// whatever behaviour is set.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request as it came. */
export interface Came {
  path: string
  headers: IncomingMessage['headers']
  body: Buffer
  response: ServerResponse
}

export interface ModelServer extends AsyncDisposable {
  readonly url: string
  readonly came: Came[]
  /** Requests whose caller left before their end. */
  left: number
  /** Calls back for each request. */
  behave: (came: Came) => void
}

/** Opens one on a free port. */
export async function openModelServer(behave: ModelServer['behave']): Promise<ModelServer> {
  const came: Came[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    response.on('close', () => {
      if (!response.writableFinished) opened.left++
    })
    request.on('end', () => {
      const one = { path: request.url ?? '', headers: request.headers, body: Buffer.concat(parts), response }
      came.push(one)
      opened.behave(one)
    })
  })
  server.listen(0, '127.0.0.1', 4096)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const opened: ModelServer = {
    url: `http://127.0.0.1:${port}/v1`,
    came,
    left: 0,
    behave,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return opened
}

/** One chunk of a stream, as a frame. */
export function frame(delta: object, finish: string | null = null): string {
  return `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`
}

/** Writes a stream of these words and its end. */
export function streamWords({ response }: Came, words: string[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(frame({ role: 'assistant', content: '' }))
  for (const word of words) response.write(frame({ content: word }))
  response.end(`${frame({}, 'stop')}data: [DONE]\n\n`)
}

/** A whole completion. */
export function sayWhole({ response }: Came, text: string): void {
  const message = { role: 'assistant', content: text }
  const usage = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 }
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(
    JSON.stringify({
      id: 'c',
      object: 'chat.completion',
      created: 1,
      model: 'm',
      choices: [{ index: 0, message, finish_reason: 'stop' }],
      usage,
    }),
  )
}
