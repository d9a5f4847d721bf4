// So many requests a minute, for each tenant and each key, counted in this process and in those that share its port.

import type { IncomingMessage } from 'node:http'
import type { FastifyReply } from 'fastify'
import { AndonError } from '../core/errors.ts'
import { Buckets, type Draw } from './buckets.ts'
import type { App, Door, Principal } from './door.ts'
import type { CountsOfOne, SharedCounts } from './processes/counts.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Counts one more than the request itself: what is asked on a connection that stays open. Throws `overloaded`. */
    countAgain(): void
  }
}

interface Rule {
  what: 'tenant' | 'key'
  buckets: Buckets
  /** What is taken here, for the other processes. */
  others: CountsOfOne | undefined
  of: (principal: Principal) => string | undefined
}

/**
 * Refuses with `overloaded` what is more than `limits.tenantPerMinute` or `limits.keyPerMinute`; routes whose scope is
 * `open` are not counted. Replies to what is counted carry `RateLimit-Limit`, `-Remaining`, `-Reset` (seconds until all
 * of it is there again) and `-Policy`, as in draft-ietf-httpapi-ratelimit-headers-06, of the limit that is nearer. With
 * `counts`, what other processes let through is taken here, too, a few milliseconds later.
 */
export function addRate(app: App, door: { options: Pick<Door['options'], 'limits'> }, counts?: SharedCounts): Rate {
  const { tenantPerMinute, keyPerMinute } = door.options.limits
  const rules: Rule[] = []
  const add = (what: Rule['what'], perMinute: number, of: Rule['of']): void => {
    const buckets = new Buckets(perMinute)
    rules.push({ what, buckets, of, others: counts?.of(what, (name, [count = 0]) => buckets.debit(name, count)) })
  }
  if (tenantPerMinute !== undefined) add('tenant', tenantPerMinute, ({ tenant }) => tenant)
  if (keyPerMinute !== undefined) add('key', keyPerMinute, ({ keyId }) => keyId)
  app.decorateRequest('countAgain', function countAgain() {
    const drawn = draw(rules, this.principal)
    if (drawn?.refused) throw drawn.refused
  })
  // What the door for models was refused is refused by the routes, too, though another may have come back meanwhile.
  const refusedBefore = new WeakMap<IncomingMessage, Drawn>()
  const rate: Rate = {
    allows(principal, request) {
      const refused = refusedOf(rules, principal)
      if (refused) refusedBefore.set(request, refused)
      return refused === undefined
    },
    take(principal) {
      const drawn = draw(rules, principal)
      if (drawn?.refused) throw drawn.refused
      return drawn ? toldOf(drawn.buckets, drawn.draw) : undefined
    },
  }
  if (rules.length === 0) return rate
  app.addHook('onRequest', async (request, reply) => {
    if (request.is404 || request.routeOptions.config.scope === 'open') return
    const drawn = refusedBefore.get(request.raw) ?? draw(rules, request.principal)
    if (drawn) tell(reply, drawn.buckets, drawn.draw)
    if (drawn?.refused) throw drawn.refused
  })
  return rate
}

/** The same count for requests that do not come by the routes. */
export interface Rate {
  /** Whether one more would be let through now; takes nothing. When not, the routes refuse this request. */
  allows(principal: Principal, request: IncomingMessage): boolean
  /** Takes one, and returns the headers that tell of it, if there is a limit. Throws `overloaded`. */
  take(principal: Principal): Record<string, string> | undefined
}

interface Drawn {
  buckets: Buckets
  draw: Draw
  refused?: AndonError
}

/** Takes one of every limit, or of none: what one refuses is not taken from the other. Tells of the limit that is nearer. */
function draw(rules: readonly Rule[], principal: Principal): Drawn | undefined {
  const refused = refusedOf(rules, principal)
  if (refused) return refused
  const draws = rules.flatMap(({ of, buckets, others }) => {
    const key = of(principal)
    if (key === undefined) return []
    others?.add(key, [1])
    return [{ buckets, draw: buckets.take(key) }]
  })
  return draws.sort((one, other) => one.draw.remaining - other.draw.remaining)[0]
}

function refusedOf(rules: readonly Rule[], principal: Principal): Drawn | undefined {
  for (const { what, buckets, of } of rules) {
    const key = of(principal)
    const look = key === undefined ? undefined : buckets.look(key)
    if (look?.granted === false) return { buckets, draw: look, refused: refusal(what, buckets, look) }
  }
  return undefined
}

function tell(reply: FastifyReply, buckets: Buckets, drawn: Draw): void {
  void reply.headers(toldOf(buckets, drawn))
}

function toldOf({ perMinute, burst }: Buckets, { remaining, fullInMs }: Draw): Record<string, string> {
  return {
    'ratelimit-limit': String(burst),
    'ratelimit-remaining': String(remaining),
    'ratelimit-reset': String(Math.ceil(fullInMs / 1000)),
    'ratelimit-policy': `${perMinute};w=60;burst=${burst}`,
  }
}

function refusal(what: Rule['what'], { perMinute, burst }: Buckets, { nextInMs }: Draw): AndonError {
  const retryAfterMs = Math.ceil(nextInMs)
  return new AndonError(
    'overloaded',
    `This ${what} may send ${perMinute} requests a minute, ${burst} at once, and has. Try again in ${Math.ceil(retryAfterMs / 1000)} s.`,
    { retryAfterMs, detail: { rate: { what, perMinute, burst } } },
  )
}
