// andon sessions: conversations are listed, written out, removed, brought back and erased.

import { Command } from 'commander'
import { AndonError } from '../core/errors.ts'
import type { SessionInfo } from '../core/session.ts'
import { nearest } from '../text/nearest.ts'
import { wholeNumber } from './ask.ts'
import { counted, table, when } from './output.ts'
import { runCommand, withCommonOptions, type CommonOptions } from './shell.ts'

interface ListOptions extends CommonOptions {
  search?: string
  limit?: string
}

/** Characters of a title in a list. */
const titleCharacters = 60

/** The command `sessions` with `list` (its default), `export`, `remove`, `restore` and `erase`. */
export function sessionsCommand(): Command {
  const command = new Command('sessions')
    .description('list conversations, write them out, remove them for a while, and erase them')
    .addHelpText(
      'after',
      '\nExamples:\n  andon sessions\n  andon sessions export s1 > s1.json\n  andon sessions erase s1',
    )
  command.addCommand(listSessions(), { isDefault: true })
  command.addCommand(exportSession())
  command.addCommand(removeSession())
  command.addCommand(restoreSession())
  command.addCommand(eraseSession())
  return command
}

function listSessions(): Command {
  const command = new Command('list')
    .description('list conversations, the latest first')
    .argument('[word...]')
    .usage('[options]')
    .option('--search <words>', 'only those with these words in the title or in what was asked')
    .option('--limit <number>', 'at most so many (default: 100)')
    .addHelpText('after', '\nExample:\n  andon sessions list --search travel')
  return withCommonOptions(command).action(async ([word]: string[], options: ListOptions) => {
    await runCommand(options, async ({ output, factory, caller }) => {
      if (word !== undefined) throw noSuchCommand(word)
      const query = {
        ...(options.search === undefined ? {} : { search: options.search }),
        ...(options.limit === undefined ? {} : { limit: wholeNumber(options.limit, '--limit', 1_000_000) }),
      }
      const found = await (await factory()).sessions(query, caller)
      output.result(found)
      if (found.length === 0)
        return output.line(options.search === undefined ? 'No conversations.' : 'No conversation is like that.')
      for (const line of table(['ID', 'TURNS', 'USED', 'TITLE'], found.map(rowOf))) output.line(line)
      output.line()
      output.line(counted(found.length, 'conversation'))
    })
  })
}

function rowOf({ id, turns, updatedAt, title }: SessionInfo): string[] {
  const line = title.replace(/\s+/g, ' ')
  const short = line.length > titleCharacters ? `${line.slice(0, titleCharacters).toWellFormed()}…` : line
  return [id, String(turns), when(updatedAt), short]
}

function exportSession(): Command {
  return ofOne('export', 'write a conversation to standard output as JSON: its turns and its summary').action(
    async (id: string, options: CommonOptions) => {
      await runCommand({ ...options, json: true }, async ({ output, factory, caller }) => {
        output.result(await (await factory()).exportSession(id, caller))
      })
    },
  )
}

function removeSession(): Command {
  return ofOne('remove', 'hide a conversation; it can be restored for 7 days (the option removal.days)').action(
    async (id: string, options: CommonOptions) => {
      await runCommand(options, async ({ output, factory, caller }) => {
        await (await factory()).removeSession(id, {}, caller)
        output.result({ removed: id })
        output.line(`removed  ${id}`)
      })
    },
  )
}

function restoreSession(): Command {
  return ofOne('restore', 'bring a removed conversation back').action(async (id: string, options: CommonOptions) => {
    await runCommand(options, async ({ output, factory, caller }) => {
      const session = await (await factory()).restoreSession(id, caller)
      output.result(session)
      output.line(`restored  ${id}`)
    })
  })
}

function eraseSession(): Command {
  return ofOne('erase', 'erase a conversation and the records of its answers; nothing brings them back').action(
    async (id: string, options: CommonOptions) => {
      await runCommand(options, async ({ output, factory, caller }) => {
        await (await factory()).removeSession(id, { now: true }, caller)
        output.result({ erased: id })
        output.line(`erased  ${id}`)
        if (!output.json) output.note('Backups and exports that were made before still hold it.')
      })
    },
  )
}

function ofOne(name: string, description: string): Command {
  const command = new Command(name).description(description).argument('<id>', 'id of the conversation')
  return withCommonOptions(command.addHelpText('after', `\nExample:\n  andon sessions ${name} s1`))
}

function noSuchCommand(word: string): AndonError {
  const guess = nearest(word, ['list', 'export', 'remove', 'restore', 'erase'])
  const advice =
    guess === undefined ? '"andon sessions --help" lists what there is.' : `Did you mean "andon sessions ${guess}"?`
  return new AndonError('invalid', `There is no "andon sessions ${word}". ${advice}`)
}
