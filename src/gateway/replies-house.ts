// Keys, what a tenant uses, and how the house is, as the door tells of them.

import { z } from 'zod'
import { count, named, time } from './replies-parts.ts'

/** See {@link import('../core/key.ts').KeyInfo}. */
export const keyInfo = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    tenant: z.string(),
    scopes: z.array(z.enum(['ask', 'load', 'admin'])),
    createdAt: time,
    expiresAt: time.exactOptional(),
    revokedAt: time.exactOptional(),
    lastUsedAt: time.exactOptional(),
  })
  .register(named, { id: 'Key' })

const used = z.strictObject({ used: count, limit: count.exactOptional() })

/** See {@link import('../core/factory.ts').TenantUsage}. */
export const tenantUsage = z
  .strictObject({ documents: used, bytes: used, questions: used })
  .register(named, { id: 'TenantUsage' })

/** See {@link import('../core/factory.ts').Health}. */
export const health = z
  .strictObject({
    ready: z.boolean(),
    version: z.string(),
    parts: z.array(z.strictObject({ name: z.string(), ok: z.boolean(), message: z.string() })),
    totals: z.strictObject({ documents: count, passages: count, bytes: count, waiting: count, running: count }),
    models: z.strictObject({
      chat: z.string().exactOptional(),
      embedder: z.string().exactOptional(),
      reranker: z.string().exactOptional(),
    }),
    eventLoopDelayMs: z.strictObject({ p50: z.number(), p99: z.number(), max: z.number() }),
    pools: z
      .array(z.strictObject({ name: z.string(), size: count, running: count, waiting: count }))
      .exactOptional()
      .describe('Threads and processes that do the work, and how many calls wait for one.'),
  })
  .register(named, { id: 'Health' })
