// andon eval: the command; the measuring itself is loaded when it runs.

import { Command } from 'commander'
import { runCommand, withCommonOptions, type CommonOptions } from './shell.ts'

/** The options of `andon eval`. */
export interface EvalOptions extends CommonOptions {
  answers?: boolean
  refusal?: boolean
}

/** The command `eval`. */
export function evalCommand(): Command {
  const command = new Command('eval')
    .description('measure search and answers on a set of questions')
    .argument('<folder>', 'the set: corpus.jsonl, queries.jsonl and judgements')
    .option('--answers', 'also measure whether the cited sentences hold the answer')
    .option('--refusal', 'also measure how well answers are refused when the passage is missing')
    .addHelpText('after', '\nExample:\n  andon eval ./sets/mine --answers --json')
  return withCommonOptions(command).action(async (folder: string, options: EvalOptions) => {
    await runCommand(options, async (shell) => {
      const { runEvaluation } = await import('./eval/eval.ts')
      return runEvaluation(shell.path(folder), options, shell)
    })
  })
}
