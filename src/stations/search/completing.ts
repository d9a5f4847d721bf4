// Work on many items at once, results in the order in which they are done.

import { onOver } from '../../core/call.ts'
import { letGo } from '../../core/let-go.ts'
import type { Call } from '../../core/station.ts'

type Settled<Result> = { kind: 'result'; result: Result } | { kind: 'waiting' } | { kind: 'failed'; reason: unknown }

/**
 * Runs `work` on the items of a source, at most `concurrency` at once, and yields results as they come. An item is
 * taken only when there is room for it. The first failure, the source's or the work's, ends it; so does the call.
 */
export async function* completing<Item, Result>(
  items: AsyncIterable<Item>,
  work: (item: Item) => Promise<Result>,
  { concurrency, call }: { concurrency: number; call: Call },
): AsyncGenerator<Result, void, undefined> {
  const source = items[Symbol.asyncIterator]()
  const settled: Settled<Result>[] = []
  let wake = Promise.withResolvers<void>()
  const tell = (one: Settled<Result>) => {
    settled.push(one)
    wake.resolve()
  }
  const fail = (reason: unknown) => tell({ kind: 'failed', reason })
  const stopListening = onOver(call, fail)
  let running = 0
  let pulling = false
  let ended = false
  const start = async (item: Item) => {
    try {
      tell({ kind: 'result', result: await work(item) })
    } catch (reason) {
      fail(reason)
    }
  }
  const pull = async () => {
    pulling = true
    try {
      while (!ended && running < concurrency) {
        const next = await source.next()
        if (next.done === true) ended = true
        else {
          running++
          void start(next.value)
        }
      }
      pulling = false
      tell({ kind: 'waiting' })
    } catch (reason) {
      fail(reason)
    }
  }
  try {
    void pull()
    for (;;) {
      await wake.promise
      wake = Promise.withResolvers<void>()
      for (const one of settled.splice(0)) {
        if (one.kind === 'failed') throw one.reason
        if (one.kind === 'waiting') continue
        running--
        yield one.result
      }
      if (ended && running === 0 && settled.length === 0) return
      if (!ended && !pulling && running < concurrency) void pull()
    }
  } finally {
    stopListening()
    // A source that is waiting for its next item cannot hear `return` before it has it: nobody waits for that.
    void letGo(source)
  }
}
