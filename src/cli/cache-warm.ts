// andon cache warm: asks questions ahead of time, so that who asks them later has their answers at once.

import { readFile } from 'node:fs/promises'
import { text as textOf } from 'node:stream/consumers'
import { SingleBar } from 'cli-progress'
import { Command } from 'commander'
import { warm } from '../cache/warm.ts'
import { AndonError } from '../core/errors.ts'
import type { Caller, Factory } from '../core/factory.ts'
import type { AnswerEnd } from '../core/question.ts'
import { loadingFirst, wholeNumber } from './ask.ts'
import { exitCodes } from './exit-codes.ts'
import { counted, type Output } from './output.ts'
import { answering } from './server-settings.ts'
import { runCommand, tellUnused, withCommonOptions, type CommonOptions, type Shell } from './shell.ts'

interface WarmOptions extends CommonOptions {
  concurrency: string
  events?: boolean
}

/** What became of a question: its answer is kept now, was so before, or cannot be. */
type Outcome = 'new' | 'kept before' | 'not kept' | 'failed'

/** How it went. */
interface Warming {
  questions: number
  new: number
  keptBefore: number
  notKept: { question: string; reason: string }[]
  failed: { question: string; reason: string }[]
}

/** The command `cache warm`. */
export function warmCache(): Command {
  const command = new Command('warm')
    .description('ask questions ahead of time, so that their answers are there when somebody asks')
    .argument('<file>', 'one question per line, or - to read them from standard input')
    .option('--concurrency <number>', 'questions asked at once', '4')
    .option('--events', 'print a line of JSON for every question')
    .addHelpText('after', '\nExample:\n  andon cache warm questions.txt --concurrency 8')
  return withCommonOptions(command).action(async (file: string, options: WarmOptions) => {
    await runCommand({ ...options, json: options.json === true || options.events === true }, (shell) =>
      warmFrom(file, options, shell),
    )
  })
}

async function warmFrom(file: string, options: WarmOptions, shell: Shell): Promise<number> {
  const { output, signal, configuration } = shell
  const concurrency = wholeNumber(options.concurrency, '--concurrency', 64)
  const questions = await questionsIn(file, shell)
  if (!configuration.options.cache.answers)
    throw new AndonError('invalid', 'The option cache.answers is false: no answer would be kept. Set it to true.')
  const factory = await shell.factory()
  tellUnused(shell, factory, answering)
  if (!factory.remote) await loadingFirst(shell, factory)
  const report: Warming = { questions: questions.length, new: 0, keptBefore: 0, notKept: [], failed: [] }
  const tell = (): void => {
    if (options.events !== true) output.result(report)
    for (const line of linesOf(report)) output.line(line)
  }
  // What no other question would fare better with ends all.
  const ending = new AbortController()
  const caller = { ...shell.caller, signal: AbortSignal.any([signal, ending.signal]) }
  try {
    using progress = showWarming(questions.length, options.events === true, output)
    const ask = async (question: string): Promise<void> => {
      try {
        const { outcome, reason } = await outcomeOf(factory, question, caller)
        if (outcome === 'new') report.new++
        else if (outcome === 'kept before') report.keptBefore++
        else report[outcome === 'failed' ? 'failed' : 'notKept'].push({ question, reason })
        progress.ended(question, outcome, reason)
      } catch (reason) {
        ending.abort(reason)
      }
    }
    await warm(ask, questions, { concurrency, signal: caller.signal })
    ending.signal.throwIfAborted()
  } catch (reason) {
    // What is there by now stays.
    if (signal.aborted) tell()
    throw reason
  }
  tell()
  return report.failed.length > 0 ? exitCodes.failed : exitCodes.ok
}

/** The questions of a file, each once. */
async function questionsIn(file: string, { path }: Shell): Promise<string[]> {
  let text: string
  try {
    text = file === '-' ? await textOf(process.stdin) : await readFile(path(file), 'utf8')
  } catch (reason) {
    throw new AndonError('not-found', `${file} cannot be read: give a file with one question per line.`, {
      cause: reason,
    })
  }
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/u)
  const questions = [...new Set(lines.map((line) => line.trim()).filter((line) => line !== ''))]
  if (questions.length === 0) throw new AndonError('invalid', `${file} has no question: write one per line.`)
  return questions
}

async function outcomeOf(
  factory: Factory,
  text: string,
  caller: Caller & { signal: AbortSignal },
): Promise<{ outcome: Outcome; reason: string }> {
  let end: AnswerEnd | undefined
  try {
    for await (const event of factory.ask({ text }, caller)) if (event.type === 'answer-end') end = event
  } catch (reason) {
    caller.signal.throwIfAborted()
    const error = AndonError.from(reason)
    // Nobody is there any more.
    if (error.code === 'unavailable') throw error
    return { outcome: 'failed', reason: error.sentence }
  }
  if (!end) throw new AndonError('internal', 'The answer ended without its last event.')
  return ended(end)
}

function ended({ cached, mode, confidence, toolRuns, degraded }: AnswerEnd): { outcome: Outcome; reason: string } {
  if (cached) return { outcome: 'kept before', reason: '' }
  const fault = degraded.find(({ reason }) => reason.startsWith('model-') || reason === 'out-of-time')
  if (fault?.reason === 'model-missing')
    throw new AndonError('invalid', `${fault.message} Only answers of a model are kept: set OPENAI_BASE_URL.`)
  if (fault) return { outcome: 'failed', reason: fault.message }
  if (mode === 'extractive' || confidence === 'refused')
    return { outcome: 'not kept', reason: 'the documents do not answer it' }
  if (toolRuns) return { outcome: 'not kept', reason: 'its answer called tools' }
  return { outcome: 'new', reason: '' }
}

/** A bar on a terminal, a line per question elsewhere. */
function showWarming(
  total: number,
  events: boolean,
  output: Output,
): Disposable & { ended(question: string, outcome: Outcome, reason: string): void } {
  if (output.json || !output.interactive)
    return {
      ended(question, outcome, reason) {
        if (events) process.stdout.write(`${JSON.stringify({ question, outcome, ...(reason ? { reason } : {}) })}\n`)
        else output.line(`${outcome.padEnd(11)}  ${question}`)
      },
      [Symbol.dispose]() {},
    }
  const bar = new SingleBar({
    format: 'asking {bar} {value}/{total} {question}',
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
    barsize: 24,
    forceRedraw: true,
  })
  bar.start(total, 0, { question: '' })
  return {
    ended(question) {
      bar.increment(1, { question: question.length > 50 ? `${question.slice(0, 49)}…` : question })
    },
    [Symbol.dispose]: () => bar.stop(),
  }
}

function linesOf({ questions, new: made, keptBefore, notKept, failed }: Warming): string[] {
  const done = made + keptBefore + notKept.length + failed.length
  const counts = [
    `${made} new`,
    `${keptBefore} kept before`,
    ...(notKept.length > 0 ? [`${notKept.length} not kept`] : []),
    ...(failed.length > 0 ? [`${failed.length} failed`] : []),
    ...(done < questions ? [`${questions - done} not asked`] : []),
  ]
  return [
    ...notKept.map(({ question, reason }) => `not kept: ${question} (${reason})`),
    ...failed.map(({ question, reason }) => `failed: ${question} (${reason})`),
    `${counted(questions, 'question')}: ${counts.join(', ')}.`,
  ]
}
