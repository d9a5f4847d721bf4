// andon remove: hides documents at once; `--restore` brings them back, `--now` leaves nothing to bring back.

import { Command } from 'commander'
import type { DocumentInfo, DocumentStatus } from '../core/document.ts'
import { AndonError } from '../core/errors.ts'
import type { Factory } from '../core/factory.ts'
import { exitCodes } from './exit-codes.ts'
import { meantDocuments } from './meant-documents.ts'
import { runCommand, withCommonOptions, type CommonOptions, type Shell } from './shell.ts'

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
    await runCommand(options, async (shell) => {
      const { output, factory: open, caller } = shell
      if (options.now === true && options.restore === true) {
        throw new AndonError('invalid', '--now and --restore contradict each other. Give one of them.')
      }
      const factory = await open()
      const done: { id: string; name: string }[] = []
      const failed: { document: string; error: unknown }[] = []
      for (const each of given) {
        try {
          const { id, name } = await findDocument(factory, each, options, shell)
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
  { caller, path }: Shell,
): Promise<DocumentInfo> {
  try {
    return await factory.document(given, caller)
  } catch (reason) {
    const { code } = AndonError.from(reason)
    // A name may look like anything, so that a store may find it to be no id at all.
    if (code !== 'not-found' && code !== 'invalid') throw reason
  }
  const found = await factory.list({ name: given, ...among(options) }, caller)
  const [first] = found
  if (first === undefined) {
    const what = options.restore === true ? 'no removed document' : 'no document'
    // Of very many documents, those that were added first.
    const known = await factory.list({ limit: 10_000, ...among(options) }, caller)
    const advice = meantDocuments(given, { path: path(given), base: path('.'), names: known.map(({ name }) => name) })
    const shown = options.restore === true ? '"andon list --status removed"' : '"andon list"'
    throw new AndonError('not-found', `There is ${what} with this id or name. ${advice ?? `${shown} shows them.`}`)
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

/** Those that a name may mean: with `--restore` the removed ones. */
function among({ collection, restore }: RemoveOptions): { collection?: string; status?: DocumentStatus } {
  return {
    ...(collection === undefined ? {} : { collection }),
    ...(restore === true ? { status: 'removed' } : {}),
  }
}
