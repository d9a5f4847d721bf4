// andon remove: hides documents at once; `--restore` brings them back, `--now` leaves nothing to bring back.

import { Command } from 'commander'
import type { DocumentInfo } from '../core/document.ts'
import { AndonError } from '../core/errors.ts'
import type { Caller, Factory } from '../core/factory.ts'
import { exitCodes } from './exit-codes.ts'
import { runCommand, withCommonOptions, type CommonOptions } from './shell.ts'

interface RemoveOptions extends CommonOptions {
  collection?: string
  now?: boolean
  restore?: boolean
}

/** The command `remove`. */
export function removeCommand(): Command {
  const command = new Command('remove')
    .description('remove documents; they can be restored for 7 days (the option removal.days)')
    .argument('<document...>', 'ids or names of documents')
    .option('--collection <name>', 'look names up in this collection only')
    .option('--now', 'remove for good: nothing can be restored')
    .option('--restore', 'bring removed documents back')
    .addHelpText('after', '\nExamples:\n  andon remove docs/old.md\n  andon remove --restore docs/old.md')
  return withCommonOptions(command).action(async (given: string[], options: RemoveOptions) => {
    await runCommand(options, async ({ output, factory: open, caller }) => {
      if (options.now === true && options.restore === true) {
        throw new AndonError('invalid', '--now and --restore contradict each other. Give one of them.')
      }
      const factory = await open()
      const done: { id: string; name: string }[] = []
      const failed: { document: string; error: unknown }[] = []
      for (const each of given) {
        try {
          const { id, name } = await findDocument(factory, each, options, caller)
          if (options.restore === true) await factory.restore(id, caller)
          else await factory.remove(id, { now: options.now === true }, caller)
          done.push({ id, name })
          output.line(`${options.restore === true ? 'restored' : 'removed'}  ${name}`)
        } catch (reason) {
          const error = AndonError.from(reason)
          if (caller.signal.aborted || error.code === 'unavailable') throw error
          failed.push({ document: each, error: error.toWire() })
          if (!output.json) output.note(`${each}: ${error.sentence}`)
        }
      }
      output.result({ [options.restore === true ? 'restored' : 'removed']: done, failed })
      return failed.length === 0 ? exitCodes.ok : exitCodes.failed
    })
  })
}

/** The document with this id, or else the one with this name. */
async function findDocument(
  factory: Factory,
  given: string,
  options: RemoveOptions,
  caller: Caller,
): Promise<DocumentInfo> {
  try {
    return await factory.document(given, caller)
  } catch (reason) {
    const { code } = AndonError.from(reason)
    // A name may look like anything, so that a store may find it to be no id at all.
    if (code !== 'not-found' && code !== 'invalid') throw reason
  }
  const query = {
    name: given,
    ...(options.collection === undefined ? {} : { collection: options.collection }),
    ...(options.restore === true ? { status: 'removed' as const } : {}),
  }
  const found = await factory.list(query, caller)
  const [first] = found
  if (first === undefined) {
    const what = options.restore === true ? 'no removed document' : 'no document'
    const similar = await similarNames(factory, given, options, caller)
    const shown = options.restore === true ? '"andon list --status removed"' : '"andon list"'
    const advice = similar.length === 0 ? `${shown} shows them.` : `Did you mean ${similar.join(' or ')}?`
    throw new AndonError('not-found', `There is ${what} with this id or name. ${advice}`)
  }
  if (found.length > 1) {
    const where = found.map((each) => each.collection).join(', ')
    throw new AndonError(
      'invalid',
      `Several collections have a document of this name: ${where}. Choose with --collection, or give the id.`,
    )
  }
  return first
}

/** Names of documents that end with what was given as a name: often the folder before it was forgotten. */
async function similarNames(
  factory: Factory,
  given: string,
  options: RemoveOptions,
  caller: Caller,
): Promise<string[]> {
  const mostLooked = 10_000
  const mostNamed = 3
  const query = {
    limit: mostLooked,
    ...(options.collection === undefined ? {} : { collection: options.collection }),
    ...(options.restore === true ? { status: 'removed' as const } : {}),
  }
  return (await factory.list(query, caller))
    .filter(({ name }) => name.endsWith(`/${given}`))
    .slice(0, mostNamed)
    .map(({ name }) => name)
}
