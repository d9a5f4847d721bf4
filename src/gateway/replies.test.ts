// The documented replies are the types of core/: this file does not compile when one of them changes alone.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { z } from 'zod'
import type { AnswerRecord, NumberedEvent } from '../core/answer-record.ts'
import type { DocumentInfo, DocumentText } from '../core/document.ts'
import type { Added, Health, JobStory, JobView, TenantUsage } from '../core/factory.ts'
import type { KeyInfo } from '../core/key.ts'
import type {
  AnswerEnd,
  AnswerEvent,
  AskedCall,
  Citation,
  Found,
  Passage,
  RecomputedFigure,
  Turn,
} from '../core/question.ts'
import type { SessionExport, SessionInfo, SessionView } from '../core/session.ts'
import type { ToolApproval, ToolOutcome, ToolRun, ToolView } from '../core/tooling.ts'
import type { OpenAIError, Problem } from './errors.ts'
import * as replies from './replies.ts'

type Same<Schema extends z.ZodType, Type> = [z.output<Schema>, Type] extends [Type, z.output<Schema>]
  ? Required<Keys<z.output<Schema>>> extends Required<Keys<Type>>
    ? Required<Keys<Type>> extends Required<Keys<z.output<Schema>>>
      ? true
      : false
    : false
  : false

/** Assignability alone passes over an optional field that one side lacks. */
type Keys<Type> = Type extends readonly (infer Item)[]
  ? Keys<Item>[]
  : Type extends object
    ? string extends keyof Type
      ? 'record'
      : { [Key in keyof Type]-?: Keys<Exclude<Type[Key], undefined>> }
    : 'value'

const twins: Record<string, true> = {
  documentInfo: true satisfies Same<typeof replies.documentInfo, DocumentInfo>,
  documentText: true satisfies Same<typeof replies.documentText, DocumentText>,
  added: true satisfies Same<typeof replies.added, Added>,
  jobView: true satisfies Same<typeof replies.jobView, JobView>,
  jobStory: true satisfies Same<typeof replies.jobStory, JobStory>,
  sessionInfo: true satisfies Same<typeof replies.sessionInfo, SessionInfo>,
  sessionExport: true satisfies Same<typeof replies.sessionExport, SessionExport>,
  sessionView: true satisfies Same<typeof replies.sessionView, SessionView>,
  turn: true satisfies Same<typeof replies.turn, Turn>,
  passage: true satisfies Same<typeof replies.passage, Passage>,
  found: true satisfies Same<typeof replies.found, Found>,
  citation: true satisfies Same<typeof replies.citation, Citation>,
  answerEnd: true satisfies Same<typeof replies.answerEnd, AnswerEnd>,
  answerEvent: true satisfies Same<typeof replies.answerEvent, AnswerEvent>,
  numberedEvent: true satisfies Same<typeof replies.numberedEvent, NumberedEvent>,
  answerRecord: true satisfies Same<typeof replies.answerRecord, AnswerRecord>,
  keyInfo: true satisfies Same<typeof replies.keyInfo, KeyInfo>,
  tenantUsage: true satisfies Same<typeof replies.tenantUsage, TenantUsage>,
  health: true satisfies Same<typeof replies.health, Health>,
  askedCall: true satisfies Same<typeof replies.askedCall, AskedCall>,
  recomputedFigure: true satisfies Same<typeof replies.recomputedFigure, RecomputedFigure>,
  toolApproval: true satisfies Same<typeof replies.toolApproval, ToolApproval>,
  toolView: true satisfies Same<typeof replies.toolView, ToolView>,
  toolRun: true satisfies Same<typeof replies.toolRun, ToolRun>,
  toolOutcome: true satisfies Same<typeof replies.toolOutcome, ToolOutcome>,
  problem: true satisfies Same<typeof replies.problem, Problem>,
  openAIError: true satisfies Same<typeof replies.openAIError, OpenAIError>,
}

// A type that lacks an optional field is noticed.
false satisfies Same<typeof replies.sessionInfo, Omit<SessionInfo, 'removedAt'>>

describe('Replies', () => {
  it('have a name in the description of the API, and each its twin in core', () => {
    const others = new Set(['named', 'block', 'collection'])
    for (const name of Object.keys(replies)) assert.ok(others.has(name) || twins[name], `${name} has no twin`)
  })
})
