// Records of answers: written when an answer begins and when it ends, its events and spans compressed.

import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { AnswerRecord, AnswerState, Span } from '../../core/answer-record.ts'
import { AndonError } from '../../core/errors.ts'
import type { AnswerEvent } from '../../core/question.ts'
import type { ReadContext, WriteContext } from './context.ts'
import { forgetWholly } from './forgetting.ts'
import { ensureTenant, tenantNumber } from './tenants.ts'

/** What of one answer is kept: characters of its events and of its spans as JSON. */
const recordLimits = { events: 4 * 1024 * 1024, spans: 512 * 1024 } as const

/** Records that are forgotten in one command, so that others get their turn. */
const purgedAtOnce = 2_000

interface AnswerRow {
  number: number
  state: AnswerState
  about: string
  data: Uint8Array | null
}

interface OneRecord {
  tenant: string
  record: AnswerRecord
}

/** See {@link AnswerStore.begin}. */
export function beginAnswer(context: WriteContext, { tenant, record }: OneRecord): void {
  const number = ensureTenant(context.db, tenant)
  if (answerOf(context, number, record.id))
    throw new AndonError('conflict', `There is an answer ${record.id} already: give each answer an id of its own`)
  insert(context, number, record, null)
}

/** See {@link AnswerStore.end}. What was said first about an end stands. */
export function endAnswer(context: WriteContext, { tenant, record }: OneRecord): void {
  const number = ensureTenant(context.db, tenant)
  const known = answerOf(context, number, record.id)
  // Its beginning could not be written: the end is still worth it.
  if (!known) return insert(context, number, record, packed(record))
  if (known.state !== 'running') return
  context.db.run(
    'UPDATE answers SET state = ?, about = ?, data = ? WHERE number = ?',
    record.state,
    aboutOf(record),
    packed(record),
    known.number,
  )
}

/** See {@link AnswerStore.get}. */
export function getAnswer(context: ReadContext, input: { tenant: string; id: string }): AnswerRecord | undefined {
  const row = answerOf(context, tenantNumber(context.db, input.tenant), input.id)
  if (!row) return undefined
  const about = JSON.parse(row.about) as Omit<AnswerRecord, 'state' | 'events' | 'spans'>
  return { ...about, state: row.state, ...unpacked(row.data) }
}

/** See {@link AnswerStore.interruptAll}. */
export function interruptAnswers({ db }: WriteContext, _input: null): number {
  return db.run("UPDATE answers SET state = 'interrupted' WHERE state = 'running'").changes
}

/** See {@link AnswerStore.forgetSession}. */
export function forgetAnswers({ db }: WriteContext, input: { tenant: string; sessionId: string }): number {
  const tenant = tenantNumber(db, input.tenant)
  const deletion = "DELETE FROM answers WHERE tenant = ? AND about ->> '$.sessionId' = ?"
  return forgetWholly(db, () => db.run(deletion, tenant, input.sessionId).changes)
}

/** Forgets some of what began before a time. Returns how many, and whether that was all. */
export function purgeAnswers({ db }: WriteContext, { before }: { before: number }): { purged: number; all: boolean } {
  const { changes } = db.run(
    `DELETE FROM answers WHERE number IN (
       SELECT number FROM answers WHERE started_at < ? AND state <> 'running' LIMIT ${purgedAtOnce})`,
    before,
  )
  return { purged: changes, all: changes < purgedAtOnce }
}

function insert({ db }: WriteContext, tenant: number, record: AnswerRecord, data: Uint8Array | null): void {
  db.run(
    'INSERT INTO answers (tenant, id, state, started_at, about, data) VALUES (?, ?, ?, ?, ?, ?)',
    tenant,
    record.id,
    record.state,
    record.startedAt,
    aboutOf(record),
    data,
  )
}

function answerOf({ db }: ReadContext, tenant: number | undefined, id: string): AnswerRow | undefined {
  return db.get<AnswerRow>('SELECT number, state, about, data FROM answers WHERE tenant = ? AND id = ?', tenant, id)
}

function aboutOf({ state: _state, events: _events, spans: _spans, ...about }: AnswerRecord): string {
  return JSON.stringify(about)
}

function packed({ events, spans, totalMs = 0 }: AnswerRecord): Uint8Array {
  const kept = within(events, recordLimits.events)
  const work = within(spans, recordLimits.spans)
  const lost = events.length - kept.length
  const lostSpans = spans.length - work.length
  const parts = [...(lost > 0 ? [`${lost} events`] : []), ...(lostSpans > 0 ? [`${lostSpans} spans`] : [])]
  const note: Span[] =
    parts.length === 0
      ? []
      : [
          {
            station: 'record',
            startMs: totalMs,
            waitMs: 0,
            workMs: 0,
            outcome: 'ok',
            note: `${parts.join(' and ')} before the last are not kept: the record was too long.`,
          },
        ]
  return zstdCompressSync(JSON.stringify({ events: kept, spans: [...work, ...note] }))
}

function unpacked(data: Uint8Array | null): { events: AnswerEvent[]; spans: Span[] } {
  if (data === null) return { events: [], spans: [] }
  return JSON.parse(zstdDecompressSync(data).toString('utf8')) as { events: AnswerEvent[]; spans: Span[] }
}

/** As many of the first as there is room for, and always the last: it says how the answer ended. */
function within<Item>(items: Item[], limit: number): Item[] {
  const last = items.at(-1)
  if (last === undefined) return []
  let size = JSON.stringify(last).length
  const kept: Item[] = []
  for (const item of items.slice(0, -1)) {
    size += JSON.stringify(item).length
    if (size > limit) break
    kept.push(item)
  }
  return [...kept, last]
}
