// The floor: the least that a proxy in Node can do. One upstream, nothing chosen, counted, retried or recorded; the body is
// read, parsed and sent on, the answer goes back as it comes, and a client that leaves takes the request with it.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Pool, type Dispatcher } from 'undici'

const [upstream] = process.argv.slice(2)
if (upstream === undefined) throw new Error('The floor needs the address of its upstream.')
const pool = new Pool(upstream, {
  connections: null,
  pipelining: 1,
  headersTimeout: 0,
  bodyTimeout: 0,
  keepAliveTimeout: 60_000,
})

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  let controller: Dispatcher.DispatchController | undefined
  response.on('close', () => {
    if (!response.writableFinished) controller?.abort(new Error('The client left.'))
  })
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const body = Buffer.concat(chunks)
    JSON.parse(body.toString())
    pool.dispatch(
      { method: 'POST', path: request.url ?? '/', headers: { 'content-type': 'application/json' }, body },
      {
        onRequestStart(started) {
          controller = started
          if (response.destroyed) started.abort(new Error('The client left.'))
        },
        onResponseStart(_, status, headers) {
          const length = headers['content-length']
          response.writeHead(status, {
            'content-type': String(headers['content-type'] ?? 'application/json'),
            ...(typeof length === 'string' ? { 'content-length': length } : {}),
          })
        },
        onResponseData(started, chunk) {
          if (response.write(chunk)) return
          started.pause()
          response.once('drain', () => started.resume())
        },
        onResponseEnd() {
          response.end()
        },
        onResponseError() {
          if (response.headersSent) response.destroy()
          else response.writeHead(502).end()
        },
      },
    )
  })
})
server.keepAliveTimeout = 72_000
server.listen({ host: '127.0.0.1', port: 0, backlog: 4_096 }, () => {
  process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
})
process.once('disconnect', () => process.exit())
