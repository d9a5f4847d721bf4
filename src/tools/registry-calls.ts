// The way of a batch through a registry: each call is looked up, read, checked and permitted; what may run goes to the
// executor together; results are checked and cut. A call that waits for an approval holds up no other.

import { announceTrouble } from '../core/channels.ts'
import { AndonError } from '../core/errors.ts'
import type { Plain } from '../core/plain.ts'
import { readArguments } from './arguments.ts'
import type { Artifacts } from './artifacts.ts'
import type { RegisteredTool } from './definition.ts'
import type { Executor, ExecutorCall } from './executor.ts'
import { decide } from './policy.ts'
import type { Decision, PolicyOptions } from './policy.ts'
import type { Checked } from './schema-json.ts'
import type { ExecuteOptions, ToolCall, ToolErrorKind, ToolResult } from './tool.ts'
import { truncate } from './truncation.ts'

/** What the calls of a registry go through. */
export interface CallParts {
  find(name: string): RegisteredTool | undefined
  /** Names that come near, for who asked for one that is not there. */
  near(name: string): string[]
  executor: Executor
  permissions: PolicyOptions
  artifacts: Artifacts
}

/** A call that may run. */
interface Ready {
  call: ExecutorCall
  registered: RegisteredTool
}

/** What a call is after it was looked at: over, ready, or waiting for somebody. */
type Looked = ToolResult | Ready | Promise<ToolResult | Ready>

/** One result per call, in order. Never rejects. */
export async function runCalls(
  calls: readonly ToolCall[],
  options: ExecuteOptions,
  parts: CallParts,
): Promise<ToolResult[]> {
  using batch = new RunningBatch(options, parts)
  const ready: Ready[] = []
  const looked = calls.map((call) => {
    const each = look(call, parts, batch)
    if (!(each instanceof Promise) && 'registered' in each) ready.push(each)
    return each
  })
  const alone = looked.map(async (each) => {
    if (each instanceof Promise) return batch.later(await each)
    return 'registered' in each ? undefined : batch.tell(each)
  })
  const together = ready.length > 0 ? await batch.execute(ready) : []
  if (together.length === calls.length) return together
  const others = await Promise.all(alone)
  let next = 0
  return others.flatMap((result) => result ?? together[next++] ?? [])
}

