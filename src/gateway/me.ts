// GET /v1/me: who the door takes its caller for.

import { z } from 'zod'
import type { App } from './door.ts'

const me = z.object({
  kind: z.enum(['anonymous', 'key', 'token']),
  name: z.string(),
  tenant: z.string(),
  scopes: z.array(z.enum(['ask', 'load', 'admin'])),
})

/** Adds GET /v1/me, for everybody who is let in at all. */
export function addMe(app: App): void {
  const schema = { tags: ['Keys'], summary: 'Who the caller is, and what they may do', response: { 200: me } }
  app.get('/v1/me', { schema, config: { scope: 'any' } }, async ({ principal }) => {
    const { kind, name, tenant, scopes } = principal
    return { kind, name, tenant, scopes: [...scopes] }
  })
}
