// Andon's own cells: a registry, its tools, and one `executeToolCalls` for each batch.

import { median } from '../harness.ts'
import type { Built } from './build.ts'
import { batches, callsPerSecond, wrong } from './work.ts'
import type { RunBatch } from './work.ts'

export type Mode = 'thread' | 'process'

type Registry = InstanceType<Built['tools']['ToolRegistry']>

/** A registry is given its tools; says what comes before their names. */
export type Register = (registry: Registry) => Promise<string>

export interface RegistryOptions {
  built: Built
  mode: Mode
  workers: number
  register: Register
}

/** A registry whose workers are up, and how a batch runs there. */
export async function openRegistry(options: RegistryOptions): Promise<AsyncDisposable & { run: RunBatch }> {
  const registry = makeRegistry(options)
  const prefix = await options.register(registry)
  await registry.warm()
  return { run: runner(registry, prefix, options.mode), [Symbol.asyncDispose]: () => registry[Symbol.asyncDispose]() }
}

/** Calls per second of the first batch, the median of several: from `new ToolRegistry` to the last result. */
export async function cold(options: RegistryOptions, times: number): Promise<{ perSecond: number; errors: number }> {
  const sample: number[] = []
  const next = batches()
  let errors = 0
  for (let again = 0; again < times; again++) {
    const calls = next()
    const start = performance.now()
    await using registry = makeRegistry(options)
    const prefix = await options.register(registry)
    errors += await runner(registry, prefix, options.mode)(calls)
    sample.push(performance.now() - start)
  }
  return { perSecond: callsPerSecond(median(sample)), errors }
}

function makeRegistry({ built, mode, workers }: RegistryOptions): Registry {
  return new built.tools.ToolRegistry({ mode, executor: { workers } })
}

function runner(registry: Registry, prefix: string, mode: Mode): RunBatch {
  return async (calls) => {
    const asked = calls.map(({ id, name, arguments: text }) => ({ id, name: prefix + name, arguments: text }))
    const results = await registry.executeToolCalls(asked)
    return (
      wrong(
        calls,
        results.map(({ value }) => value),
      ) + results.filter(({ place }) => place !== mode).length
    )
  }
}
