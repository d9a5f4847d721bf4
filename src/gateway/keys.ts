// GET, POST and DELETE /v1/keys: who may come in, for those who may decide it.

import { z } from 'zod'
import type { App, Door } from './door.ts'

const scope = z.enum(['ask', 'load', 'admin'])

const newKey = z.strictObject({
  name: z
    .string()
    .max(100)
    .refine((name) => name.trim() !== '', 'is empty: say whose key it is'),
  scopes: z.array(scope).min(1).max(3).optional().describe('What it may be used for. Default: ask.'),
  expires_at: z.int().min(1).optional().describe('Unix ms. Default: never.'),
})

const keyInfo = z.object({
  id: z.string(),
  name: z.string(),
  tenant: z.string(),
  scopes: z.array(scope),
  createdAt: z.number(),
  expiresAt: z.number().optional(),
  revokedAt: z.number().optional(),
  lastUsedAt: z.number().optional(),
})

/** Adds the routes for keys of the caller's tenant. The secret of a new one is told in the reply and never again. */
export function addKeys(app: App, door: Door): void {
  const config = { scope: 'admin' } as const
  const tags = ['Keys']

  app.get(
    '/v1/keys',
    { schema: { tags, summary: 'Lists the keys', response: { 200: z.object({ keys: z.array(keyInfo) }) } }, config },
    async (request) => ({ keys: await door.factory.keys(door.callerOf(request)) }),
  )

  const made = z.object({ key: keyInfo, secret: z.string().describe('Told here and never again.') })
  app.post(
    '/v1/keys',
    { schema: { tags, summary: 'Makes a key', body: newKey, response: { 201: made } }, config },
    async (request, reply) => {
      const { name, scopes, expires_at } = request.body
      const key = {
        name,
        ...(scopes === undefined ? {} : { scopes }),
        ...(expires_at === undefined ? {} : { expiresAt: expires_at }),
      }
      return reply.status(201).send(await door.factory.createKey(key, door.callerOf(request)))
    },
  )

  const params = z.object({ id: z.string().min(1).max(200) })
  app.delete(
    '/v1/keys/:id',
    { schema: { tags, summary: 'Revokes a key, at once and for good', params, response: { 200: keyInfo } }, config },
    async (request) => door.factory.revokeKey(request.params.id, door.callerOf(request)),
  )
}
