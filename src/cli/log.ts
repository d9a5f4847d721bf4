// What a server logs: one JSON line on standard error per fault, of its door and of what goes on behind it, and per
// request at the level debug.

import type { Options } from '../options.ts'
import { troubleChannel } from '../core/channels.ts'
import { gatewayChannel } from '../gateway/channel.ts'

const levels = ['debug', 'info', 'warn', 'error', 'silent'] as const

/** Logs what the gateway and the house announce, from the given level on, until disposed. */
export function logGateway(least: Options['logLevel']): Disposable {
  const write = (level: (typeof levels)[number], fields: object): void => {
    if (levels.indexOf(level) < levels.indexOf(least)) return
    process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), level, ...fields })}\n`)
  }
  const stop = gatewayChannel.subscribe((message) => {
    if (message.event === 'request-ended') {
      const { event, id, method, path, status, ms, left } = message
      write(status >= 500 ? 'warn' : 'debug', { event, id, method, path, status, ms: Math.round(ms), left })
    } else {
      const { cause } = message.error
      const stack = cause instanceof Error ? cause.stack : message.error.stack
      write('error', { event: message.event, id: message.id, message: message.error.message, stack })
    }
  })
  const stopTrouble = troubleChannel.subscribe(({ part, error }) =>
    write('warn', { event: 'trouble', part, message: error.message }),
  )
  return {
    [Symbol.dispose]() {
      stop()
      stopTrouble()
    },
  }
}
