// andon mcp: Andon as an MCP server on standard input and output, for programs that start the servers they use.

import { Console } from 'node:console'
import { Command } from 'commander'
import { exitCodes } from './exit-codes.ts'
import { runCommand, type CommonOptions } from './shell.ts'

/** The command `mcp`. */
export function mcpCommand(): Command {
  return new Command('mcp')
    .description('speak MCP on standard input and output, for a client that starts its servers')
    .option('--tenant <name>', 'whose documents (default: the option tenant)')
    .option('--config <file>', 'configuration file (default: andon.config.ts or andon.config.json here)')
    .option('--data <folder>', 'data directory (default: the option dataDir, .andon)')
    .addHelpText(
      'after',
      '\nIt uses the server that runs on the data directory, or opens the directory itself. It ends when its input ends.\n\nExample:\n  {"mcpServers": {"andon": {"command": "npx", "args": ["andon", "mcp", "--data", "/home/me/.andon"]}}}',
    )
    .action(async (options: CommonOptions) => {
      // Standard output speaks MCP and nothing else, whatever some module has to say.
      globalThis.console = new Console(process.stderr, process.stderr)
      await runCommand(options, async ({ configuration, signal }) => {
        const { serveMcpStdio } = await import('../gateway/mcp/stdio.ts')
        const { Links } = await import('../gateway/links-source.ts')
        const { lastingFactory } = await import('./lasting-factory.ts')
        const { logGateway } = await import('./log.ts')
        const { tenant, logLevel, links, loading } = configuration.options
        using _log = logGateway(logLevel)
        await using factory = lastingFactory(configuration.options)
        await serveMcpStdio(
          { factory, links: new Links({ links, loading }) },
          { tenant, signal, input: process.stdin, output: process.stdout },
        )
        return exitCodes.ok
      })
    })
}
