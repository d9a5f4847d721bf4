// Where the time of Andon's answers went: reads their records after the phase, so that reading is no part of it.

import { z } from 'zod'
import type { RequestRecord } from './record.ts'
import { TargetClient, type RequestStyle } from './target-client.ts'
import type { Target } from './target.ts'

/** Answers of a phase whose records are read: enough for a p99, and soon done. */
const most = 200

const recordSchema = z.looseObject({
  spans: z.array(
    z.looseObject({
      station: z.string(),
      startMs: z.number(),
      waitMs: z.number(),
      workMs: z.number(),
      outcome: z.enum(['ok', 'failed', 'cancelled']),
    }),
  ),
})

/** Adds the spans to the first answers of a phase. One whose record cannot be read goes without. */
export async function readSpans(
  target: Target,
  style: RequestStyle,
  records: readonly RequestRecord[],
  signal: AbortSignal,
): Promise<void> {
  await using client = new TargetClient(target, style, 1)
  const { pathname } = new URL(target.url)
  const base = pathname.replace(/\/+$/, '')
  for (const record of records.filter(({ answerId }) => answerId !== undefined).slice(0, most)) {
    if (signal.aborted) return
    const text = await client.look(`${base}/v1/answers/${encodeURIComponent(record.answerId ?? '')}`)
    if (text === undefined) continue
    const read = recordSchema.safeParse(parsedOrNothing(text))
    if (!read.success) continue
    record.spans = read.data.spans.map(({ station, startMs, waitMs, workMs, outcome }) => ({
      station,
      startMs,
      waitMs,
      workMs,
      outcome,
    }))
  }
}

function parsedOrNothing(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
