// Reaches a server: opens the transport that it speaks, and greets it.

import { Client } from '@modelcontextprotocol/client'
import { AndonError } from '../../core/errors.ts'
import { version } from '../../version.ts'
import { Refused } from './http.ts'
import type { McpReach } from './server.ts'
import { SseTransport } from './sse.ts'
import { StdioTransport } from './stdio.ts'
import { StreamableTransport } from './streamable.ts'
import type { ReasonedTransport } from './wire.ts'

/** Milliseconds for a server to start and to answer the first time. */
const greetingMs = 60_000

/** A server that has answered. */
export interface Dialled {
  client: Client
  transport: ReasonedTransport
}

/** What is heard of a server by itself. */
export interface DialEvents {
  onToolsChanged(): void
  onClosed(): void
}

/** Connects, until the signal. Fails with a sentence without its subject, which is the server. */
export async function dial(reach: McpReach, signal: AbortSignal, events: DialEvents): Promise<Dialled> {
  const { program, address } = reach
  if (program) return greet(new StdioTransport(program), signal, events)
  if (!address) throw new AndonError('invalid', 'has neither a program nor an address')
  if (address.transport === 'sse') return greet(new SseTransport(address), signal, events)
  try {
    return await greet(new StreamableTransport(address), signal, events)
  } catch (reason) {
    // What servers of the older kind answer to the newer one.
    const older = reason instanceof Refused && [400, 404, 405].includes(reason.status)
    if (!older || address.transport === 'http') throw reason
    try {
      return await greet(new SseTransport(address), signal, events)
    } catch {
      throw reason
    }
  }
}

/** It may do nothing here: no sampling, no questions to people, no roots. */
async function greet(transport: ReasonedTransport, signal: AbortSignal, events: DialEvents): Promise<Dialled> {
  const client = new Client({ name: 'andon', version }, { capabilities: {} })
  client.setNotificationHandler('notifications/tools/list_changed', () => events.onToolsChanged())
  let over: AndonError | undefined
  const giveUp = (why: AndonError): void => {
    over = why
    void transport.close()
  }
  const left = (): void => giveUp(AndonError.from(signal.reason, 'cancelled'))
  signal.addEventListener('abort', left, { once: true })
  const late = setTimeout(
    () => giveUp(new AndonError('unavailable', `did not answer within ${greetingMs} ms`)),
    greetingMs,
  )
  try {
    await client.connect(transport, { timeout: 2 * greetingMs })
  } catch (reason) {
    await transport.close()
    // One that was closed here was closed for this reason.
    const { lostBecause: lost } = transport
    throw over ?? (lost === undefined || lost.code === 'cancelled' ? reason : lost)
  } finally {
    clearTimeout(late)
    signal.removeEventListener('abort', left)
  }
  // The SDK knows no other way.
  // oxlint-disable-next-line unicorn/prefer-add-event-listener
  client.onclose = () => events.onClosed()
  return { client, transport }
}
