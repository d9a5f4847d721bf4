// What Andon is measured beside: a server of node:http that hands each question to the model and passes the answer on as
// it comes, and does nothing else.

import { Agent, createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serveParent } from './process.ts'
import { read } from './reading.ts'

const agent = new Agent({ keepAlive: true })
let model = ''

const server = createServer((asked, response) => {
  const { traceparent } = asked.headers
  const upstream = request(`${model}/chat/completions`, {
    method: 'POST',
    agent,
    headers: { 'content-type': 'application/json', ...(traceparent ? { traceparent } : {}) },
  })
  asked.pipe(upstream)
  upstream.once('response', (answer) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
    response.flushHeaders()
    answer.pipe(response)
  })
  upstream.once('error', () => response.destroy())
  response.once('close', () => upstream.destroy())
})
server.listen(0, '127.0.0.1', 4096, () => serveParent(handlers))

const handlers = {
  open(address: string) {
    model = address
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  },
  reading: (collect: boolean) => read(collect),
}

export type PlainProcess = typeof handlers
