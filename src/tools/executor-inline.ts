// Calls in this thread: nothing is copied and nothing can be killed. Who ignores its signal beyond the grace is left
// behind; who blocks the thread blocks everybody.

import { AndonError } from '../core/errors.ts'
import type { Plain } from '../core/plain.ts'
import { Register } from '../core/register.ts'
import type { Job, Outcome } from './executor-job.ts'
import type { Connectors } from './connector.ts'
import { failureOf } from './failure.ts'
import { Loader } from './host-load.ts'
import type { Run } from './host-load.ts'
import { outputText } from './host-output.ts'
import type { Tool } from './tool.ts'

export class InlinePlace implements AsyncDisposable {
  readonly #loader: Loader
  readonly #loaded = new WeakMap<Tool, Promise<Run>>()
  readonly #running = new Register<Job, AbortController>()

  constructor(connectors: Connectors) {
    this.#loader = new Loader(connectors)
  }

  /** Loads tools, and opens their connections; what fails is tried again with the first call. */
  async warm(tools: readonly Tool[]): Promise<void> {
    await Promise.allSettled(
      tools.map(async (tool) => {
        await this.#load(tool)
        await this.#loader.open(tool.source)
      }),
    )
  }

  /** Closes a connection by its name, or all. */
  close(connection?: string): Promise<void> {
    return this.#loader.close(connection)
  }

  [Symbol.asyncDispose](): Promise<void> {
    for (const job of this.#running.keys()) this.cancel(job, 'cancelled')
    return this.close()
  }

  add(job: Job): void {
    void this.#run(job)
  }

  cancel(job: Job, why: 'timeout' | 'cancelled'): void {
    job.over ??= why
    this.#running.get(job)?.abort(new AndonError(why === 'timeout' ? 'deadline' : 'cancelled', 'Nobody waits for it'))
  }

  async #run(job: Job): Promise<void> {
    const controller = new AbortController()
    this.#running.set(job, controller)
    const over = Promise.withResolvers<never>()
    over.promise.catch(() => {})
    const timer = setTimeout(() => this.cancel(job, 'timeout'), job.timeoutMs)
    let grace: NodeJS.Timeout | undefined
    const patience = (): void => {
      grace = setTimeout(() => over.reject(controller.signal.reason), job.graceMs)
    }
    controller.signal.addEventListener('abort', patience, { once: true })
    job.sentAt = performance.now()
    let held = 0
    let outcome: Outcome
    try {
      const run = await this.#load(job.tool)
      if (job.over) throw controller.signal.reason
      job.startedAt = performance.now()
      // As elsewhere: what a tool is given and what it gives is its own, and plain.
      const input = argumentsOf(job.text)
      const working = run(input, {
        signal: controller.signal,
        callId: job.id,
        tenant: job.tenant,
        budgetMs: Math.max(0, Math.min(job.timeoutMs, (job.deadlineAt ?? Infinity) - job.startedAt)),
        progress: (done) => {
          if (!job.answered) job.events.onProgress?.(job.id, done)
        },
      })
      held = performance.now() - job.startedAt
      outcome = finished(job, await Promise.race([working, over.promise]))
    } catch (reason) {
      outcome = { ...failureOf(reason), runMs: 0, heldMs: 0 }
      if (job.over) outcome = { kind: job.over, message: 'It was cancelled', runMs: 0, heldMs: 0 }
      if (reason instanceof BadArguments) outcome.kind = 'invalid-arguments'
      if (job.over === 'timeout') outcome.message = `It took longer than the ${job.timeoutMs} ms that it may take`
    }
    clearTimeout(timer)
    clearTimeout(grace)
    controller.signal.removeEventListener('abort', patience)
    this.#running.delete(job)
    const runMs = performance.now() - (job.startedAt || job.sentAt)
    job.end({ ...outcome, runMs, heldMs: held })
  }

  #load(tool: Tool): Promise<Run> {
    let loaded = this.#loaded.get(tool)
    if (!loaded) {
      loaded = this.#loader.load(tool.source)
      loaded.catch(() => this.#loaded.delete(tool))
      this.#loaded.set(tool, loaded)
    }
    return loaded
  }
}

class BadArguments extends Error {}

function argumentsOf(text: string): unknown {
  const input: unknown = JSON.parse(text)
  if (typeof input !== 'string') return input
  try {
    return JSON.parse(input)
  } catch (reason) {
    throw new BadArguments(`Its arguments are no JSON: ${String(reason)}`)
  }
}

function finished(job: Job, value: unknown): Outcome {
  const time = { runMs: 0, heldMs: 0 }
  if (job.over) return { kind: job.over, message: 'It ended after its time', ...time }
  const limit = job.tool.limits.outputBytes ?? 2 ** 20
  const output = outputText(value, limit)
  if ('text' in output) return { kind: 'ok', value: JSON.parse(output.text) as Plain, ...time }
  if ('invalid' in output) return { kind: 'invalid-result', message: `The tool ran, but ${output.invalid}`, ...time }
  return {
    kind: 'output-too-large',
    message: `Its result has at least ${output.tooLarge} bytes of at most ${limit}`,
    ...time,
  }
}
