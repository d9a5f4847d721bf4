// andon ask: a question, its answer as it is made, and where each part of it stands.

import { text as textOf } from 'node:stream/consumers'
import { Command } from 'commander'
import { phrasesFor } from '../answering/phrases.ts'
import { AndonError } from '../core/errors.ts'
import type { Factory } from '../core/factory.ts'
import type { AnswerEnd, AnswerEvent, Citation, Question } from '../core/question.ts'
import { approve } from './approving.ts'
import { counted } from './output.ts'
import { answering } from './server-settings.ts'
import { runCommand, several, tellUnused, withCommonOptions, type CommonOptions, type Shell } from './shell.ts'
import { figureLine, toolLine } from './telling-tools.ts'

interface AskOptions extends CommonOptions {
  collection?: string[]
  session?: string
  extractive?: boolean
  passages?: string
  budget?: string
  /** False with `--no-cache`. */
  cache?: boolean
  events?: boolean
}

/** How long a question without a server waits for documents that load, in milliseconds. */
const loadingPatienceMs = 60_000

/** Jobs that are counted one by one. */
const mostCounted = 1000

/** The command `ask`. */
export function askCommand(): Command {
  const command = new Command('ask')
    .description('ask a question; the answer streams, its citations follow')
    .argument('<question...>', 'the question, or - to read it from standard input')
    .option('--collection <name>', 'ask only this collection; may be given several times', several)
    .option('--session <id>', 'continue a conversation: a follow-up is understood from what was said')
    .option('--extractive', 'answer with sentences of the documents, without a model')
    .option('--passages <number>', 'passages given to the answerer (default: the option answers.passages)')
    .option('--budget <milliseconds>', 'time for the whole answer (default: the option answers.budgetMs)')
    .option('--no-cache', 'ask the model anew, whatever is kept')
    .option('--events', 'print every event of the answer as a line of JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  andon ask "When should I use a process instead of a thread?"\n  andon ask --session s1 "And for the next one?"',
    )
  return withCommonOptions(command).action(async (words: string[], options: AskOptions) => {
    await runCommand({ ...options, json: options.json === true || options.events === true }, async (shell) =>
      ask(shell, await question(words, options), options.events === true),
    )
  })
}

async function question(words: string[], options: AskOptions): Promise<Question> {
  const text = words.length === 1 && words[0] === '-' ? await textOf(process.stdin) : words.join(' ')
  if (text.trim() === '') throw new AndonError('invalid', 'The question is empty. Ask something: andon ask "…"')
  return {
    text: text.trim(),
    ...(options.collection === undefined ? {} : { filter: { collections: options.collection } }),
    ...(options.session === undefined ? {} : { sessionId: options.session }),
    ...(options.extractive === true ? { mode: 'extractive' } : {}),
    ...(options.cache === false ? { cache: false } : {}),
    ...(options.passages === undefined ? {} : { passages: wholeNumber(options.passages, '--passages', 50) }),
    ...(options.budget === undefined ? {} : { budgetMs: wholeNumber(options.budget, '--budget', 3_600_000) }),
  }
}

/** A flag's whole number from 1 to the given most. */
export function wholeNumber(text: string, flag: string, most: number): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 1 && value <= most) return value
  throw new AndonError('invalid', `${flag} is ${JSON.stringify(text)}: it must be a whole number from 1 to ${most}.`)
}

