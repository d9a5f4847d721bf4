// andon serve: one process that owns the data directory, answers over HTTP and serves the other commands.

import { Command } from 'commander'
import { exitCodes } from './exit-codes.ts'
import { runCommand, withCommonOptions, type CommonOptions, type OptionFlag } from './shell.ts'

interface ServeOptions extends CommonOptions {
  host?: string
  port?: string
}

/** The command `serve`. */
export function serveCommand(): Command {
  const command = new Command('serve')
    .description('start the server, until Ctrl-C or SIGTERM')
    .option('--host <address>', 'address to listen on (default: the option host, 127.0.0.1)')
    .option('--port <number>', 'port to listen on, 0 for a free one (default: the option port, 8642)')
    .addHelpText('after', '\nExample:\n  andon serve --port 9000')
  return withCommonOptions(command).action(async (options: ServeOptions) => {
    const flags: OptionFlag[] = [
      ...(options.host === undefined ? [] : [{ path: 'host', value: options.host, flag: '--host' }]),
      ...(options.port === undefined ? [] : [{ path: 'port', value: options.port, flag: '--port' }]),
    ]
    await runCommand(
      options,
      async (shell) => {
        const { createFactory } = await import('../factory.ts')
        const { openGateway } = await import('../gateway/server.ts')
        const { serveControl } = await import('./control.ts')
        const { logGateway } = await import('./log.ts')
        const { host, port, tenant, dataDir, logLevel } = shell.configuration.options
        using _log = logGateway(logLevel)
        // Opened in this order and closed in the opposite one: the door first, the stores last.
        await using factory = await createFactory(shell.configuration.options)
        await using _control = await serveControl(factory, dataDir)
        await using gateway = await openGateway(factory, { host, port, tenant })
        shell.output.line(`Andon is at ${gateway.url}`)
        shell.output.result({ url: gateway.url, pid: process.pid, dataDir })
        await new Promise((resolve) => shell.signal.addEventListener('abort', resolve, { once: true }))
        shell.output.note('Stopping: requests under way may finish. Press Ctrl-C again to stop now.')
        return exitCodes.ok
      },
      flags,
    )
  })
}
