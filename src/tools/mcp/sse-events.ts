// Reads server-sent events off a stream of bytes, each event within a limit.

import { AndonError } from '../../core/errors.ts'
import { messageBytes } from './wire.ts'

/** One event as it was sent. */
export interface SentEvent {
  /** `message` where none is said. */
  event: string
  data: string
  id?: string
  /** Milliseconds to wait before the stream is asked for again. */
  retryMs?: number
}

/** The events of a stream until it ends. Fails with `too-large` when one has more than 8 MiB. */
export async function* sentEvents(stream: AsyncIterable<Buffer>): AsyncGenerator<SentEvent> {
  const decoder = new TextDecoder()
  let rest = ''
  let open: { event?: string; data: string[]; id?: string; retryMs?: number } = { data: [] }
  let size = 0
  for await (const chunk of stream) {
    rest += decoder.decode(chunk, { stream: true })
    if (rest.length + size > messageBytes) {
      throw new AndonError('too-large', `sent an event of more than ${messageBytes} bytes`)
    }
    let from = 0
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n', from)) {
      const line = rest.slice(from, rest[end - 1] === '\r' ? end - 1 : end)
      from = end + 1
      if (line !== '') {
        size += line.length
        field(open, line)
        continue
      }
      const { data, event = 'message', ...more } = open
      if (data.length > 0 || more.id !== undefined || more.retryMs !== undefined)
        yield { event, data: data.join('\n'), ...more }
      open = { data: [] }
      size = 0
    }
    if (from > 0) rest = rest.slice(from)
  }
}

function field(open: { event?: string; data: string[]; id?: string; retryMs?: number }, line: string): void {
  const colon = line.indexOf(':')
  const name = colon < 0 ? line : line.slice(0, colon)
  const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
  if (name === 'data') open.data.push(value)
  else if (name === 'event') open.event = value
  else if (name === 'id' && !value.includes('\0')) open.id = value
  else if (name === 'retry' && /^\d+$/.test(value)) open.retryMs = Number(value)
}
