// What a simulated engine does wrong, on purpose: for all its requests or a share of them, or for one that asks for it
// in its header `x-simulate`.

import { z } from 'zod'
import { checked } from './checked.ts'

const count = z.int().min(0)

export const faultsSchema = z.strictObject({
  /** Answer with this status instead. */
  status: z.int().min(400).max(599).optional(),
  /** With the status: how long to stay away, in milliseconds. */
  retryAfterMs: count.optional(),
  /** With the status: an HTML page, as proxies answer. */
  html: z.boolean().optional(),
  /** Never answer, not even with headers. */
  hang: z.boolean().optional(),
  /** Status and headers, and then nothing. */
  silent: z.boolean().optional(),
  /** Wait so long with status and headers, in milliseconds. */
  firstByteMs: count.optional(),
  /** After so many tokens, an error in the stream, and its end. */
  errorFrameAfter: count.optional(),
  /** After so many tokens, a frame that is no JSON; the stream goes on. */
  malformedAfter: count.optional(),
  /** After so many tokens, the connection is destroyed. */
  cutAfter: count.optional(),
  /** After so many tokens, silence. */
  stallAfter: count.optional(),
  /** Each write ends in the middle of a character, if it has one of several bytes, or else of a frame. */
  splitUtf8: z.boolean().optional(),
  /** No `data: [DONE]`. */
  noDone: z.boolean().optional(),
  /** No usage, though it was asked for. */
  noUsage: z.boolean().optional(),
  /** A whole answer without a word in it. */
  empty: z.boolean().optional(),
  /** No fault: words without meaning, of so many tokens. */
  tokens: z.int().min(1).optional(),
})

export type Faults = z.output<typeof faultsSchema>

/** Faults of an engine: for whom, and how long. */
export const engineFaultsSchema = faultsSchema.extend({
  /** Share of the requests that they befall, by the engine's seed. Default 1. */
  share: z.number().min(0).max(1).optional(),
  /** They are over after so many milliseconds. Default: when they are replaced. */
  forMs: count.optional(),
})

export type EngineFaults = z.output<typeof engineFaultsSchema>

/** Reads `x-simulate: status=429; retry-after-ms=2000; split-utf8`. Throws `invalid` for what is no fault. */
export function faultsInHeader(header: string | undefined): Faults {
  if (header === undefined || header.trim() === '') return {}
  const given = header.split(';').flatMap((part) => {
    const [name = '', value] = part.split('=').map((side) => side.trim())
    if (name === '') return []
    return [[camel(name), value === undefined ? true : Number(value)] as const]
  })
  return checked(faultsSchema, Object.fromEntries(given), `The header x-simulate (${header})`)
}

function camel(name: string): string {
  return name.toLowerCase().replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
}
