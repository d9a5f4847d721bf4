// What a server logs: JSON lines on standard error, for faults of its door and of what goes on behind it, for replies
// that failed, for endpoints of models that go and come, and at the level debug for every request and what a model used
// for it. Never what was asked or answered, and never a secret.

import { pino, type DestinationStream, type Logger } from 'pino'
import { troubleChannel } from '../core/channels.ts'
import type { AndonError } from '../core/errors.ts'
import { gatewayChannel, type RequestEnded } from '../gateway/channel.ts'
import { redacted } from '../observe/redact.ts'
import type { Options } from '../options.ts'
import type { HearingOptions, RouterEvent } from '../router/router-events.ts'
import type { UsageRecord } from '../router/usage-records.ts'

/** Logs what the gateway and the house announce, from the given level on, until disposed. */
export function logGateway(least: Options['logLevel'], to: DestinationStream = process.stderr): Disposable {
  const log = openLog(least, to)
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

/** What is told of the processes of a gateway. */
export interface ProcessNews {
  event: 'process-ended' | 'process-silent' | 'process-failed'
  message: string
  pid?: number | undefined
}

/** Logs, as a warning, what happens to the processes of a gateway, in the form of all that they log themselves. */
export function openProcessLog(
  least: Options['logLevel'],
  to: DestinationStream = process.stderr,
): (news: ProcessNews) => void {
  const log = openLog(least, to)
  return (news) => log.warn(news)
}

/** A router, as far as it tells what happens. */
export interface ToldRouter {
  subscribe(listener: (event: RouterEvent) => void, options: HearingOptions): () => void
}

/** Logs what a router tells, from the given level on, until disposed. Only at debug does it make records of requests. */
export function logModels(
  router: ToldRouter,
  least: Options['logLevel'],
  to: DestinationStream = process.stderr,
): Disposable {
  const log = openLog(least, to)
  const stop = router.subscribe(
    (event) => {
      switch (event.type) {
        case 'record':
          return log.debug(recordFields(event.record))
        case 'endpoint-up':
          return log.info({ event: event.type, endpoint: event.endpoint })
        case 'endpoint-cooling':
        case 'endpoint-down': {
          const { type, ...news } = event
          return log[type === 'endpoint-down' ? 'warn' : 'info']({ event: type, ...news })
        }
        case 'warning':
          return log.warn({ event: 'models', message: event.error.message })
      }
    },
    { records: log.isLevelEnabled('debug') },
  )
  return { [Symbol.dispose]: stop }
}

function openLog(least: Options['logLevel'], to: DestinationStream): Logger {
  return pino(
    {
      level: least,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
    },
    { write: (line) => to.write(redacted(line)) },
  )
}

function recordFields({ at: _at, id, attempts, waitedMs, firstTokenMs, totalMs, ...record }: UsageRecord): object {
  return {
    event: 'model-used',
    requestId: id,
    ...record,
    attempts: attempts.map(({ atMs, ms, ...attempt }) => ({ ...attempt, atMs: tenths(atMs), ms: tenths(ms) })),
    waitedMs: tenths(waitedMs),
    ...(firstTokenMs === undefined ? {} : { firstTokenMs: tenths(firstTokenMs) }),
    totalMs: tenths(totalMs),
  }
}

function requestFields({ id, path, ms, brokenOff, ...request }: RequestEnded): object {
  const why = brokenOff ? { brokenOff: brokenOff.message } : {}
  // The path of a request that matched a route says which document it was about; others say where somebody looked.
  return { requestId: id, ...request, ...why, path, ms: tenths(ms) }
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10
}

function stackOf({ cause, stack }: AndonError): string | undefined {
  return cause instanceof Error ? cause.stack : stack
}