/** What the calls of one batch share: its options, its time, and who is told. */
class RunningBatch implements Disposable {
  readonly #options: ExecuteOptions
  readonly #parts: CallParts
  readonly #began = performance.now()
  #signal: AbortSignal | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(options: ExecuteOptions, parts: CallParts) {
    this.#options = options
    this.#parts = parts
  }

  /** Aborts when the batch is over: made when somebody is asked, because most batches ask nobody. */
  get signal(): AbortSignal | undefined {
    const { signal } = this.#options
    const left = this.#leftMs
    if (left === undefined || this.#signal) return this.#signal ?? signal
    const late = new AbortController()
    this.#timer = setTimeout(() => late.abort(new AndonError('deadline', 'The time of the batch is over')), left)
    return (this.#signal = signal ? AbortSignal.any([signal, late.signal]) : late.signal)
  }

  /** Runs calls together; their results are checked, cut and told as they come. */
  async execute(ready: readonly Ready[]): Promise<ToolResult[]> {
    const options = { ...this.#options }
    delete options.onResult
    const left = this.#leftMs
    if (left !== undefined) options.deadlineMs = Math.max(1, left)
    const calls = ready.map(({ call }) => call)
    const tools = new Map(ready.map(({ call, registered }) => [call.tool.name, registered]))
    const plain =
      !this.#options.onResult && ready.every(({ registered: { tool, output } }) => !output && !tool.limits.truncate)
    if (plain) return this.#parts.executor.execute(calls, options)
    const finished = new Map<ToolResult, Promise<ToolResult>>()
    const finish = (result: ToolResult): Promise<ToolResult> => {
      let whole = finished.get(result)
      if (!whole) {
        whole = this.#finish(result, tools.get(result.name))
        finished.set(result, whole)
      }
      return whole
    }
    const results = await this.#parts.executor.execute(calls, {
      ...options,
      onResult: (result) => void finish(result),
    })
    return Promise.all(results.map(finish))
  }

  /** A call that had to wait, and may run now. */
  async later(looked: ToolResult | Ready): Promise<ToolResult> {
    if (!('registered' in looked)) return this.tell(looked)
    const { call } = looked
    if (!this.#parts.find(call.tool.name)?.tool.enabled) {
      return this.tell(ended(call, 'disabled', `The tool ${call.tool.name} was switched off meanwhile`))
    }
    const [result] = await this.execute([looked])
    return result ?? this.tell(ended(call, 'failed', 'The executor gave no result'))
  }

  /** Whoever listens may fail; the batch goes on. */
  tell(result: ToolResult): ToolResult {
    try {
      this.#options.onResult?.(result)
    } catch (reason) {
      announceTrouble('tools', reason)
    }
    return result
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
  }

  async #finish(result: ToolResult, registered: RegisteredTool | undefined): Promise<ToolResult> {
    return this.tell(await finishResult(result, registered, this.#parts.artifacts))
  }

  get #leftMs(): number | undefined {
    const { deadlineMs } = this.#options
    return deadlineMs === undefined ? undefined : Math.max(0, deadlineMs - (performance.now() - this.#began))
  }
}

/** From the name that was asked for to a call that may run. */
function look(call: ToolCall, parts: CallParts, over: RunningBatch): Looked {
  const registered = parts.find(call.name)
  if (!registered) {
    const near = parts.near(call.name)
    const instead = near.length > 0 ? `; near it ${near.length === 1 ? 'is' : 'are'} ${near.join(', ')}` : ''
    return ended(call, 'unknown-tool', `There is no tool ${call.name}${instead}`)
  }
  if (!registered.tool.enabled) {
    return ended(call, 'disabled', `The tool ${call.name} is switched off: use another, or do without`)
  }
  const read = readArguments(call)
  if ('problem' in read) return badArguments(call, read.problem)
  let checked: Checked | Promise<Checked>
  try {
    checked = registered.input.check(read.value)
  } catch (reason) {
    return badArguments(call, `they could not be checked: ${AndonError.from(reason).sentence}`)
  }
  if (!(checked instanceof Promise)) return permit(call, registered, checked, parts, over)
  return checked.then(
    (later) => permit(call, registered, later, parts, over),
    (reason: unknown) => badArguments(call, `they could not be checked: ${AndonError.from(reason).sentence}`),
  )
}

function permit(
  call: ToolCall,
  registered: RegisteredTool,
  checked: Checked,
  { permissions }: CallParts,
  over: RunningBatch,
): Looked {
  if ('problems' in checked) return badArguments(call, `${checked.problems.join('; ')}. Correct them and call again`)
  const { tool } = registered
  const input = checked.value as { [key: string]: Plain }
  const ready: Ready = { call: { id: call.id, tool, input }, registered }
  if (!permissions.policy) return ready
  const decided = decide(tool, call, checked.value, permissions, over.signal)
  const judged = (decision: Decision): ToolResult | Ready =>
    decision.allowed ? ready : ended(call, decision.kind, decision.message)
  return decided instanceof Promise ? decided.then(judged) : judged(decided)
}

/** What came back, checked and cut. */
async function finishResult(
  result: ToolResult,
  registered: RegisteredTool | undefined,
  artifacts: Artifacts,
): Promise<ToolResult> {
  if (!result.ok || !registered) return result
  if (registered.output) {
    let problem: string | undefined
    try {
      const checked = await registered.output.check(result.value)
      if ('problems' in checked) problem = checked.problems.join('; ')
    } catch (reason) {
      problem = AndonError.from(reason).sentence
    }
    if (problem !== undefined) {
      const { value: _, ok: __, ...rest } = result
      const message = `The result of ${result.name} is not what its output schema says: ${problem}`
      return { ...rest, ok: false, error: { kind: 'invalid-result', message, retryable: false } }
    }
  }
  const rule = registered.tool.limits.truncate
  return rule ? await truncate(result, rule, artifacts) : result
}

function badArguments(call: ToolCall, why: string): ToolResult {
  return ended(call, 'invalid-arguments', `The arguments of ${call.name}: ${why}`)
}

/** The result of a call that never began. */
function ended(call: ToolCall | ExecutorCall, kind: ToolErrorKind, message: string): ToolResult {
  return {
    id: call.id,
    name: 'tool' in call ? call.tool.name : call.name,
    ok: false,
    error: { kind, message, retryable: false },
    attempt: 1,
    timings: { queueMs: 0, transportMs: 0, runMs: 0 },
  }
}
