// MCP over the input and output of a program. A program that writes what is no message, or far too much, is ended.

import type { JSONRPCMessage } from '@modelcontextprotocol/client'
import { AndonError } from '../../core/errors.ts'
import { withoutSecrets } from '../secrets.ts'
import { secretsOf } from './discreet.ts'
import { Lines } from './lines.ts'
import type { McpReach } from './server.ts'
import { ServerProcess } from './stdio-process.ts'
import { answeredId, messageBytes, readMessage } from './wire.ts'
import type { ReasonedTransport } from './wire.ts'

/** Bytes that are no messages, after which nothing good is expected: banners are forgiven, floods are not. */
const junkBytes = 64 * 1_024

/** Characters of messages that nobody asked for, within so many milliseconds and between two answers. */
const unaskedMost = 16 * 2 ** 20
const unaskedMs = 10_000

/** Messages of one turn that leave together. */
const together = 8

export class StdioTransport implements ReasonedTransport {
  onclose?: () => void
  onerror?: (error: Error) => void
  onmessage?: (message: JSONRPCMessage) => void
  lostBecause: AndonError | undefined
  readonly #program: NonNullable<McpReach['program']>
  #process: ServerProcess | undefined
  #out: string[] = []
  #junk = 0
  #unasked = 0
  #unaskedSince = 0
  #closing = false

  constructor(program: NonNullable<McpReach['program']>) {
    this.#program = program
  }

  async start(): Promise<void> {
    const server = new ServerProcess(this.#program)
    this.#process = server
    const lines = new Lines(messageBytes, (line) => this.#hear(line))
    server.stdout.on('data', (chunk: Buffer) => {
      if (this.lostBecause) return
      if (!lines.take(chunk)) this.#give(`wrote a message of more than ${messageBytes} bytes`)
    })
    void server.ended.then(({ why, said }) => {
      this.lostBecause ??= new AndonError('unavailable', said === '' ? why : `${why}. It said: ${said}`)
      this.onclose?.()
    })
  }

  /** Of its group. */
  get pid(): number | undefined {
    return this.#process?.pid
  }

  async send(message: JSONRPCMessage): Promise<void> {
    if (!this.#process || this.lostBecause || this.#closing)
      throw this.lostBecause ?? new AndonError('unavailable', 'is not running')
    if (this.#out.length === 0) queueMicrotask(this.#flush)
    // The server has begun before all is said.
    if (this.#out.push(`${JSON.stringify(message)}\n`) === together) this.#flush()
  }

  async close(): Promise<void> {
    this.#closing = true
    this.lostBecause ??= new AndonError('cancelled', 'was closed')
    await this.#process?.end()
  }

  /** Ends it without waiting. */
  kill(): void {
    this.#process?.kill()
  }

  readonly #flush = (): void => {
    if (this.#out.length === 0) return
    const text = this.#out.join('')
    this.#out = []
    this.#process?.stdin.write(text)
  }

  #hear(line: string): void {
    if (this.lostBecause || line.trim() === '') return
    const message = readMessage(line)
    if (!message) {
      this.#junk += line.length
      if (this.#junk > junkBytes) {
        this.#give(
          `wrote ${this.#junk} characters to its output that are no messages, such as ${JSON.stringify(withoutSecrets(line, secretsOf({ program: this.#program })).slice(0, 80))}`,
        )
      }
      return
    }
    const now = performance.now()
    if (answeredId(message) !== undefined || now > this.#unaskedSince + unaskedMs) {
      this.#unasked = 0
      this.#unaskedSince = now
    } else this.#unasked += line.length
    if (this.#unasked > unaskedMost) this.#give(`wrote ${this.#unasked} characters that nobody asked for`)
    else this.onmessage?.(message)
  }

  /** It is given up: its end follows. */
  #give(why: string): void {
    this.lostBecause = new AndonError('unavailable', `${why}, and was ended`)
    this.#process?.kill()
  }
}
