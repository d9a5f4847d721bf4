// What a server logs: JSON lines on standard error, for faults of its door and of what goes on behind it, for replies
// that failed, and for every request at the level debug. Never what was asked, and never a secret.

import { pino, type DestinationStream } from 'pino'
import { troubleChannel } from '../core/channels.ts'
import type { AndonError } from '../core/errors.ts'
import { gatewayChannel, type RequestEnded } from '../gateway/channel.ts'
import { redacted } from '../observe/redact.ts'
import type { Options } from '../options.ts'

/** Logs what the gateway and the house announce, from the given level on, until disposed. */
export function logGateway(least: Options['logLevel'], to: DestinationStream = process.stderr): Disposable {
  const log = pino(
    {
      level: least,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
    },
    { write: (line) => to.write(redacted(line)) },
  )
  const stop = gatewayChannel.subscribe((message) => {
    if (message.event === 'request-ended') {
      const level = message.status >= 500 || message.brokenOff ? 'warn' : 'debug'
      if (log.isLevelEnabled(level)) log[level](requestFields(message))
    } else if (message.event === 'fault') {
      const { event, id, error } = message
      log.error({ event, requestId: id, message: error.message, stack: stackOf(error) })
    }
  })
  const stopTrouble = troubleChannel.subscribe(({ part, error }) =>
    log.warn({ event: 'trouble', part, message: error.message }),
  )
  return {
    [Symbol.dispose]() {
      stop()
      stopTrouble()
    },
  }
}

function requestFields({ id, path, ms, brokenOff, ...request }: RequestEnded): object {
  const why = brokenOff ? { brokenOff: brokenOff.message } : {}
  // The path of a request that matched a route says which document it was about; others say where somebody looked.
  return { requestId: id, ...request, ...why, path, ms: Math.round(ms * 10) / 10 }
}

function stackOf({ cause, stack }: AndonError): string | undefined {
  return cause instanceof Error ? cause.stack : stack
}
