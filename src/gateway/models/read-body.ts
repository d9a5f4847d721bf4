// Reads the body of a request once, into one Buffer that all attempts share, within a size and a time.

import type { IncomingMessage } from 'node:http'
import { atDeadline } from '../../core/deadlines.ts'
import { AndonError } from '../../core/errors.ts'
import { answerLateBody } from '../client-errors.ts'
import { megabytes } from '../settings/setting.ts'

/** Largest body of a request for a model, in bytes: a long conversation with pictures. */
export const mostBodyBytes = 32 * 1024 * 1024

/** How long it may take to come, in milliseconds. */
const usualMs = 30_000

/**
 * Throws `too-large`, and `cancelled` when the connection ends before the body is whole: the caller left, or was answered
 * here with 408 when it had not come within `wholeMs`.
 */
export async function readBody(request: IncomingMessage, wholeMs = usualMs): Promise<Buffer> {
  await endOfTurn()
  // Of a caller who left while it was not read, no event comes any more.
  if (request.destroyed) throw gone()
  if (request.complete) return allOf(request)
  return await whatComes(request, wholeMs)
}

let turn: Promise<void> | undefined

/** When all that has arrived is parsed: of a request that came in one read its body is there then. One for all who wait. */
function endOfTurn(): Promise<void> {
  return (turn ??= new Promise((resolve) => {
    setImmediate(() => {
      turn = undefined
      resolve()
    })
  }))
}

/** What is there, of a request that is here whole. */
function allOf(request: IncomingMessage): Buffer {
  const all: unknown = request.read()
  return Buffer.isBuffer(all) ? all : Buffer.alloc(0)
}

/** What comes piece by piece. */
async function whatComes(request: IncomingMessage, wholeMs: number): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const parts: Buffer[] = []
  let bytes = 0
  const stopWaiting = atDeadline(performance.now() + wholeMs, () => answerLateBody(request.socket))
  const take = (part: Buffer): void => {
    bytes += part.length
    parts.push(part)
    if (bytes <= mostBodyBytes) return
    reject(new AndonError('too-large', `The body is larger than ${megabytes(mostBodyBytes)}. Send less.`))
  }
  const end = (): void => resolve(parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts))
  // Of a body that came whole the connection may close as it likes: an error is made only for one that did not.
  const leave = (): void => {
    if (!request.complete) reject(gone())
  }
  request.on('data', take)
  request.once('end', end)
  request.once('error', leave)
  request.once('close', leave)
  try {
    return await promise
  } finally {
    stopWaiting()
    request.off('data', take)
    request.off('end', end)
    request.off('close', leave)
  }
}

function gone(): AndonError {
  return new AndonError('cancelled', 'The caller closed the connection.')
}
