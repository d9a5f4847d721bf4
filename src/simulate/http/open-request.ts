// One request for which the engine works, from its arrival to its end: counted once, with the faults that befall it, and
// with its sequences given up when its caller leaves.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Faults } from '../faults.ts'
import type { FinishedReason } from '../metrics.ts'
import type { Sequence, SequenceRequest } from '../sequence.ts'
import type { Ending } from '../stats.ts'
import type { EngineHost } from './host.ts'
import { errorBody, send, sendError } from './wire.ts'

export class OpenRequest {
  readonly response: ServerResponse
  readonly #host: EngineHost
  readonly #request: IncomingMessage
  readonly #sequences: Sequence[] = []
  readonly #counted: (ending: Ending) => void
  #ended = false

  constructor(host: EngineHost, request: IncomingMessage, response: ServerResponse) {
    this.#host = host
    this.#request = request
    this.response = response
    this.#counted = host.counts.begin()
    response.once('close', () => this.end('aborted'))
  }

  /** Waits while the engine hangs, and lets the faults happen that come before any work. Undefined when that was all. */
  async begin(): Promise<Faults | undefined> {
    const { response } = this
    if (!(await this.#host.answers(response))) return undefined
    const faults = this.#host.faultsFor(this.#request)
    if (faults.hang === true) return undefined
    if (faults.firstByteMs !== undefined && !(await passed(faults.firstByteMs, response))) return undefined
    if (faults.status === undefined) return faults
    this.#refuse(faults, faults.status)
    return undefined
  }

  /** Hands work to the engine; it is given up when the request ends first. */
  submit(work: SequenceRequest): Sequence {
    const sequence = this.#host.loop.submit(work)
    this.#sequences.push(sequence)
    return sequence
  }

  /** Once; later calls do nothing. Sequences that are not done give their blocks back. */
  end(ending: Ending, finished: FinishedReason = ending === 'aborted' ? 'abort' : 'error'): void {
    if (this.#ended) return
    this.#ended = true
    for (const sequence of this.#sequences) {
      this.#host.loop.abort(sequence)
      this.#host.metrics.ended(sequence, finished)
    }
    this.#counted(ending)
  }

  /** Ends with an error reply; a caller who left in the middle of the request gets none. */
  fail(reason: unknown): void {
    this.end(this.#request.errored || this.response.destroyed ? 'aborted' : 'rejected')
    sendError(this.response, reason)
  }

  #refuse({ retryAfterMs, html }: Faults, status: number): void {
    const headers: Record<string, string> = {}
    if (retryAfterMs !== undefined) {
      headers['retry-after'] = String(Math.ceil(retryAfterMs / 1000))
      headers['retry-after-ms'] = String(retryAfterMs)
      this.#host.counts.cool(retryAfterMs)
    }
    this.end('refused')
    const page = `<html><head><title>${status}</title></head><body><h1>${status} simulated fault</h1></body></html>`
    const body = JSON.stringify(errorBody(`Simulated fault: status ${status}.`, 'SimulatedFault', status))
    send(this.response, status, html === true ? 'text/html' : 'application/json', html === true ? page : body, headers)
  }
}

/** Resolves after so many milliseconds; false when the caller left before. */
async function passed(ms: number, response: ServerResponse): Promise<boolean> {
  return new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(!response.destroyed), ms)
    response.once('close', () => {
      clearTimeout(timer)
      resolve(false)
    })
  })
}
