// andon jobs: what is being loaded, why something waits, and how to stop it or try again.

import { Command } from 'commander'
import { AndonError } from '../core/errors.ts'
import type { JobView } from '../core/factory.ts'
import { nearest } from '../text/nearest.ts'
import { wholeNumber } from './ask.ts'
import { counted, table, when } from './output.ts'
import { runCommand, withCommonOptions, type CommonOptions } from './shell.ts'

const states: JobView['state'][] = ['waiting', 'running', 'done', 'failed', 'cancelled', 'dead']

interface JobsOptions extends CommonOptions {
  state?: string
  document?: string
  limit?: string
}

/** The command `jobs` with `list` (its default), `explain`, `cancel` and `retry`. */
export function jobsCommand(): Command {
  const command = new Command('jobs')
    .description('list jobs, explain why one waits, cancel or retry one')
    .addHelpText('after', '\nExamples:\n  andon jobs\n  andon jobs explain job_01m7…\n  andon jobs list --state failed')
  command.addCommand(listJobs(), { isDefault: true })
  command.addCommand(explainJob())
  command.addCommand(changeJob('cancel', 'stop a job; its document keeps the version it had'))
  command.addCommand(changeJob('retry', 'try a job again that failed, died or was cancelled'))
  return command
}

function listJobs(): Command {
  const command = new Command('list')
    .description('list jobs, the newest first')
    .argument('[word...]')
    .usage('[options]')
    .option('--state <state>', `only jobs that are ${states.join(', ')}`)
    .option('--document <id>', 'only jobs of this document')
    .option('--limit <number>', 'at most so many', '100')
    .addHelpText('after', '\nExample:\n  andon jobs list --state failed')
  return withCommonOptions(command).action(async ([word]: string[], options: JobsOptions) => {
    await runCommand(options, async ({ output, factory, caller }) => {
      // As the default command, `list` gets what was meant as the name of another one.
      if (word !== undefined) throw noSuchCommand(word)
      const state = states.find((each) => each === options.state)
      if (options.state !== undefined && state === undefined) {
        throw new AndonError(
          'invalid',
          `--state is ${JSON.stringify(options.state)}: it must be one of ${states.join(', ')}.`,
        )
      }
      const query = {
        limit: wholeNumber(options.limit ?? '100', '--limit', 100_000),
        ...(state === undefined ? {} : { state }),
        ...(options.document === undefined ? {} : { documentId: options.document }),
      }
      const jobs = await (await factory()).jobs(query, caller)
      output.result(jobs)
      if (jobs.length === 0) return output.line('No jobs.')
      const rows = jobs.map((job) => [
        job.id,
        job.state,
        progressOf(job),
        `${job.attempts}/${job.maxAttempts}`,
        when(job.createdAt),
        `${job.documentName ?? job.kind}${job.error === undefined ? '' : `: ${job.error.message}`}`,
      ])
      for (const line of table(['ID', 'STATE', 'STAGE', 'TRIES', 'CREATED', 'WHAT'], rows)) output.line(line)
      output.line()
      output.line(counted(jobs.length, 'job'))
    })
  })
}

function noSuchCommand(word: string): AndonError {
  const guess = nearest(word, ['list', 'explain', 'cancel', 'retry'])
  const advice =
    guess === undefined ? '"andon jobs --help" lists what there is.' : `Did you mean "andon jobs ${guess}"?`
  return new AndonError('invalid', `There is no "andon jobs ${word}". ${advice}`)
}

function explainJob(): Command {
  const command = new Command('explain')
    .description('why a job waits, who works on it, what comes next')
    .argument('<id>', 'id of the job')
    .addHelpText('after', '\nExample:\n  andon jobs explain job_01m7…')
  return withCommonOptions(command).action(async (id: string, options: CommonOptions) => {
    await runCommand(options, async ({ output, factory, caller }) => {
      const story = await (await factory()).explain(id, caller)
      output.result(story)
      for (const sentence of story.sentences) output.line(sentence)
      if (story.history.length > 0) output.line()
      for (const { at, event, detail } of story.history) {
        output.line(`${when(at)}  ${event}${detail === undefined ? '' : `: ${detail}`}`)
      }
    })
  })
}

function changeJob(verb: 'cancel' | 'retry', description: string): Command {
  const command = new Command(verb)
    .description(description)
    .argument('<id>', 'id of the job')
    .addHelpText('after', `\nExample:\n  andon jobs ${verb} job_01m7…`)
  return withCommonOptions(command).action(async (id: string, options: CommonOptions) => {
    await runCommand(options, async ({ output, factory: open, caller }) => {
      const factory = await open()
      const job = await (verb === 'cancel' ? factory.cancel(id, caller) : factory.retry(id, caller))
      output.result(job)
      output.line(outcomeOf(verb, job))
    })
  })
}

/** What became of a job that was to be cancelled or tried again; one that has ended well cannot be either. */
function outcomeOf(verb: 'cancel' | 'retry', job: JobView): string {
  if (verb === 'cancel' && job.state === 'cancelled') return `${job.id} is cancelled.`
  if (verb === 'retry' && (job.state === 'waiting' || job.state === 'running'))
    return `${job.id} is ${job.state} again.`
  return `${job.id} is ${job.state} already: there is nothing to ${verb}.`
}

function progressOf(job: JobView): string {
  const { done, total } = job.progress
  return total > 0 && job.state === 'running' ? `${job.stage} ${done}/${total}` : job.stage
}
