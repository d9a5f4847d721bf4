// Reads server-sent events from bytes as they come, in the way of the WHATWG standard, with leniences for servers
// that are nearly right: an event without its blank line at the end, and llama.cpp's `error:` field.

import { AndonError } from '../core/errors.ts'

export interface ServerSentEvent {
  /** `message` unless the server named it. */
  event: string
  /** The data lines, joined by newlines. */
  data: string
}

/** Longest event in characters. A token is a hundred, an answer in one piece some thousands. */
const longest = 4 * 1024 * 1024

/** Bytes in, events out. Characters cut between two chunks, CR, LF and CRLF line ends and comments are all fine. */
export class EventParser {
  readonly #decoder = new TextDecoder()
  #line = ''
  #event = ''
  #data: string[] = []
  #size = 0
  #afterReturn = false

  /** Events that these bytes complete. */
  push(bytes: Uint8Array): ServerSentEvent[] {
    return this.#take(this.#decoder.decode(bytes, { stream: true }))
  }

  /** What was left without its blank line. */
  end(): ServerSentEvent[] {
    const events = this.#take(this.#decoder.decode())
    if (this.#line !== '') this.#field(this.#line)
    this.#line = ''
    this.#finish(events)
    return events
  }

  #take(text: string): ServerSentEvent[] {
    const events: ServerSentEvent[] = []
    let start = this.#afterReturn && text.startsWith('\n') ? 1 : 0
    if (text !== '') this.#afterReturn = text.endsWith('\r')
    for (;;) {
      const stop = lineEnd(text, start)
      if (stop === -1) break
      const line = this.#line + text.slice(start, stop)
      this.#line = ''
      start = text[stop] === '\r' && text[stop + 1] === '\n' ? stop + 2 : stop + 1
      if (line === '') this.#finish(events)
      else this.#field(line)
    }
    this.#line += text.slice(start)
    if (this.#line.length + this.#size > longest)
      throw new AndonError('unavailable', `The model server sent one event of more than ${longest} characters.`)
    return events
  }

  #field(line: string): void {
    const colon = line.indexOf(':')
    if (colon === 0) return
    const name = colon === -1 ? line : line.slice(0, colon)
    let value = colon === -1 ? '' : line.slice(colon + 1)
    if (value.startsWith(' ')) value = value.slice(1)
    if (name === 'event') this.#event = value
    if (name === 'error') this.#event = 'error'
    if (name === 'data' || name === 'error') {
      this.#data.push(value)
      this.#size += value.length
    }
  }

  #finish(events: ServerSentEvent[]): void {
    if (this.#data.length > 0) events.push({ event: this.#event || 'message', data: this.#data.join('\n') })
    this.#event = ''
    this.#data = []
    this.#size = 0
  }
}

function lineEnd(text: string, from: number): number {
  const feed = text.indexOf('\n', from)
  const back = text.indexOf('\r', from)
  return feed === -1 ? back : back === -1 ? feed : Math.min(feed, back)
}
