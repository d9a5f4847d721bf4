// What every reply tells browsers: that it is data and nothing to run, to frame, to guess at or to keep.

import type { App } from './door.ts'

/** What also says something to programs, and to what stands between. */
export const plainHeaders = { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' }

/**
 * There is no Strict-Transport-Security among them: Andon speaks plain HTTP, where browsers ignore it, and what stands
 * in front of it and speaks TLS knows for how long it will.
 */
export const safeHeaders = {
  ...plainHeaders,
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
}

/** Gives every reply, errors too, these headers; a route may set its own instead. */
export function addHeaders(app: App): void {
  app.addHook('onRequest', async (request, reply) => {
    void reply.headers({ ...safeHeaders, 'x-request-id': request.id })
  })
}
