// andon bench concurrency: what a coroutine, a thread and a process cost on this machine, and what they share.

import { SingleBar } from 'cli-progress'
import { Command, Option } from 'commander'
import type { OpenPool } from '../bench/concurrency/run.ts'
import { table, type Output } from './output.ts'
import { runCommand, withoutDocuments, type CommonOptions, type Shell } from './shell.ts'

interface ConcurrencyOptions extends CommonOptions {
  rounds?: string
  only?: string
  language?: 'en' | 'zh'
}

/** The command `bench concurrency`. */
export function benchConcurrency(): Command {
  const command = new Command('concurrency')
    .description('measure what coroutines, threads and processes cost on this machine')
    .option('--rounds <number>', 'samples of each (default: as many as fit into half a minute, from 3 to 15)')
    .option('--only <groups>', 'some of start,stop,memory,switch,message,primitive,pool (default: all)')
    .addOption(
      new Option('--language <language>', 'of the tables (default: that of the terminal)').choices(['en', 'zh']),
    )
    .addHelpText('after', '\nExample:\n  andon bench concurrency --only start,memory --rounds 3')
  return withoutDocuments(command).action(async (options: ConcurrencyOptions) => {
    await runCommand(options, (shell) => measureAndShow(options, shell))
  })
}

async function measureAndShow(options: ConcurrencyOptions, { output, signal }: Shell): Promise<void> {
  const { measureConcurrency } = await import('../bench/concurrency/run.ts')
  const { groupsOf, machineOf, tablesOf } = await import('../bench/concurrency/result.ts')
  const { languageOf, method } = await import('../bench/concurrency/words.ts')
  const { whole } = await import('../bench/option-numbers.ts')
  const rounds = options.rounds === undefined ? undefined : whole(options.rounds, '--rounds', 1, 1_000)
  const only = options.only === undefined ? undefined : groupsOf(options.only)
  const language = options.language ?? languageOf(process.env)
  using progress = showRounds(output)
  const result = await measureConcurrency({ rounds, only, openPool, signal, round: progress.round })
  progress[Symbol.dispose]()
  output.result(result)
  output.line(machineOf(result, language))
  for (const { head, lines } of tablesOf(result.rows, language)) {
    output.line()
    for (const line of table(head, lines)) output.line(line)
  }
  output.note(`\n${method[language]}`)
}

/** A function that is everywhere and does next to nothing. */
const openPool: OpenPool = async (place, stack) => {
  const { openProcessPool, openThreadPool } = await import('../places/function-pool.ts')
  const settings = { module: 'node:path', size: 1, concurrency: 128 }
  type Functions = typeof import('node:path')
  const pool = await (place === 'thread' ? openThreadPool<Functions>(settings) : openProcessPool<Functions>(settings))
  stack.use(pool)
  return () => pool.call('basename', ['/a/b'])
}

/** A bar on a terminal; elsewhere one line that says what takes so long. */
function showRounds(output: Output): Disposable & { round?: (round: number, of: number) => void } {
  if (!output.interactive) {
    output.note('Measuring coroutines, threads and processes: about half a minute.')
    return { [Symbol.dispose]() {} }
  }
  const bar = new SingleBar({
    format: 'round {value} of at most {total} {bar}',
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
    barsize: 24,
  })
  return {
    round(round, of) {
      if (round === 0) bar.start(of, 0)
      else bar.update(round)
    },
    [Symbol.dispose]: () => bar.stop(),
  }
}
