// andon bench: measures servers of language models, side by side, compares what was measured, and measures this machine.

import { Command } from 'commander'
import type { BenchFlags } from '../bench/options.ts'
import { benchConcurrency } from './bench-concurrency.ts'
import { exitCodes } from './exit-codes.ts'
import { runCommand, several, withoutDocuments, type CommonOptions } from './shell.ts'

/** The options of `andon bench run`. */
export interface BenchOptions extends CommonOptions, BenchFlags {
  out?: string
}

interface CompareOptions extends CommonOptions {
  failIf?: string[]
  allowInvalid?: boolean
}

/** The command `bench`, which without another word is `bench run`. */
export function benchCommand(): Command {
  return new Command('bench')
    .description('measure model servers side by side, compare results, and measure this machine')
    .addCommand(benchRun(), { isDefault: true })
    .addCommand(benchCompare())
    .addCommand(benchConcurrency())
    .addHelpText(
      'after',
      `
Examples:
  andon bench --target a=http://127.0.0.1:8000 --target b=http://127.0.0.1:8001 --concurrency 1,8,32
  andon bench run --help               all options of a run
  andon bench compare before after --fail-if 'ttft.p99 > +10%'
  andon bench concurrency              what coroutines, threads and processes cost here`,
    )
}

function benchRun(): Command {
  const command = new Command('run')
    .description('load every target in turn, round after round, and write a report (the default)')
    .requiredOption('--target <name=url>', 'what to measure; may be given again', several)
    .option('--model <name>', 'the model to ask for, or TARGET=MODEL (default: the first that a target lists)', several)
    .option('--key-env <variable>', 'environment variable with the key, or TARGET=VARIABLE', several)
    .option('--concurrency <list>', 'closed loop: so many requests at once, as 1,8,32 (default: 1)')
    .option('--rate <list>', 'open loop: so many requests per second, as 1,2,4')
    .option('--arrivals <process>', 'of an open loop: constant, poisson or gamma:BURSTINESS', 'poisson')
    .option('--trace <file>', 'open loop as a trace of JSON lines says: timestamp (ms), input_length, output_length')
    .option('--sweep <range>', 'rate:FROM:TO[:FACTOR] or concurrency:FROM:TO[:FACTOR], until no target keeps up')
    .option('--input <tokens>', 'prompt length: a number, uniform:A:B, normal:MEAN:SD or lognormal:MEDIAN:SIGMA', '512')
    .option('--output <tokens>', 'most output tokens, in the same way', '128')
    .option('--shared-prefix <share>', 'share of each prompt that is the same in all of its group, 0 to 1', '0')
    .option('--prefix-groups <number>', 'groups with a prefix of their own', '1')
    .option('--prompts <file>', 'prompts of your own: JSON lines with prompt, question or messages, or plain lines')
    .option('--rag', 'ask the questions of --prompts at POST /v1/ask of an Andon server, and read where the time goes')
    .option('--cancel <share:ms>', 'leave this share of the requests so many milliseconds after sending')
    .option('--slo <measure:ms>', 'objective for goodput: ttft:MS, tpot:MS or e2e:MS; may be given again', several)
    .option('--rounds <number>', 'rounds through all targets; fewer than 3 name no winner', '3')
    .option('--requests <number>', 'most requests of a round (default: 100, or no limit with --duration)')
    .option('--duration <seconds>', 'most seconds of a round')
    .option('--warmup <number>', 'requests before each round that do not count', '1')
    .option('--timeout <seconds>', 'most seconds of a request', '120')
    .option('--drain <seconds>', 'most seconds to wait for the last answers of a round', '60')
    .option('--max-in-flight <number>', 'most requests of an open loop under way at once', '1024')
    .option('--workers <number>', 'threads that make the load, or auto', 'auto')
    .option('--seed <number>', 'of everything that is drawn', '1')
    .option(
      '--run-id <name>',
      "of an earlier run: its very prompts, which a server's cache may still hold (default: a new one)",
    )
    .option('--no-stream', 'ask for answers in one piece')
    .option('--ignore-eos', 'tell the server to use up --output (vLLM, SGLang)')
    .option('--stop-when-saturated', 'end a round when the server falls behind for good (a sweep does)')
    .option('--allow-remote', 'targets may be other machines: only load what is yours')
    .option('--out <folder>', 'where the report goes (default: andon-bench-TIME here)')
    .addHelpText(
      'after',
      `
Writes result.json, requests.jsonl, summary.csv, report.md with charts, and report.html.
Exit code 1 when the run is invalid or nothing was answered. See docs/bench.md for every measure.`,
    )
  return withoutDocuments(command).action(async (options: BenchOptions) => {
    await runCommand(options, async (shell) => {
      const { runAndReport } = await import('./benching.ts')
      return runAndReport(options, shell)
    })
  })
}

function benchCompare(): Command {
  const command = new Command('compare')
    .description('compare two results, and fail when a condition holds')
    .argument('<before>', 'a result.json, or the folder of one')
    .argument('<after>', 'another')
    .option('--fail-if <condition>', 'like "ttft.p99 > +10%", "rps < -5%", "failed > 0"; may be given again', several)
    .option('--allow-invalid', 'do not fail because a run is marked invalid or incomplete')
    .addHelpText(
      'after',
      "\nExample:\n  andon bench compare main.json mine.json --fail-if 'ttft.p99 > +10%' --fail-if 'rps < -5%'",
    )
  return withoutDocuments(command).action(async (before: string, after: string, options: CompareOptions) => {
    await runCommand(options, async ({ output, path }) => {
      const { compareResults, conditionOf } = await import('../bench/compare.ts')
      const { readResult } = await import('../bench/result.ts')
      const { table } = await import('./output.ts')
      const conditions = (options.failIf ?? []).map(conditionOf)
      const found = compareResults(await readResult(path(before)), await readResult(path(after)), conditions)
      output.result(found)
      const shown = (value: number, unit?: string): string =>
        `${Number(value.toPrecision(4))}${unit === undefined ? '' : ` ${unit}`}`
      const rows = found.values.map(({ cell, target, metric, unit, before, after, change }) => [
        cell,
        target,
        metric,
        shown(before, unit),
        shown(after, unit),
        change === undefined ? '' : `${change > 0 ? '+' : ''}${change.toFixed(1)} %`,
      ])
      for (const line of table(['LOAD', 'TARGET', 'METRIC', 'BEFORE', 'AFTER', 'CHANGE'], rows)) output.line(line)
      for (const sentence of [...found.warnings, ...found.remarks]) output.note(sentence)
      for (const { condition, cell, target, unit, before, after } of found.failures)
        output.note(
          `FAILED: ${condition} (${target} under ${cell}: ${shown(before, unit)}, then ${shown(after, unit)})`,
        )
      if (conditions.length > 0 && found.failures.length === 0)
        output.note(
          `Passed: ${conditions.map(({ text }) => text).join(', ')} ${conditions.length === 1 ? 'does' : 'do'} not hold anywhere.`,
        )
      const doubted = found.warnings.length > 0 && options.allowInvalid !== true
      return found.failures.length > 0 || doubted ? exitCodes.failed : exitCodes.ok
    })
  })
}
