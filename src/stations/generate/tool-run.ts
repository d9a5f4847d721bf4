// Runs the calls of one step: what happens is told as it happens, and each call has one result, whatever the toolbox does.

import { onOver } from '../../core/call.ts'
import { AndonError } from '../../core/errors.ts'
import { letGo } from '../../core/let-go.ts'
import type { AskedCall } from '../../core/question.ts'
import type { Call } from '../../core/station.ts'
import type { Toolbox, ToolErrand, ToolHappening } from '../tools/toolbox.ts'
import type { ToolResultEvent } from './tool-results.ts'

/** Runs calls; the results come in the order of their ends. Throws only when the call is over. */
export async function* runTools(
  toolbox: Toolbox,
  calls: readonly AskedCall[],
  errand: ToolErrand,
  call: Call,
): AsyncGenerator<ToolHappening> {
  const waiting = new Map(calls.map((each) => [each.id, each]))
  const startedAt = performance.now()
  const settled = (result: ToolResultEvent): ToolResultEvent => {
    waiting.delete(result.id)
    return result
  }
  let message = 'It gave no result'
  try {
    for await (const event of untilOver(toolbox.run(calls, errand, call), call)) {
      if (!waiting.has(event.id)) continue
      yield event.type === 'tool-result' ? settled(event) : event
    }
  } catch (reason) {
    call.signal.throwIfAborted()
    message = AndonError.from(reason).sentence
  }
  for (const { id, name } of waiting.values())
    yield settled({
      type: 'tool-result',
      id,
      name,
      ok: false,
      error: { kind: 'failed', message },
      ms: since(startedAt),
    })
}

/** What comes until the call is over, even when the source does not hear of it. */
async function* untilOver<Item>(source: AsyncIterable<Item>, call: Call): AsyncGenerator<Item> {
  const items = source[Symbol.asyncIterator]()
  const over = Promise.withResolvers<never>()
  over.promise.catch(() => {})
  const stop = onOver(call, (reason) => over.reject(reason))
  let ended = false
  try {
    for (;;) {
      const next = await Promise.race([items.next(), over.promise])
      if (next.done === true) {
        ended = true
        return
      }
      yield next.value
    }
  } finally {
    stop()
    // It may be in the middle of something: whoever leaves does not wait for that.
    if (!ended) void letGo(items)
  }
}

function since(startedAt: number): number {
  return Math.round((performance.now() - startedAt) * 100) / 100
}
