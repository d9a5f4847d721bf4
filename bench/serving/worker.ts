// One server process: it answers a question by asking the model, and either stands still meanwhile or does not.
//
//   node worker.ts blocking|async MODEL_URL

import { createServer, type IncomingMessage } from 'node:http'
import { Pool } from 'undici'
import { askBlocking } from './ask-blocking.ts'

const [mode = '', model = ''] = process.argv.slice(2)
const pool = new Pool(new URL(model).origin, { connections: null, pipelining: 1 })

const server = createServer((request, response) => {
  void answer(request).then((text) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(text)
  })
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object' && address) process.send?.({ port: address.port })
})

async function answer(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  const body = Buffer.concat(parts).toString()
  if (mode === 'blocking') return askBlocking(model, body)
  const { body: answered } = await pool.request({
    method: 'POST',
    path: '/v1/chat/completions',
    headers: { 'content-type': 'application/json' },
    body,
  })
  return answered.text()
}
