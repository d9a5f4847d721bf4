// Which tools the model may call for a question: those that it names, or that the options say, and the caller's own.

import { AndonError } from '../core/errors.ts'
import type { AnswerEvent, Question } from '../core/question.ts'
import type { Call } from '../core/station.ts'
import type { ChatModel } from '../models/model.ts'
import type { Options } from '../options.ts'
import type { GivenTools } from '../stations/generate/tool-use.ts'
import type { Toolbox } from '../stations/tools/toolbox.ts'
import type { Order } from './order.ts'

export interface ToolingParts {
  options: Pick<Options, 'tools'>
  /** The factory's tools. Without one, models call only the caller's own. */
  toolbox?: Toolbox
}

/** Whether who asked counts on tools: then it is told when there are none. */
export function countsOnTools({ tools, clientTools = [], toolChoice = 'auto' }: Question): boolean {
  const named = Array.isArray(tools) ? tools.length > 0 : tools === true
  return toolChoice !== 'none' && (named || clientTools.length > 0 || toolChoice !== 'auto')
}

/** The tools for a question; undefined when there are none, or the model cannot call any. */
export async function* toolsFor(
  question: Question,
  model: ChatModel,
  call: Call,
  order: Order,
  { options, toolbox }: ToolingParts,
): AsyncGenerator<AnswerEvent, GivenTools | undefined> {
  const { clientTools: own = [], toolChoice: choice, parallelCalls, sessionId, filter } = question
  if (model.callsTools === false) {
    if (countsOnTools(question))
      yield* order.degrade({ reason: 'tools-cut', message: order.phrases.toolsCut.unable(model.name) })
    return undefined
  }
  const names = namesOf(question.tools, options.tools.offer)
  let offered: GivenTools['offered'] = []
  try {
    if (toolbox && names?.length !== 0) offered = await toolbox.offered(call, names)
  } catch (reason) {
    call.signal.throwIfAborted()
    yield* order.degrade({
      reason: 'tools-cut',
      message: order.phrases.toolsFailed(AndonError.from(reason).sentence),
    })
  }
  if (offered.length === 0 && own.length === 0) return undefined
  return {
    ...(toolbox ? { toolbox } : {}),
    offered,
    own,
    steps: options.tools.steps,
    ...(choice === undefined ? {} : { choice }),
    ...(parallelCalls === undefined ? {} : { parallelCalls }),
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(filter === undefined ? {} : { filter }),
  }
}

/** Names of tools; undefined stands for all that are switched on. */
function namesOf(asked: Question['tools'], offer: string): readonly string[] | undefined {
  if (asked === true) return undefined
  if (asked === false) return []
  if (asked !== undefined) return asked
  if (offer === 'all') return undefined
  return offer === 'none' ? [] : offer.split(',').flatMap((name) => name.trim() || [])
}
