// Each request that has a lane takes its place there before it is served, and gives it back when its response closes.

import { AndonError } from '../core/errors.ts'
import type { App, Door } from './door.ts'

/** Adds the lanes to every route whose `config` names one. */
export function addLanes(app: App, door: Door): void {
  app.decorateRequest('permit')
  app.decorateRequest('takePermit', function takePermit() {
    const { permit } = this
    if (permit === undefined) throw new AndonError('internal', 'The route has no lane, so there is no permit to take.')
    this.permit = undefined
    return permit
  })
  // Before the body is read: a full lane costs next to nothing.
  app.addHook('onRequest', async (request) => {
    const { lane } = request.routeOptions.config
    if (lane !== undefined) door.admission.check(lane, request.principal)
  })
  app.addHook('preHandler', async (request, reply) => {
    const { lane } = request.routeOptions.config
    if (lane === undefined) return
    const permit = await door.admission.enter(lane, request.principal, door.visits.signalOf(request))
    request.permit = permit
    const giveBack = (): void => request.permit?.[Symbol.dispose]()
    if (reply.raw.destroyed) giveBack()
    else reply.raw.once('close', giveBack)
  })
}
