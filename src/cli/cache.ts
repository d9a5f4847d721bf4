// andon cache: what was made once and is kept, how often it was used again, and clearing it.

import { Command } from 'commander'
import { cacheNames, type CachesView, type CacheView } from '../core/caches.ts'
import { AndonError } from '../core/errors.ts'
import { nearest } from '../text/nearest.ts'
import { exitCodes } from './exit-codes.ts'
import { bytes, counted, table } from './output.ts'
import { runCommand, withCommonOptions, type CommonOptions } from './shell.ts'
import { cacheEvalCommand } from './cache-eval.ts'
import { warmCache } from './cache-warm.ts'

/** The command `cache` with `stats` (its default), `clear`, `warm` and `eval`. */
export function cacheCommand(): Command {
  const command = new Command('cache')
    .description('show how often what was made once was used again, and clear it')
    .addHelpText(
      'after',
      '\nExamples:\n  andon cache\n  andon cache clear embeddings\n  andon cache warm questions.txt\n  andon cache eval',
    )
  command.addCommand(cacheStats(), { isDefault: true })
  command.addCommand(clearCache())
  command.addCommand(warmCache())
  command.addCommand(cacheEvalCommand())
  return command
}

function cacheStats(): Command {
  const command = new Command('stats')
    .description('show what the caches gave, made and keep, since the server was started')
    .argument('[word...]')
    .usage('[options]')
    .addHelpText('after', '\nExample:\n  andon cache stats --json')
  return withCommonOptions(command).action(async ([word]: string[], options: CommonOptions) => {
    await runCommand(options, async ({ output, factory, caller }) => {
      // As the default command, `stats` gets what was meant as the name of another one.
      if (word !== undefined) throw noSuchCommand(word)
      const opened = await factory()
      const view = await opened.caches({ measured: true }, caller)
      output.result(view)
      for (const line of linesOf(view)) output.line(line)
      if (!opened.remote) output.note('No server runs on this data directory: counts begin with one, "andon serve".')
      return view.trouble === undefined ? exitCodes.ok : exitCodes.failed
    })
  })
}

function clearCache(): Command {
  const command = new Command('clear')
    .description('forget what is kept, of all tenants; what is needed again is made again')
    .argument('[what]', `${cacheNames.join(', ')} or all`, 'all')
    .addHelpText('after', '\nExample:\n  andon cache clear embeddings')
  return withCommonOptions(command).action(async (what: string, options: CommonOptions) => {
    await runCommand(options, async ({ output, factory, caller }) => {
      const which = [...cacheNames, 'all' as const].find((name) => name === what)
      if (which === undefined)
        throw new AndonError('invalid', `There is no cache "${what}": give ${cacheNames.join(', ')} or all.`)
      const done = await (await factory()).clearCaches(which, caller)
      output.result(done)
      output.line(`Cleared: ${done.cleared.join(' and ')}, in ${done.where}.`)
    })
  })
}

/** What is known of the caches, for people. */
function linesOf({ where, shared, trouble, advice, maxBytes, caches }: CachesView): string[] {
  const folder = caches.some(({ kept }) => kept !== undefined)
  const head = [
    'CACHE',
    'MEMORY',
    folder ? 'FOLDER' : 'REDIS',
    'JOINED',
    'MADE',
    'FAILED',
    'STORED',
    'USED AGAIN',
    'IN MEMORY',
  ]
  const rows = caches.map((cache) => [
    cache.name,
    ...(cache.on
      ? [cache.memoryHits, cache.levelHits, cache.joined, cache.misses, cache.failures, cache.stored].map(String)
      : ['off', '', '', '', '', '']),
    cache.on ? again(cache) : '',
    cache.on ? bytes(cache.bytes) : '',
    ...(cache.kept ? [`${bytes(cache.kept.bytes)}, ${counted(cache.kept.values, 'value')}`] : []),
  ])
  const troubles = caches.reduce((sum, each) => sum + each.troubles, 0)
  const size = maxBytes === undefined ? '' : `, at most ${maxBytes / 2 ** 20} MiB`
  return [
    ...table(folder ? [...head, 'IN THE FOLDER'] : head, rows),
    '',
    `Kept in ${shared ? 'Redis at ' : ''}${where}${shared ? ', for all processes that name it' : size}.`,
    ...(trouble === undefined ? [] : [`${trouble}: what belongs there is not kept until it does.`]),
    ...(advice === undefined ? [] : [advice]),
    ...(troubles === 0
      ? []
      : [`${shared ? 'Redis' : 'The folder'} failed, was late or gave garbage ${counted(troubles, 'time')}.`]),
  ]
}

/** The share of what was asked that nobody had to make. */
function again({ memoryHits, levelHits, joined, misses }: CacheView): string {
  const used = memoryHits + levelHits + joined
  return used + misses === 0 ? '' : `${Math.floor((100 * used) / (used + misses))} %`
}

function noSuchCommand(word: string): AndonError {
  const guess = nearest(word, ['stats', 'clear', 'warm', 'eval'])
  const advice =
    guess === undefined ? '"andon cache --help" lists what there is.' : `Did you mean "andon cache ${guess}"?`
  return new AndonError('invalid', `There is no "andon cache ${word}". ${advice}`)
}
