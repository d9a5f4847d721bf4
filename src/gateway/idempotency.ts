// The same write twice is done once: a request that changes something may carry a key of its own (Idempotency-Key), and
// its repetition gets the first one's answer.
//
//   config: { once: true }        what the route replies is kept and replayed: JSON up to 256 KB, successes only
//   config: { once: 'by-route' }  the route keeps something itself, with `onceFor(request)`: an answer that streams
//
// A write that fails frees its key. The key belongs to the tenant; the secret of a new key is never kept, so the route
// that makes keys is not one of these.

import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { announceTrouble } from '../core/channels.ts'
import { AndonError } from '../core/errors.ts'
import type { Caller, Factory } from '../core/factory.ts'
import type { Plain } from '../core/plain.ts'
import type { App, Door } from './door.ts'
import { sendError } from './errors.ts'

/** The largest reply that is kept, in bytes. */
const mostKept = 256 * 1024

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether the route follows Idempotency-Key: with its whole reply, or (`by-route`) with what it keeps itself. */
    once?: boolean | 'by-route'
  }
  interface FastifyRequest {
    once: Once | undefined
  }
}

/**
 * A write that came with a key of its own; its methods never throw. A route of its own account looks at `replayOf` first: what an earlier
 * request settled with. Else it settles as soon as the write is certain. What has not settled when the reply is sent is
 * released.
 */
export interface Once {
  readonly replayOf?: Plain
  /** Keeps the reply for those who ask again; one that is over 256 KB frees the key. */
  settle(reply: Plain): Promise<void>
  /** Frees the key: nothing was done. */
  release(): Promise<void>
}

/** The write that a request is, for routes with `once: 'by-route'`; undefined when it carries no key. */
export function onceFor(request: FastifyRequest): Once | undefined {
  return request.once
}

/** Adds the keeping and replaying of writes to the routes whose `config` has `once`. To be added before the lanes. */
export function addOnce(app: App, door: Pick<Door, 'factory'>): void {
  app.decorateRequest('once')

  app.addHook('preHandler', async (request, reply): Promise<FastifyReply | undefined> => {
    const { once } = request.routeOptions.config
    const key = request.headers['idempotency-key']
    if (once === undefined || once === false || key === undefined) return undefined
    mustBeKey(key)
    // Without the signal of the request: whoever has left has not taken the write back.
    const caller = { tenant: request.principal.tenant }
    let claim
    try {
      claim = await door.factory.claimOnce(key, fingerprintOf(request), caller)
    } catch (reason) {
      return refuse(request, reply, AndonError.from(reason))
    }
    if (claim.new) {
      request.once = openOnce(door.factory, key, caller)
      return undefined
    }
    void reply.header('idempotency-replayed', 'true')
    if (once === 'by-route') {
      request.once = { replayOf: claim.reply, settle: async () => {}, release: async () => {} }
      return undefined
    }
    return replay(reply, claim.reply)
  })

  app.addHook('onSend', async (request, reply, payload) => {
    const { once } = request
    if (once === undefined || once.replayOf !== undefined) return
    const kept = request.routeOptions.config.once === true ? replyToKeep(reply, payload) : undefined
    await (kept === undefined ? once.release() : once.settle(kept))
  })
}

/** A claim that was taken: the first of `settle` and `release` counts. */
function openOnce(factory: Factory, key: string, caller: Caller): Once {
  let over = false
  const end = async (reply: Plain | undefined): Promise<void> => {
    if (over) return
    over = true
    try {
      await factory.settleOnce(key, reply, caller)
    } catch (reason) {
      // The write is done, and its caller is told so; only a repetition will hear that it is under way.
      announceTrouble('keeping the reply of a write', reason)
    }
  }
  return {
    settle: (reply) => end(Buffer.byteLength(JSON.stringify(reply)) > mostKept ? undefined : reply),
    release: () => end(undefined),
  }
}

function mustBeKey(key: string | string[]): asserts key is string {
  if (typeof key === 'string' && /^[\x21-\x7e][\x20-\x7e]{0,198}[\x21-\x7e]$|^[\x21-\x7e]$/.test(key)) return
  throw new AndonError('invalid', 'The Idempotency-Key must be 1 to 200 visible ASCII characters, like a UUID.')
}

/** Says that a key came with another write before: 422. For routes that find it out themselves. */
export function refuseOther(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const key = String(request.headers['idempotency-key'])
  const sentence = `The key ${key} came with another write before: use a new key for this one.`
  void reply.removeHeader('idempotency-replayed')
  return sendError(request, reply, new AndonError('conflict', sentence), 422)
}

/**
 * What a request does: another one under the same key is a mistake. The files of a form are read later, and as a stream:
 * its route compares them.
 */
function fingerprintOf({ method, url, body }: FastifyRequest): string {
  const content = body === undefined || body === null ? '' : JSON.stringify(body)
  return createHash('sha256').update(`${method} ${url}\n${content}`).digest('base64url')
}

function refuse(request: FastifyRequest, reply: FastifyReply, error: AndonError): FastifyReply {
  if (error.code !== 'conflict' || error.retryAfterMs !== undefined) throw error
  return sendError(request, reply, error, 422)
}

/** The reply in a form that can be kept, or undefined: for errors and streams. */
function replyToKeep(reply: FastifyReply, payload: unknown): Plain | undefined {
  const { statusCode: status } = reply
  const body = payload ?? ''
  if (status < 200 || status > 299 || typeof body !== 'string') return undefined
  const [type, location] = [reply.getHeader('content-type'), reply.getHeader('location')]
  return {
    status,
    body,
    ...(typeof type === 'string' ? { type } : {}),
    ...(typeof location === 'string' ? { location } : {}),
  }
}

function replay(reply: FastifyReply, kept: Plain): FastifyReply {
  const { status, body, type, location } = keptReply(kept)
  if (typeof type === 'string') void reply.type(type)
  if (typeof location === 'string') void reply.header('location', location)
  return reply.status(typeof status === 'number' ? status : 200).send(body === '' ? undefined : body)
}

function keptReply(kept: Plain): { readonly [name: string]: Plain | undefined } {
  if (typeof kept !== 'object' || kept === null || Array.isArray(kept))
    throw new AndonError('internal', 'What was kept of the first reply is none.')
  return kept as { readonly [name: string]: Plain | undefined }
}
