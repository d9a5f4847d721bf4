// andon keys: makes keys that let programs and people in, lists them, and revokes them.

import { Command } from 'commander'
import { AndonError } from '../core/errors.ts'
import type { KeyInfo, Scope } from '../core/key.ts'
import { nearest } from '../text/nearest.ts'
import { commandName } from './command-name.ts'
import { counted, table, when } from './output.ts'
import { runCommand, several, withCommonOptions, type CommonOptions } from './shell.ts'

const scopes: Scope[] = ['ask', 'load', 'admin']

interface CreateOptions extends CommonOptions {
  name: string
  scope?: string[]
  expires?: string
}

/** The command `keys` with `create`, `list` (its default) and `revoke`. */
export function keysCommand(): Command {
  const command = new Command('keys')
    .description('make, list and revoke the keys that let programs and people in over HTTP')
    .addHelpText('after', '\nExamples:\n  andon keys create --name alice\n  andon keys\n  andon keys revoke key_01m7…')
  command.addCommand(listKeys(), { isDefault: true })
  command.addCommand(createKey())
  command.addCommand(revokeKey())
  return command
}

function createKey(): Command {
  const command = new Command('create')
    .description('make a key; its secret is printed once, on standard output')
    .requiredOption('--name <name>', 'whose key it is')
    .option('--scope <scope>', 'what it may do: ask, load or admin; may be given several times (default: ask)', several)
    .option('--expires <time>', 'how long it is good for, like 90d, 12h or 30m (default: for ever)')
    .addHelpText('after', '\nExample:\n  andon keys create --name crawler --scope ask --scope load --expires 90d')
  return withCommonOptions(command).action(async (options: CreateOptions) => {
    await runCommand(options, async ({ output, factory, caller }) => {
      const asked = options.scope?.map(scopeOf)
      const wanted = {
        name: options.name,
        ...(asked === undefined ? {} : { scopes: [...new Set(asked)] }),
        ...(options.expires === undefined ? {} : { expiresAt: Date.now() + durationOf(options.expires) }),
      }
      const made = await (await factory()).createKey(wanted, caller)
      output.result(made)
      output.line(made.secret)
      if (output.json) return
      const { key } = made
      const until = key.expiresAt === undefined ? '' : ` until ${when(key.expiresAt)}`
      output.note(`${key.id} may ${key.scopes.join(', ')} in the tenant ${key.tenant}${until}.`)
      output.note('Keep the secret: it is not shown again. Send it as "Authorization: Bearer …".')
    })
  })
}

function listKeys(): Command {
  const command = new Command('list')
    .description('list the keys, the newest first')
    .argument('[word...]')
    .usage('[options]')
    .addHelpText('after', '\nExample:\n  andon keys list')
  return withCommonOptions(command).action(async ([word]: string[], options: CommonOptions) => {
    await runCommand(options, async ({ output, factory, caller }) => {
      // As the default command, `list` gets what was meant as the name of another one.
      if (word !== undefined) throw noSuchCommand(word)
      const keys = await (await factory()).keys(caller)
      output.result(keys)
      if (keys.length === 0) return output.line('No keys. Make one: andon keys create --name me')
      const rows = keys.map((key) => [
        key.id,
        stateOf(key),
        key.scopes.join(','),
        when(key.createdAt),
        when(key.lastUsedAt),
        key.name,
      ])
      for (const line of table(['ID', 'STATE', 'SCOPES', 'CREATED', 'USED', 'NAME'], rows)) output.line(line)
      output.line()
      output.line(counted(keys.length, 'key'))
    })
  })
}

function revokeKey(): Command {
  const command = new Command('revoke')
    .description('revoke a key: it lets nobody in any more, from now on and for good')
    .argument('<id>', 'id of the key')
    .addHelpText('after', '\nExample:\n  andon keys revoke key_01m7…')
  return withCommonOptions(command).action(async (id: string, options: CommonOptions) => {
    await runCommand(options, async ({ output, factory, caller }) => {
      const key = await (await factory()).revokeKey(id, caller).catch((reason: unknown) => {
        if (AndonError.from(reason).code !== 'not-found') throw reason
        throw new AndonError('not-found', `There is no key ${id}: "${commandName()} keys list" shows the id of each.`, {
          cause: reason,
        })
      })
      output.result(key)
      output.line(`${key.id} (${key.name}) is revoked.`)
    })
  })
}

function scopeOf(word: string): Scope {
  const scope = scopes.find((each) => each === word)
  if (scope !== undefined) return scope
  throw new AndonError('invalid', `--scope is ${JSON.stringify(word)}: it must be ask, load or admin.`)
}

const units = { m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds of a time like `90d`. */
function durationOf(text: string): number {
  const [, count, unit] = /^(\d{1,5})([mhd])$/.exec(text) ?? []
  const number = Number(count)
  if (number > 0 && (unit === 'm' || unit === 'h' || unit === 'd')) return number * units[unit]
  throw new AndonError(
    'invalid',
    `--expires is ${JSON.stringify(text)}: give a number of minutes, hours or days, like 30m, 12h or 90d.`,
  )
}

function stateOf({ revokedAt, expiresAt }: KeyInfo): string {
  if (revokedAt !== undefined) return 'revoked'
  if (expiresAt === undefined) return 'good'
  return expiresAt <= Date.now() ? 'expired' : `until ${when(expiresAt)}`
}

function noSuchCommand(word: string): AndonError {
  const guess = nearest(word, ['list', 'create', 'revoke'])
  const advice =
    guess === undefined ? '"andon keys --help" lists what there is.' : `Did you mean "andon keys ${guess}"?`
  return new AndonError('invalid', `There is no "andon keys ${word}". ${advice}`)
}
