// Where the time of an answer went, worked out from its record: waiting, lost and working, and the rows of the picture.

import type { AnswerRecord, Span } from '../../../../src/core/answer-record.ts'
import type { AnswerEvent } from '../../../../src/core/question.ts'

/** A stretch of work of one station; milliseconds from the start of the answer. */
export interface Bar {
  startMs: number
  /** Where the waiting ends and the work begins. */
  workMs: number
  endMs: number
  failed: boolean
  /** Of a checked sentence: that the documents do not support it. */
  doubted: boolean
}

/** A row of the picture: one station, or one attempt of it. Bars that overlap share it. */
export interface Row {
  station: string
  attempt?: number
  /** Who did it; undefined when several did, or nobody says. */
  place?: string
  bars: Bar[]
  waitMs: number
  workMs: number
  failed: boolean
  /** Whether this attempt wrote the first text that came. */
  first: boolean
  note?: string
}

/** A call of a tool. */
export interface ToolCall {
  id: string
  name: string
  asked: boolean
  result?: Extract<AnswerEvent, { type: 'tool-result' }>
}

export interface Trace {
  totalMs: number
  /** The three together are the whole. */
  waitingMs: number
  lostMs: number
  workingMs: number
  rows: Row[]
  /** The tries of the model, in order. */
  attempts: Span[]
  /** The calls of tools, in order. */
  calls: ToolCall[]
  checked: { all: number; supported: number }
  passages: { found?: number; kept: number; cited: number; best?: number }
}

/** The picture of a record; of one that still grows, as far as it goes. */
export function traceOf(record: AnswerRecord, now = Date.now()): Trace {
  const spans = record.spans.toSorted((a, b) => a.startMs - b.startMs)
  const lastMs = Math.max(0, ...spans.map(endOf))
  const totalMs = record.totalMs ?? Math.max(lastMs, record.state === 'running' ? now - record.startedAt : 0)
  const sentences = record.events.filter((event) => event.type === 'sentence-checked')
  return {
    totalMs,
    ...shares(spans, totalMs),
    rows: rowsOf(
      spans,
      sentences.map(({ supported }) => !supported),
      record.firstTextMs,
    ),
    attempts: spans.filter((span) => span.attempt !== undefined && !isTool(span)),
    calls: callsOf(record),
    checked: { all: sentences.length, supported: sentences.filter(({ supported }) => supported).length },
    passages: passagesOf(record),
  }
}

/** Every moment counts once: work before a lost try, that before waiting. When nothing is announced, the house works. */
function shares(spans: Span[], totalMs: number): Pick<Trace, 'waitingMs' | 'lostMs' | 'workingMs'> {
  const edges = new Set([0, totalMs])
  for (const span of spans)
    for (const edge of [span.startMs, workOf(span), endOf(span)]) edges.add(Math.min(edge, totalMs))
  const cuts = [...edges].sort((a, b) => a - b)
  let waitingMs = 0
  let lostMs = 0
  for (const [index, from] of cuts.entries()) {
    const to = cuts[index + 1] ?? from
    const works = spans.filter((span) => workOf(span) <= from && to <= endOf(span) && from < to)
    if (works.some((span) => !isLost(span))) continue
    if (works.length > 0) lostMs += to - from
    else if (spans.some((span) => span.startMs <= from && to <= workOf(span) && from < to)) waitingMs += to - from
  }
  return { waitingMs, lostMs, workingMs: totalMs - waitingMs - lostMs }
}

function rowsOf(spans: Span[], doubts: boolean[], firstTextMs: number | undefined): Row[] {
  const checks = spans.filter(isCheck)
  const rows = new Map<string, Row>()
  for (const span of spans) {
    const name = `${span.station} ${span.attempt ?? ''}`
    const row = rows.get(name) ?? newRow(span)
    rows.set(name, row)
    if (row.place !== span.place) delete row.place
    row.bars.push({
      startMs: span.startMs,
      workMs: workOf(span),
      endMs: endOf(span),
      failed: span.outcome === 'failed',
      // The checks tell of sentences in their order, when there is one for each.
      doubted: isCheck(span) && checks.length === doubts.length && doubts[checks.indexOf(span)] === true,
    })
    row.waitMs += span.waitMs
    row.workMs += span.workMs
    row.failed ||= span.outcome === 'failed'
    if (span.note !== undefined) row.note = span.note
    row.first ||= wroteFirst(span, firstTextMs)
  }
  return [...rows.values()]
}

/** Whether the first text that was shown came from this span. Text of an attempt that failed is shown to nobody. */
function wroteFirst(span: Span, firstTextMs: number | undefined): boolean {
  if (span.station !== 'generate' || span.outcome === 'failed' || span.firstTextMs === undefined) return false
  return firstTextMs !== undefined && span.startMs <= firstTextMs && firstTextMs <= endOf(span)
}

function newRow({ station, attempt, place }: Span): Row {
  return {
    station,
    ...(attempt === undefined ? {} : { attempt }),
    ...(place === undefined ? {} : { place }),
    bars: [],
    waitMs: 0,
    workMs: 0,
    failed: false,
    first: false,
  }
}

function passagesOf({ events, spans }: AnswerRecord): Trace['passages'] {
  const found = events.find((event) => event.type === 'passages-found')
  const passages = found?.passages ?? []
  const cited = new Set(events.flatMap((event) => (event.type === 'citation' ? [event.citation.passageId] : [])))
  const before = /^(\d+)(?: to | 段取 )\d+/.exec(spans.find(({ station }) => station === 'rerank')?.note ?? '')?.[1]
  return {
    kept: passages.length,
    cited: cited.size,
    ...(before === undefined ? {} : { found: Number(before) }),
    ...(passages.length === 0 ? {} : { best: Math.max(...passages.map(({ score }) => score)) }),
  }
}

function callsOf({ events }: AnswerRecord): ToolCall[] {
  return events.flatMap((call) => {
    if (call.type !== 'tool-call') return []
    const { id, name } = call
    const result = events.find((event) => event.type === 'tool-result' && event.id === id)
    return {
      id,
      name,
      asked: events.some((event) => event.type === 'tool-approval' && event.id === id),
      ...(result?.type === 'tool-result' ? { result } : {}),
    }
  })
}

/** Round times along the picture: between four and nine of them, the first at nothing. */
export function ticksOf(totalMs: number): number[] {
  const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 60_000, 300_000]
  const step = steps.find((each) => totalMs / each <= 8) ?? 600_000
  return Array.from({ length: Math.floor(totalMs / step) + 1 }, (_, index) => index * step)
}

function isLost(span: Span): boolean {
  return span.attempt !== undefined && span.outcome === 'failed' && !isTool(span)
}

function isTool({ station }: Span): boolean {
  return station.startsWith('tool ')
}

function isCheck({ station }: Span): boolean {
  return station === 'check' || station === 'verify'
}

function workOf({ startMs, waitMs }: Span): number {
  return startMs + waitMs
}

function endOf({ startMs, waitMs, workMs }: Span): number {
  return startMs + waitMs + workMs
}
