// andon cache eval: the command; the measuring itself is loaded when it runs.

import { Command } from 'commander'
import { runCommand, withCommonOptions, type CommonOptions } from './shell.ts'

/** The options of `andon cache eval`. */
export interface CacheEvalOptions extends CommonOptions {
  pairs?: string
  threshold?: string
}

/** The command `cache eval`. */
export function cacheEvalCommand(): Command {
  const command = new Command('eval')
    .description('measure which questions the semantic cache takes for one, right and wrong; no server is needed')
    .option(
      '--pairs <file>',
      'your own pairs, JSON lines of {"a", "b", "same"} and, if you like, language and kind (default: those that ship with Andon)',
    )
    .option('--threshold <number>', 'how alike they must be, 0 to 1 (default: cache.semanticThreshold, or as shipped)')
    .addHelpText('after', '\nExample:\n  andon cache eval --pairs questions.jsonl --threshold 0.8')
  return withCommonOptions(command).action(async (options: CacheEvalOptions) => {
    await runCommand(options, async (shell) => {
      const { runCacheEvaluation } = await import('./eval/pairs.ts')
      return runCacheEvaluation(options, shell)
    })
  })
}
