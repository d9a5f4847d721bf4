// An answer as it is shown: what its events have told so far. Events go in, a new state comes out; nothing else changes it.

import type { AnswerFailed, AnswerRecord } from '../../../../src/core/answer-record.ts'
import type {
  AnswerEnd,
  AnswerEvent,
  Citation,
  Degradation,
  Found,
  RecomputedFigure,
  Turn,
  Usage,
} from '../../../../src/core/question.ts'
import type { ToolApproval } from '../../../../src/core/tooling.ts'

/** One sentence that was checked, with its span in the text. */
export interface Checked {
  start: number
  end: number
  supported: boolean
  problems: readonly string[]
}

/** A call of a tool, as far as it is. */
export interface ToldCall {
  id: string
  name: string
  arguments: Extract<AnswerEvent, { type: 'tool-call' }>['arguments']
  /** While it waits for a person, and afterwards. */
  approval?: ToolApproval
  /** How far it is: a share of one, or words. */
  done?: number | string
  /** What came of it. */
  result?: Extract<AnswerEvent, { type: 'tool-result' }>
}

/** What keeps a question from being asked. */
export interface Hindrance {
  kind: 'busy' | 'offline' | 'sign-in'
  /** When it was met, on the page's own clock: each time anew. */
  at: number
  detail: string
  retryMs: number
  places?: number
  ahead?: number
}

export interface Told {
  /** The answer's id; undefined until the server gave one. */
  id?: string
  phase: 'asking' | 'hindered' | 'running' | 'done' | 'failed' | 'stopped'
  hindrance?: Hindrance
  /** The station that works now. */
  stage: string
  text: string
  /** By their numbers, from 1. */
  citations: readonly Citation[]
  checked: readonly Checked[]
  /** Figures that were worked out again. */
  figures: readonly RecomputedFigure[]
  /** Calls of the factory's tools, in order. */
  calls: readonly ToldCall[]
  passages: readonly Found[]
  degraded: readonly Degradation[]
  suggestions: readonly string[]
  usage?: Usage
  end?: AnswerEnd
  error?: AnswerFailed['error']
  totalMs?: number
  /** Whether its events are known, or only the text that the conversation kept. */
  whole: boolean
}

/** An answer that was just asked for. */
export const untold: Told = {
  phase: 'asking',
  stage: '',
  text: '',
  citations: [],
  checked: [],
  figures: [],
  calls: [],
  passages: [],
  degraded: [],
  suggestions: [],
  whole: true,
}

/** What is known after one more event. */
export function afterEvent(told: Told, event: AnswerEvent | AnswerFailed): Told {
  switch (event.type) {
    case 'answer-start':
      return { ...untold, phase: 'running', id: event.id }
    case 'stage-start':
      return { ...told, stage: event.stage }
    case 'stage-end':
      return told
    case 'passages-found':
      return { ...told, passages: event.passages }
    case 'text-delta':
      return { ...told, text: told.text + event.text }
    case 'citation': {
      const citations = [...told.citations]
      citations[event.marker - 1] = event.citation
      return { ...told, citations }
    }
    case 'sentence-checked':
      return { ...told, checked: [...told.checked, event], figures: [...told.figures, ...(event.figures ?? [])] }
    case 'tool-call':
      return { ...told, calls: [...told.calls, { id: event.id, name: event.name, arguments: event.arguments }] }
    case 'tool-approval':
      return withCall(told, event.id, { approval: event.approval })
    case 'tool-progress':
      return withCall(told, event.id, { done: event.done })
    case 'tool-result':
      return withCall(told, event.id, { result: event })
    case 'answer-degraded':
      return { ...told, degraded: [...told.degraded, event.degradation] }
    case 'usage':
      return { ...told, usage: event.usage }
    case 'suggestions':
      return { ...told, suggestions: event.questions }
    case 'answer-end':
      return {
        ...told,
        phase: 'done',
        text: event.text,
        citations: event.citations,
        degraded: event.degraded,
        figures: event.figures ?? told.figures,
        end: event,
        totalMs: event.totalMs,
        ...(event.usage === undefined ? {} : { usage: event.usage }),
      }
    case 'answer-failed':
      return { ...told, phase: event.error.code === 'cancelled' ? 'stopped' : 'failed', error: event.error }
  }
}

function withCall(told: Told, id: string, more: Partial<ToldCall>): Told {
  return { ...told, calls: told.calls.map((each) => (each.id === id ? { ...each, ...more } : each)) }
}

/** The calls whose result is still to come. */
export function openCalls({ calls }: Told): readonly ToldCall[] {
  return calls.filter(({ result }) => result === undefined)
}

/** What a record tells. */
export function ofRecord(record: AnswerRecord): Told {
  let told: Told = { ...untold, id: record.id, phase: 'running' }
  for (const event of record.events) told = afterEvent(told, event)
  if (record.state === 'running') return told
  const phase = record.state === 'done' ? 'done' : record.state === 'stopped' ? 'stopped' : 'failed'
  return {
    ...told,
    phase,
    ...(record.error === undefined ? {} : { error: record.error }),
    ...(record.totalMs === undefined ? {} : { totalMs: record.totalMs }),
  }
}

/** What the conversation itself kept of an answer. */
export function ofTurn(turn: Turn): Told {
  return {
    ...untold,
    ...(turn.answerId === undefined ? {} : { id: turn.answerId }),
    phase: 'done',
    text: turn.text,
    whole: false,
  }
}

/** Whether something is still to come. */
export function isUnderWay({ phase }: Told): boolean {
  return phase === 'asking' || phase === 'hindered' || phase === 'running'
}

/** Whether it is made of quotations alone. */
export function isExtract({ end, stage, text, checked }: Told): boolean {
  if (end !== undefined) return end.mode === 'extractive'
  return stage === 'extract' && checked.length === 0 && text !== ''
}
