// What the door answers, as zod schemas: they document (see openapi.ts), and tests hold replies against them. Each is
// the twin of a type in core/; replies.test.ts fails to compile when the two differ.

export * from './replies-answers.ts'
export * from './replies-documents.ts'
export * from './replies-errors.ts'
export * from './replies-house.ts'
export * from './replies-jobs.ts'
export * from './replies-passages.ts'
export * from './replies-records.ts'
export * from './replies-sessions.ts'
export { askedCall, recomputedFigure, toolApproval, toolOutcome, toolRun, toolView } from './replies-tools.ts'
export { named } from './replies-parts.ts'
