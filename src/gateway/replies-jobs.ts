// Jobs and their stories, as the door tells of them.

import { z } from 'zod'
import { count, named, time } from './replies-parts.ts'

const failure = z.strictObject({ code: z.string(), message: z.string() })

/** See {@link import('../core/factory.ts').JobView}. */
export const jobView = z
  .strictObject({
    id: z.string(),
    kind: z.string(),
    documentId: z.string().exactOptional(),
    documentName: z.string().exactOptional(),
    state: z.enum(['waiting', 'running', 'done', 'failed', 'cancelled', 'dead']),
    stage: z.string(),
    progress: z.strictObject({ done: z.number(), total: z.number() }),
    attempts: count,
    maxAttempts: count,
    error: failure.exactOptional(),
    createdAt: time,
    startedAt: time.exactOptional(),
    endedAt: time.exactOptional(),
  })
  .register(named, { id: 'Job' })

/** See {@link import('../core/factory.ts').JobStory}. */
export const jobStory = z
  .strictObject({
    job: jobView,
    before: z.strictObject({ tenant: count, all: count }).describe('Jobs that come first.'),
    sentences: z.array(z.string()).describe('Why it waits, who works on it, what comes next: for people.'),
    history: z.array(z.strictObject({ at: time, event: z.string(), detail: z.string().exactOptional() })),
  })
  .register(named, { id: 'JobStory' })
