// Short questions to a server beside the requests: is it well, what do its gauges say. On connections of their own, so
// that they wait behind no answer, and never for longer than a moment.

import { Agent } from 'undici'
import { baseAddress } from '../models/address.ts'
import { keyHeaderOf, keyHeaders } from '../models/keys.ts'
import { settingNamesOf, type EndpointSettings } from './endpoint.ts'

/** What a server answered, as far as it matters. */
export interface SideAnswer {
  readonly status: number
  readonly text: string
}

/** Most of an answer that is read. Bytes. */
const largest = 4 * 1024 * 1024

export class SideQuestions implements AsyncDisposable {
  /** As many connections as questions are open: behind one that a hanging server owes, the next would hang, too. */
  readonly #agent = new Agent({ pipelining: 1 })

  /** GETs a path from the root of the server. Rejects when nothing comes within `timeoutMs`. */
  async ask(endpoint: EndpointSettings, path: string, timeoutMs: number): Promise<SideAnswer> {
    const base = baseAddress(endpoint.url, settingNamesOf(endpoint).address)
    const signal = AbortSignal.timeout(timeoutMs)
    const { statusCode, body } = await this.#agent.request({
      origin: base.origin,
      path: base.pathname.replace(/\/(v1(beta)?)?$/, '') + path,
      method: 'GET',
      headers: { 'user-agent': 'andon', ...keyHeaders(keyHeaderOf(endpoint.protocol), endpoint.apiKey) },
      signal,
    })
    const parts: Uint8Array[] = []
    let size = 0
    for await (const part of body as AsyncIterable<Uint8Array>) {
      parts.push(part)
      size += part.byteLength
      if (size > largest) break
    }
    return { status: statusCode, text: Buffer.concat(parts).toString('utf8') }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy()
  }
}