async function ask(shell: Shell, asked: Question, everyEvent: boolean): Promise<void> {
  const { output } = shell
  const factory = await shell.factory()
  tellUnused(shell, factory, answering)
  if (!factory.remote) await loadingFirst(shell, factory)
  const cited = new Map<number, Citation>()
  const calls = new Map<string, Extract<AnswerEvent, { type: 'tool-call' }>['arguments']>()
  let end: AnswerEnd | undefined
  const unconfirmed: { start: number; end: number }[] = []
  let streamed = ''
  for await (const event of factory.ask(asked, shell.caller)) {
    if (everyEvent) process.stdout.write(`${JSON.stringify(event)}\n`)
    switch (event.type) {
      case 'text-delta':
        output.piece(event.text)
        streamed += event.text
        break
      case 'citation':
        cited.set(event.marker, event.citation)
        break
      case 'sentence-checked':
        if (!event.supported) unconfirmed.push(event)
        break
      case 'answer-degraded':
        if (!output.json) output.note(`${ownLine(streamed)}(${event.degradation.message})`)
        break
      case 'tool-call':
        calls.set(event.id, event.arguments)
        break
      case 'tool-result':
        if (!output.json) output.note(ownLine(streamed) + toolLine(calls.get(event.id), event))
        break
      case 'tool-approval':
        // The answer goes on meanwhile.
        void approve(shell, factory, event.approval)
        break
      case 'answer-end':
        end = event
        break
      default:
    }
  }
  if (!end) throw new AndonError('internal', 'The answer ended without its last event.')
  if (!everyEvent) output.result(end)
  if (streamed === '') output.piece(end.text)
  output.line()
  if (cited.size === 0) for (const [index, citation] of end.citations.entries()) cited.set(index + 1, citation)
  if (cited.size > 0) output.line()
  for (const line of sourceLines(cited)) output.line(line)
  if (output.json) return
  const phrases = phrasesFor(asked.text)
  if (unconfirmed.length > 0) {
    const sentences = unconfirmed.map(({ start, end: stop }) => end.text.slice(start, stop).trim())
    output.note(`(${phrases.unconfirmed(sentences)})`)
  }
  for (const figure of end.figures ?? []) {
    const line = figureLine(figure, asked.text)
    if (line !== undefined) output.note(`(${line})`)
  }
  if (end.cached) output.note(`(${phrases.fromCache(end.cached.ageMs, end.cached.question)})`)
  if (end.confidence === 'refused') await explainRefusal(shell, factory, asked)
}

/** What stands before a note: in the middle of a sentence it begins a line of its own. */
function ownLine(streamed: string): string {
  return /[^\n]$/.test(streamed) ? '\n' : ''
}

/** One line per place, with all markers that point there: `[1] [3] a.pdf, page 3 › Costs`. */
function sourceLines(cited: Map<number, Citation>): string[] {
  const markers = new Map<string, string>()
  for (const [marker, citation] of [...cited].sort(([one], [other]) => one - other)) {
    const place = placeOf(citation)
    markers.set(place, `${markers.get(place) ?? ''}[${marker}] `)
  }
  return [...markers].map(([place, before]) => before + place)
}

/** Reasons for finding nothing that the user can do something about: a mistyped collection, documents still to come. */
async function explainRefusal({ output, caller }: Shell, factory: Factory, asked: Question): Promise<void> {
  const wanted = asked.filter?.collections ?? []
  if (wanted.length > 0) {
    const known = (await factory.collections(caller)).map(({ collection }) => collection)
    for (const each of wanted.filter((name) => !known.includes(name))) {
      output.note(`(There is no collection ${each}; there are: ${known.join(', ') || 'none'}.)`)
    }
  }
  const waiting = (await factory.jobs({ state: 'waiting', limit: mostCounted }, caller)).length
  const running = (await factory.jobs({ state: 'running', limit: mostCounted }, caller)).length
  const count = waiting + running >= mostCounted ? 'Many documents are' : areLoading(waiting + running)
  if (waiting + running > 0) output.note(`(${count} still being loaded and not searched yet: see "andon jobs".)`)
}

function areLoading(count: number): string {
  return `${counted(count, 'document')} ${count === 1 ? 'is' : 'are'}`
}

/**
 * Without a server nothing loads behind a command: what waits, on the first run the handbook, is loaded before the
 * question. Not for ever: after a minute the question is asked of what is there.
 */
export async function loadingFirst(shell: Shell, factory: Factory): Promise<void> {
  const { tenant, signal } = shell.caller
  const ids: string[] = []
  for (const state of ['waiting', 'running'] as const) {
    for (const job of await factory.jobs({ state, limit: 10_000 }, shell.caller)) ids.push(job.id)
  }
  if (ids.length === 0) return
  shell.output.note(
    `(${counted(ids.length, 'document')} to load first; "andon serve" does this once, ahead of questions.)`,
  )
  const patience = AbortSignal.any([signal, AbortSignal.timeout(loadingPatienceMs)])
  try {
    for await (const _ of factory.watch(ids, { ...(tenant === undefined ? {} : { tenant }), signal: patience }));
  } catch (reason) {
    signal.throwIfAborted()
    if (!patience.aborted) throw reason
    shell.output.note('(Loading goes on too long to wait for: this is asked of what is there.)')
  }
}

/** Document, page and headings of a citation: `a.pdf, page 3 › Costs › Rent`. */
function placeOf(citation: Citation): string {
  const page = citation.page === undefined ? '' : `, page ${citation.page}`
  return [`${citation.documentName}${page}`, ...citation.headings].join(' › ')
}
