// The commands. Each has a file of its own and loads what it needs when it runs, so that `--help` answers at once.

import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { addCommand } from './add.ts'
import { askCommand } from './ask.ts'
import { benchCommand } from './bench.ts'
import { cacheCommand } from './cache.ts'
import { backupCommand, exportCommand, importCommand, restoreCommand } from './keep.ts'
import { doctorCommand } from './doctor.ts'
import { doorCommand } from './door.ts'
import { evalCommand } from './evaluation.ts'
import { exitCodes } from './exit-codes.ts'
import { gatewayCommand } from './gateway.ts'
import { jobsCommand } from './jobs.ts'
import { keysCommand } from './keys.ts'
import { listCommand } from './list.ts'
import { mcpCommand } from './mcp.ts'
import { removeCommand } from './remove.ts'
import { serveCommand } from './serve.ts'
import { sessionsCommand } from './sessions.ts'
import { simulateCommand } from './simulate.ts'
import { toolsCommand } from './tools.ts'

/** The whole command line. */
export function makeProgram(): Command {
  const program = new Command('andon')
    .description('An answer factory: documents go in, checked answers come out.')
    .version(version(), '-v, --version', 'print the version')
    .helpCommand(true)
    .showSuggestionAfterError(true)
    .showHelpAfterError('(andon --help lists what there is)')
    .exitOverride()
    .addHelpText(
      'after',
      `
Examples:
  andon serve                          start the server; the other commands talk to it
  andon add ./docs                     add a folder
  andon ask "When do I need a lock?"   ask

Exit codes: 0 ok, 1 something failed, 2 wrong usage, 3 not reachable or locked, 130 interrupted.`,
    )
  const commands = [
    serveCommand(),
    doorCommand(),
    gatewayCommand(),
    mcpCommand(),
    addCommand(),
    askCommand(),
    listCommand(),
    removeCommand(),
    sessionsCommand(),
    jobsCommand(),
    keysCommand(),
    toolsCommand(),
    cacheCommand(),
    evalCommand(),
    benchCommand(),
    backupCommand(),
    restoreCommand(),
    exportCommand(),
    importCommand(),
    doctorCommand(),
    simulateCommand(),
  ]
  for (const command of commands) program.addCommand(inherit(command, program))
  return program
}

/** Commands made on their own do not take over how errors are shown. */
function inherit(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent)
  for (const child of command.commands) inherit(child, command)
  return command
}

function version(): string {
  // The same place seen from src/cli and from dist/cli.
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return /"version":\s*"([^"]+)"/.exec(text)?.[1] ?? 'unknown'
}

/** Runs a command line. Sets the exit code; never throws for a wrong one. */
export async function main(args: string[]): Promise<void> {
  // Nobody reads any more what was printed into a pipe, help too: that is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  const program = makeProgram()
  if (args.length === 0) {
    program.outputHelp()
    return
  }
  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (reason) {
    if (!(reason instanceof CommanderError)) throw reason
    process.exitCode = reason.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  }
}

if (import.meta.main) await main(process.argv.slice(2))
