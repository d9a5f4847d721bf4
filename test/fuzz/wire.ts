// Sends a request and tells how it ended; and writes bytes to a connection and reads every status that comes back.

import { request, type Agent } from 'node:http'
import { connect } from 'node:net'
import type { Sent } from './requests.ts'

/** No request may take longer, in milliseconds, however busy the machine is. */
export const longest = 20_000

/** How long a stream of events is read before its reader leaves, in milliseconds. */
const readMs = 150

/** What came of a request. */
export interface Outcome {
  /** 0 when the connection ended without one. */
  status: number
  type: string
  body: string
  /** `left`: it was a stream, and its reader went. */
  how: 'whole' | 'left' | 'upgraded' | 'reset' | 'hung'
}

/** Sends a request and reads the reply; streams of events are left after a moment. Never throws. */
export function send(port: number, { method, path, headers, body }: Sent, agent: Agent | false): Promise<Outcome> {
  const outcome = Promise.withResolvers<Outcome>()
  let [status, type, text] = [0, '', '']
  const end = (how: Outcome['how']): void => {
    clearTimeout(hung)
    outcome.resolve({ status, type, body: text, how })
  }
  const length =
    body === undefined || 'transfer-encoding' in headers ? {} : { 'content-length': Buffer.byteLength(body) }
  const hung = setTimeout(() => {
    end('hung')
    outgoing.destroy()
  }, longest)
  const outgoing = request({ host: '127.0.0.1', port, method, path, headers: { ...headers, ...length }, agent })
  outgoing.on('response', (response) => {
    status = response.statusCode ?? 0
    type = response.headers['content-type'] ?? ''
    response.setEncoding('utf8')
    response.on('data', (part) => (text = `${text}${String(part)}`.slice(0, 100_000)))
    response.on('end', () => end('whole'))
    response.on('error', () => end('reset'))
    if (type.startsWith('text/event-stream'))
      setTimeout(() => {
        end('left')
        outgoing.destroy()
      }, readMs)
  })
  outgoing.on('upgrade', (_response, socket) => {
    end('upgraded')
    socket.destroy()
  })
  outgoing.on('error', () => end('reset'))
  outgoing.end(body)
  return outcome.promise
}

/** What came back over a bare connection. */
export interface RawOutcome {
  statuses: number[]
  text: string
  hung: boolean
}

/** How bytes are written: all and then the end, or all and then gone. */
export interface RawWay {
  /** Break off at once instead of waiting for an answer. */
  leave?: boolean
  /** Wait until there are so many replies before saying that nothing more comes. */
  replies?: number
}

/** Writes bytes to a connection of their own, and reads until the other side ends it. Never throws. */
export function sendRaw(port: number, bytes: Buffer | string, way: RawWay = {}): Promise<RawOutcome> {
  const outcome = Promise.withResolvers<RawOutcome>()
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  let text = ''
  const statuses = (): number[] => [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
  const hung = setTimeout(() => {
    outcome.resolve({ statuses: statuses(), text, hung: true })
    socket.destroy()
  }, longest)
  socket.setEncoding('latin1')
  socket.on('data', (part) => {
    text += String(part)
    if (way.replies !== undefined && statuses().length >= way.replies) socket.end()
  })
  socket.on('error', () => {})
  socket.on('close', () => {
    clearTimeout(hung)
    outcome.resolve({ statuses: statuses(), text, hung: false })
  })
  socket.on('connect', () => {
    socket.write(bytes, () => {
      if (way.leave) socket.destroy()
      else if (way.replies === undefined) socket.end()
    })
  })
  return outcome.promise
}
