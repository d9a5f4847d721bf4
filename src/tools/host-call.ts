// A call that has begun in a host: its tool's context, and the one result that it puts to those of its message.

import { AndonError } from '../core/errors.ts'
import { failureOf } from './failure.ts'
import type { Run } from './host-load.ts'
import { ended, machineMs } from './host-message.ts'
import type { SentCall } from './host-message.ts'
import { outputText } from './host-output.ts'
import type { ToolContext } from './tool.ts'

/** Characters of a word about how far a call is. */
const longestProgress = 1_000

/** The results of one message. */
export interface Batch {
  lease: number
  left: number
  out: string[]
  wake: (() => void) | undefined
}

/** Adds the text of a result, or of something before that, and wakes whoever sends them. */
export function put(batch: Batch, text: string, last: boolean): void {
  batch.out.push(text)
  if (last) batch.left--
  const { wake } = batch
  batch.wake = undefined
  wake?.()
}

/** A call that has begun; it is its tool's context too. */
export class RunningCall implements ToolContext {
  readonly callId: string
  readonly tenant: string
  readonly startedAt: number
  heldMs: number | undefined
  readonly #timeoutMs: number
  readonly #until: number
  readonly #number: number
  readonly #input: unknown
  readonly #batch: Batch
  readonly #onEnd: () => void
  #controller: AbortController | undefined
  #over: AndonError | undefined
  #ended = false

  constructor(
    [number, , id, tenant, input, , until = Infinity]: SentCall,
    batch: Batch,
    { startedAt, timeoutMs }: { startedAt: number; timeoutMs: number },
    onEnd: () => void,
  ) {
    this.#number = number
    this.callId = id
    this.tenant = tenant
    this.#input = input
    this.#batch = batch
    this.startedAt = startedAt
    this.#timeoutMs = timeoutMs
    this.#until = until
    this.#onEnd = onEnd
  }

  get budgetMs(): number {
    return Math.max(0, Math.min(this.#timeoutMs, this.#until - this.startedAt))
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#over) this.#controller.abort(this.#over)
    return this.#controller.signal
  }

  readonly progress = (done: number | string): void => {
    if (typeof done === 'string') done = done.slice(0, longestProgress)
    if (!this.#ended) put(this.#batch, `[${this.#number},${ended.progress},0,0,${JSON.stringify(done)}]`, false)
  }

  cancel(reason: AndonError): void {
    this.#over ??= reason
    this.#controller?.abort(this.#over)
  }

  run(tool: Run, limitBytes: number): void {
    // It was told to stop while its tool was loaded.
    if (this.#over) return this.fail(this.#over)
    let input = this.#input
    if (typeof input === 'string') {
      try {
        input = JSON.parse(input)
      } catch (reason) {
        return this.#end(ended.invalidArguments, JSON.stringify(String(reason)))
      }
    }
    try {
      const value = tool(input, this)
      if (isThenable(value)) {
        value.then(
          (settled) => this.#finish(settled, limitBytes),
          (reason: unknown) => this.fail(reason),
        )
      } else this.#finish(value, limitBytes)
    } catch (reason) {
      this.fail(reason)
    }
  }

  fail(reason: unknown): void {
    this.#end(ended.failed, JSON.stringify(failureOf(reason)))
  }

  #finish(value: unknown, limitBytes: number): void {
    const output = outputText(value, limitBytes)
    if ('text' in output) this.#end(ended.ok, output.text)
    else if ('tooLarge' in output) this.#end(ended.tooLarge, String(output.tooLarge))
    else this.#end(ended.invalidResult, JSON.stringify(output.invalid))
  }

  #end(kind: number, value: string): void {
    if (this.#ended) return
    this.#ended = true
    const runMs = machineMs() - this.startedAt
    const held = this.heldMs ?? runMs
    this.#onEnd()
    put(this.#batch, `[${this.#number},${kind},${runMs.toFixed(4)},${held.toFixed(4)},${value}]`, true)
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
