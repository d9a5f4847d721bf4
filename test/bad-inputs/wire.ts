// Sends requests as a careless or hostile client would: any method and header, or bytes that are hardly HTTP.

import { request } from 'node:http'
import { connect } from 'node:net'

/** What came back. */
export interface Reply {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
}

/** A request with any method, headers and body. */
export interface Sent {
  method?: string
  path: string
  headers?: Record<string, string | string[]>
  body?: string | Uint8Array
}

/** Sends a request on a connection of its own. */
export function send(port: number, { method = 'POST', path, headers = {}, body }: Sent): Promise<Reply> {
  const reply = Promise.withResolvers<Reply>()
  const outgoing = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
    let text = ''
    response.setEncoding('utf8')
    response.on('data', (part) => (text += String(part)))
    response.on('error', reply.reject)
    response.on('end', () => reply.resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }))
  })
  outgoing.on('error', reply.reject)
  outgoing.end(body)
  return reply.promise
}

/** Writes bytes to a connection and gives what came back once the other side has closed it. */
export function sendRaw(port: number, bytes: string | Uint8Array): Promise<Reply> {
  const reply = Promise.withResolvers<Reply>()
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.setEncoding('utf8')
  socket.on('data', (part) => (text += String(part)))
  // A refusal in the middle of sending resets the connection; what was said before that counts.
  socket.on('error', () => {})
  socket.on('close', () => {
    const [head = '', body = ''] = text.split('\r\n\r\n')
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1] ?? 0)
    const fields = [...head.matchAll(/^([\w-]+): (.*)$/gm)].map(([, name = '', value = '']) => [
      name.toLowerCase(),
      value.trimEnd(),
    ])
    reply.resolve({ status, headers: Object.fromEntries(fields) as Reply['headers'], body })
  })
  socket.write(bytes)
  return reply.promise
}
