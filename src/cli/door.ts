// andon door: one more front door, in a process of its own, to the server that runs on the data directory.

import { Command } from 'commander'
import { commandName } from './command-name.ts'
import { exitCodes } from './exit-codes.ts'
import { runCommand, withCommonOptions, type CommonOptions, type OptionFlag } from './shell.ts'

interface DoorOptions extends CommonOptions {
  host?: string
  port?: string
}

/** The command `door`. */
export function doorCommand(): Command {
  const command = new Command('door')
    .description('open one more front door to a running server, in a process of its own, until Ctrl-C or SIGTERM')
    .option('--host <address>', 'address to listen on (default: the option host, 127.0.0.1)')
    .option('--port <number>', 'port to listen on (default: 0, a free one)', '0')
    .addHelpText(
      'after',
      '\nAnswers that are resumable outlive the door they were asked at, and are read on at any other.\n\nExample:\n  andon door --port 9001',
    )
  return withCommonOptions(command).action(async (options: DoorOptions) => {
    const flags: OptionFlag[] = [
      ...(options.host === undefined ? [] : [{ path: 'host', value: options.host, flag: '--host' }]),
      ...(options.port === undefined ? [] : [{ path: 'port', value: options.port, flag: '--port' }]),
    ]
    await runCommand(
      options,
      async ({ configuration, output, signal }) => {
        const { openGateway } = await import('../gateway/server.ts')
        const { standingConnection } = await import('./standing-connection.ts')
        const { logGateway } = await import('./log.ts')
        const { host, port, tenant, dataDir, logLevel, origins, auth, limits, links, loading } = configuration.options
        using _log = logGateway(logLevel)
        await using factory = standingConnection(dataDir)
        // Without a server there is nothing to open a door to, and nothing to wait for.
        await factory.health({ signal })
        await using gateway = await openGateway(factory, {
          host,
          port,
          tenant,
          auth,
          limits,
          links,
          loading,
          ...(origins === undefined ? {} : { origins }),
          house: configuration.options,
          command: commandName(),
        })
        output.line(`Andon has a door at ${gateway.url}`)
        output.result({ url: gateway.url, pid: process.pid, dataDir })
        if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
        output.note('Closing the door: requests under way may finish. Press Ctrl-C again to stop now.')
        return exitCodes.ok
      },
      flags,
    )
  })
}
