// The tools of a factory, as an answer uses them: what a model may be shown, and what became of its calls.

import type { AnswerEvent, AskedCall, ClientTool, Filter, Passage } from '../../core/question.ts'
import type { Call } from '../../core/station.ts'

/** What happens while calls run. */
export type ToolHappening = Extract<AnswerEvent, { type: 'tool-approval' | 'tool-progress' | 'tool-result' }>

/** Which answer the calls are for. */
export interface ToolErrand {
  answerId: string
  sessionId?: string
  /** What the question is limited to: tools see no more of the library. */
  filter?: Filter
  /** What was found for the question. */
  passages: readonly Passage[]
}

export interface Toolbox {
  /** Those that are switched on, or of these the named ones; in a stable order. */
  offered(call: Call, names?: readonly string[]): Promise<ClientTool[]>
  /**
   * Runs calls at once, and tells what happens; each has exactly one `tool-result`, whose `value` is whole here: the
   * answer cuts it to what the model and its readers are given. Every run is a span of the call. Never throws for a
   * tool's failure. Leaving early, and aborting the call, stop those that run.
   */
  run(calls: readonly AskedCall[], errand: ToolErrand, call: Call): AsyncIterable<ToolHappening>
}
