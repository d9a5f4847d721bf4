// andon eval: loads a set into a factory of its own, measures it, and forgets it again.

import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { SingleBar } from 'cli-progress'
import type { EvalOptions } from '../evaluation.ts'
import { exitCodes } from '../exit-codes.ts'
import type { Output } from '../output.ts'
import type { Shell } from '../shell.ts'
import { evaluate, type Evaluation } from './evaluate.ts'
import { loadSet } from './load-set.ts'
import { queriesOf } from './set.ts'

/** Documents that load at once: the set is all there is to do. */
const concurrency = Math.max(4, availableParallelism() * 4)

/** Runs the command. The set is loaded into a temporary data directory; models are those of the configuration. */
export async function runEvaluation(folder: string, options: EvalOptions, shell: Shell): Promise<number> {
  const queries = await queriesOf(folder)
  const { createFactory } = await import('../../factory.ts')
  const dataDir = await mkdtemp(join(tmpdir(), 'andon-eval-'))
  try {
    const { loading, ...configured } = shell.configuration.options
    await using factory = await createFactory({
      ...configured,
      dataDir,
      handbook: false,
      loading: { ...loading, concurrency },
    })
    using bar = showStages(shell.output)
    const { signal } = shell
    const set = await loadSet(factory, folder, { signal, progress: bar.step })
    const { answers = false, refusal = false } = options
    const measured = await evaluate({
      factory,
      queries,
      documents: set.documents,
      answers,
      refusal,
      signal,
      progress: bar.step,
    })
    print({ ...measured, loadingSeconds: Number(set.seconds.toFixed(2)) }, shell.output)
    return exitCodes.ok
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}

/** One line of JSON, so that it can be the last line of whatever else is printed; or a small table. */
function print(measured: Evaluation, output: Output): void {
  if (output.json) {
    process.stdout.write(`${JSON.stringify(measured)}\n`)
    return
  }
  for (const [name, value] of Object.entries(measured))
    output.line(`${name.padEnd(20)} ${typeof value === 'object' ? JSON.stringify(value) : value}`)
}

function showStages(output: Output): Disposable & { step: (stage: string, done: number, total: number) => void } {
  if (!output.interactive) return { step() {}, [Symbol.dispose]() {} }
  const bar = new SingleBar({ format: '{stage} {bar} {value}/{total}', stream: process.stderr, clearOnComplete: true })
  let current: string | undefined
  return {
    step(stage, done, total) {
      if (stage === current) return bar.update(done)
      if (current !== undefined) bar.stop()
      current = stage
      bar.start(total, done, { stage })
    },
    [Symbol.dispose]: () => bar.stop(),
  }
}
