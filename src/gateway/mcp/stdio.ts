// MCP on standard input and output: one client, which started this process and ends it by closing its end.

import { aborted } from '../../core/aborted.ts'
import { PassThrough, type Readable, type Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { serveStdio, StdioServerTransport } from '@modelcontextprotocol/server/stdio'
import { makeMcpServer } from './server.ts'
import { ToolsWatch } from './tools-watch.ts'
import type { McpHouse, McpVisit } from './visit.ts'

export interface StdioOptions {
  /** Whose documents. */
  tenant: string
  input: Readable
  output: Writable
  /** Ends it early. */
  signal: AbortSignal
  /** The tools are looked at so often, to tell of changes; in milliseconds. Default 10,000. */
  lookMs?: number
  /** Hears of messages that cannot be understood. */
  onError?: (error: Error) => void
}

/** Serves until the input ends or the signal aborts. What is under way then is cancelled. */
export async function serveMcpStdio(house: McpHouse, options: StdioOptions): Promise<void> {
  const { tenant, input, output, signal, lookMs = 10_000, onError = () => {} } = options
  // Who started the process is who may use it: the tools are those of somebody at this machine.
  const visit: McpVisit = {
    id: 'stdio',
    caller: { tenant },
    may: () => true,
    enter: () => Promise.resolve({ [Symbol.dispose]() {} }),
  }
  using tools = new ToolsWatch(house.factory, lookMs)
  using stack = new DisposableStack()
  const messages = new PassThrough()
  const served = serveStdio(
    () => {
      const server = makeMcpServer(house, () => visit)
      stack.defer(tools.listen(tenant, () => void server.sendToolListChanged().catch(onError)))
      return server
    },
    { transport: new StdioServerTransport(messages, output), onerror: onError },
  )
  try {
    await Promise.race([finished(input.pipe(messages)), aborted(signal)])
  } catch {
    // An input that breaks off has ended.
  } finally {
    input.unpipe(messages)
    input.pause()
    messages.destroy()
    await served.close()
  }
}
