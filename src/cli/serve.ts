// andon serve: one process that owns the data directory, answers over HTTP and serves the other commands.

import { setTimeout } from 'node:timers/promises'
import { Command } from 'commander'
import { namesEndpoints } from '../configured-endpoints.ts'
import { commandName } from './command-name.ts'
import { exitCodes } from './exit-codes.ts'
import { aborted } from '../core/aborted.ts'
import type { Factory } from '../core/factory.ts'
import type { Options } from '../options.ts'
import { tellFewOpenFiles } from './open-files.ts'
import { counted } from './output.ts'
import { endpointOptions, reloadOnHangup } from './reload.ts'
import { runCommand, withCommonOptions, type CommonOptions, type OptionFlag, type Shell } from './shell.ts'

interface ServeOptions extends CommonOptions {
  host?: string
  port?: string
}

/** How long the door stays closed for the handbook on the first start, in milliseconds. */
const handbookPatienceMs = 5000

/** How long the door says that it is starting, in milliseconds: a page that does not load keeps no server from work. */
const startupMs = 60_000

/** The command `serve`. */
export function serveCommand(): Command {
  const command = new Command('serve')
    .description('start the server, until Ctrl-C or SIGTERM')
    .option('--host <address>', 'address to listen on (default: the option host, 127.0.0.1)')
    .option('--port <number>', 'port to listen on, 0 for a free one (default: the option port, 8642)')
    .addHelpText(
      'after',
      `
SIGHUP reads the configuration again: models.endpoints change without dropping a stream, and what needs a restart is named.

Example:
  andon serve --port 9000`,
    )
  return withCommonOptions(command).action(async (options: ServeOptions) => {
    const flags: OptionFlag[] = [
      ...(options.host === undefined ? [] : [{ path: 'host', value: options.host, flag: '--host' }]),
      ...(options.port === undefined ? [] : [{ path: 'port', value: options.port, flag: '--port' }]),
    ]
    await runCommand(
      options,
      async (shell) => {
        tellFewOpenFiles(shell.output)
        const { createFactory } = await import('../factory.ts')
        const { openGateway } = await import('../gateway/server.ts')
        const { serveControl } = await import('./control.ts')
        const { logGateway, logModels } = await import('./log.ts')
        const { host, port, tenant, dataDir, logLevel, origins, ...options } = shell.configuration.options
        const { auth, limits, links, loading } = options
        using _log = logGateway(logLevel)
        // Opened in this order and closed in the opposite one: the door first, the stores last.
        await using factory = await createFactory(shell.configuration.options)
        using _models = factory.router && logModels(factory.router, logLevel)
        let settings = shell.configuration.options
        await using _control = await serveControl(factory, dataDir, () => settings)
        const handbook = readHandbook(shell, factory)
        await Promise.race([handbook, setTimeout(handbookPatienceMs, undefined, { ref: false })])
        await using gateway = await openGateway(factory, {
          host,
          port,
          tenant,
          auth,
          limits,
          links,
          loading,
          ...(origins === undefined ? {} : { origins }),
          house: shell.configuration.options,
          startup: handbook,
          command: commandName(),
          ...(factory.router ? { router: factory.router } : {}),
        })
        // Where there was no endpoint, nobody was chosen to write answers by one.
        const hadSome = namesEndpoints(options.models)
        reloadOnHangup(shell, {
          needsRestart: (option) => !hadSome || !endpointOptions.includes(option),
          apply: (models) => {
            factory.updateModels(models)
            const { endpoints, baseUrl, protocol, apiKey } = models
            settings = { ...settings, models: { ...settings.models, endpoints, baseUrl, protocol, apiKey } }
          },
        })
        shell.output.line(`Andon is at ${gateway.url}`)
        shell.output.result({ url: gateway.url, pid: process.pid, dataDir })
        if (!shell.output.json) shell.output.note(`Ask: ${commandName()} ask "What is a lock?"   Stop: Ctrl-C`)
        const lockedOut = await nobodyCanComeIn(factory, shell.configuration.options)
        if (lockedOut)
          shell.output.note(`Nobody can come in yet: make a key with "${commandName()} keys create --name me".`)
        await aborted(shell.signal)
        shell.output.note('Stopping: requests under way may finish. Press Ctrl-C again to stop now.')
        return exitCodes.ok
      },
      flags,
    )
  })
}

/** Whether everybody needs a key or a token, and there is neither. */
async function nobodyCanComeIn(factory: Factory, { host, auth }: Options): Promise<boolean> {
  const { isLoopback } = await import('../gateway/host-guard.ts')
  if ((isLoopback(host) && !auth.required) || auth.jwksUrl !== undefined) return false
  return !(await factory.hasKeys())
}

/**
 * On the first start the handbook is loaded before the door opens, so that the first question finds it. Not for long:
 * the rest of it is loaded behind the open door, which says meanwhile that it is starting.
 */
async function readHandbook({ output, signal }: Shell, factory: Factory): Promise<void> {
  const { handbookCollection } = await import('../library/handbook.ts')
  const isPage = ({ documentName }: { documentName?: string }): boolean =>
    documentName?.startsWith(`${handbookCollection}/`) === true
  const waiting = await factory.jobs({ state: 'waiting', limit: 1000 }, { signal })
  const running = await factory.jobs({ state: 'running', limit: 1000 }, { signal })
  const ids = [...waiting, ...running].filter(isPage).map(({ id }) => id)
  if (ids.length === 0) return
  if (!output.json) output.note(`Reading the handbook once, ${counted(ids.length, 'page')} …`)
  const patience = AbortSignal.any([signal, AbortSignal.timeout(startupMs)])
  try {
    for await (const _ of factory.watch(ids, { signal: patience }));
  } catch (reason) {
    if (!patience.aborted) throw reason
  }
}
