// Tools, as the door tells of them: calls in an answer, calls of the caller's own, and what waits for a person.

import { z } from 'zod'
import { count, named, plain, time } from './replies-parts.ts'

/** Any object of plain values. */
export const plainObject = z.record(z.string(), plain)

const place = z.enum(['inline', 'thread', 'process'])

const trust = z.enum(['trusted', 'untrusted'])

const traits = z.strictObject({
  readOnly: z.boolean(),
  idempotent: z.boolean(),
  pure: z.boolean(),
  destructive: z.boolean(),
  network: z.boolean(),
})

/** See {@link import('../core/question.ts').AskedCall}. */
export const askedCall = z.strictObject({ id: z.string(), name: z.string(), arguments: z.string() })

/** See {@link import('../core/question.ts').RecomputedFigure}. */
export const recomputedFigure = z
  .strictObject({
    start: count,
    end: count,
    said: z.string(),
    outcome: z.enum(['agrees', 'differs', 'unchecked']),
    computed: z.string().exactOptional(),
    sum: z.string().exactOptional(),
    reason: z.string().exactOptional(),
  })
  .register(named, { id: 'RecomputedFigure' })

/** See {@link import('../core/tooling.ts').ToolApproval}. */
export const toolApproval = z
  .strictObject({
    id: z.string(),
    answerId: z.string().exactOptional(),
    callId: z.string(),
    tool: z.string(),
    description: z.string(),
    arguments: plainObject,
    traits,
    trust,
    limits: z.strictObject({ timeoutMs: z.number(), outputBytes: z.number() }),
    host: z.string().exactOptional(),
    expiresAt: time,
  })
  .register(named, { id: 'ToolApproval' })

/** What an answer tells of the tools that it calls. */
export const toolEvents = [
  z.strictObject({
    type: z.literal('tool-call'),
    id: z.string(),
    name: z.string(),
    arguments: z.union([plainObject, z.string()]),
  }),
  z.strictObject({ type: z.literal('tool-approval'), id: z.string(), approval: toolApproval }),
  z.strictObject({ type: z.literal('tool-progress'), id: z.string(), done: z.union([z.number(), z.string()]) }),
  z.strictObject({
    type: z.literal('tool-result'),
    id: z.string(),
    name: z.string(),
    ok: z.boolean(),
    value: plain.exactOptional(),
    error: z.strictObject({ kind: z.string(), message: z.string() }).exactOptional(),
    place: place.exactOptional(),
    ms: z.number(),
  }),
] as const

const permission = z.enum(['allow', 'ask', 'deny'])

/** See {@link import('../core/tooling.ts').ToolView}. */
export const toolView = z
  .strictObject({
    name: z.string(),
    namespace: z.string().exactOptional(),
    title: z.string().exactOptional(),
    description: z.string(),
    origin: z.enum(['built-in', 'module', 'openapi', 'mcp']),
    input: plainObject.describe('A JSON Schema.'),
    output: plainObject.describe('A JSON Schema.').exactOptional(),
    tags: z.array(z.string()),
    traits,
    mode: z.enum(['inline', 'thread', 'process', 'auto']),
    trust,
    limits: z.strictObject({
      timeoutMs: z.number(),
      memoryMb: z.number().exactOptional(),
      outputBytes: z.number(),
    }),
    permission,
    enabled: z.boolean(),
    state: z.enum(['ready', 'off', 'resting', 'unreachable', 'impossible']),
    reason: z.string().describe('Of every state but `ready`: one sentence, with the remedy.').exactOptional(),
    stats: z.strictObject({ runs: count, failed: count, killed: count, p50Ms: z.number().exactOptional() }),
  })
  .register(named, { id: 'Tool' })

/** See {@link import('../core/tooling.ts').ToolRun}. */
export const toolRun = z
  .strictObject({
    id: z.string(),
    tool: z.string(),
    at: time,
    outcome: z.enum(['waiting', 'running', 'done', 'failed', 'killed', 'declined', 'cancelled']),
    ms: z.number(),
    place: place.exactOptional(),
    attempt: count,
    message: z.string().exactOptional(),
    answerId: z.string().exactOptional(),
  })
  .register(named, { id: 'ToolRun' })

/** See {@link import('../core/tooling.ts').ToolOutcome}. */
export const toolOutcome = z
  .strictObject({
    runId: z.string(),
    name: z.string(),
    ok: z.boolean(),
    value: plain.exactOptional(),
    error: z.strictObject({ kind: z.string(), message: z.string(), retryable: z.boolean() }).exactOptional(),
    place: place.exactOptional(),
    why: z.string().exactOptional(),
    attempt: count,
    timings: z.strictObject({ queueMs: z.number(), transportMs: z.number(), runMs: z.number() }),
    truncated: z.strictObject({ bytes: count }).exactOptional(),
  })
  .register(named, { id: 'ToolOutcome' })
