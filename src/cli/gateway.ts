// andon gateway: the door for models alone, in one process or in several on one port that count their requests together.

import cluster, { type Worker } from 'node:cluster'
import { readFile } from 'node:fs/promises'
import { Command } from 'commander'
import { aborted } from '../core/aborted.ts'
import { AndonError } from '../core/errors.ts'
import type { FromWorker } from '../gateway/processes/messages.ts'
import { exitCodeOf, exitCodes } from './exit-codes.ts'
import { endpointsOfGateway, gatewayNeedsRestart } from './gateway-reload.ts'
import { runWorkers } from './gateway-workers.ts'
import { tellFewOpenFiles } from './open-files.ts'
import { reloadOnHangup } from './reload.ts'
import { runCommand, withoutDocuments, type CommonOptions, type OptionFlag, type Shell } from './shell.ts'
import { tellGateway } from './telling-gateway.ts'

interface GatewayOptions extends CommonOptions {
  host?: string
  port?: string
  workers: string
  replaceAfter: string
  keys?: string
}

/** The command `gateway`. */
export function gatewayCommand(): Command {
  const command = new Command('gateway')
    .description('pass requests for models on to the endpoints of the configuration, until Ctrl-C or SIGTERM')
    .option('--host <address>', 'address to listen on (default: the option host, 127.0.0.1)')
    .option('--port <number>', 'port to listen on, 0 for a free one (default: the option port, 8642)')
    .option('--workers <number>', 'processes that share the port, and are one gateway to whoever asks', '1')
    .option(
      '--replace-after <seconds>',
      'a process of several that has not answered for so long is killed and replaced; 0 for never',
      '10',
    )
    .option('--tenant <name>', 'whose budget pays for callers without a key (default: the option tenant)')
    .option('--keys <file>', 'JSON list of keys: { name, key or sha256, tenant, scopes }')
    .addHelpText(
      'after',
      `
The configuration names the endpoints: { "models": { "endpoints": [{ "name": "a", "url": "http://127.0.0.1:8000" }] } }.
Without keys only this machine is let in. Keys may also stand in ANDON_GATEWAY_KEYS, as name=secret with commas between.
Any OpenAI client uses it as its base URL, with /v1; GET /v1/router and /metrics tell how the endpoints are.
SIGHUP reads the configuration again: endpoints change without dropping a stream, and what needs a restart is named.

Examples:
  andon gateway --config models.json
  andon gateway --config models.json --host 0.0.0.0 --port 8700 --workers 4 --keys keys.json`,
    )
  return withoutDocuments(command).action(async (options: GatewayOptions) => {
    // A terminal tells all processes; the first reads the configuration again for all.
    if (cluster.isWorker) process.on('SIGHUP', () => {})
    const flags: OptionFlag[] = [
      ...(options.host === undefined ? [] : [{ path: 'host', value: options.host, flag: '--host' }]),
      ...(options.port === undefined ? [] : [{ path: 'port', value: options.port, flag: '--port' }]),
    ]
    await runCommand(
      options,
      async (shell) => {
        const workers = countOf(options.workers)
        const patienceMs = patienceOf(options.replaceAfter)
        const { models } = shell.configuration.options
        if (cluster.isPrimary) tellFewOpenFiles(shell.output)
        if (models.llama !== undefined && cluster.isPrimary)
          shell.output.note(
            'models.llama is left out: the model in a file answers behind andon serve, which passes requests on, too.',
          )
        if (workers > 1 && cluster.isPrimary) return await runWorkers(workers, patienceMs, shell)
        return await (cluster.worker ? runAsWorker(cluster.worker, options, shell) : runGateway(options, shell))
      },
      flags,
    )
    // The line to the first process would keep a worker from ending.
    cluster.worker?.disconnect()
  })
}

function countOf(text: string): number {
  const count = /^\d{1,3}$/.test(text) ? Number(text) : 0
  if (count > 0) return count
  throw new AndonError('invalid', `--workers is ${JSON.stringify(text)}: it must be a whole number from 1 to 999.`)
}

/** Milliseconds; Infinity for never. */
function patienceOf(text: string): number {
  const seconds = /^\d{1,5}(\.\d{1,3})?$/.test(text) ? Number(text) : NaN
  if (seconds === 0) return Infinity
  if (seconds >= 1) return seconds * 1000
  throw new AndonError(
    'invalid',
    `--replace-after is ${JSON.stringify(text)}: it must be seconds, from 1 to 99999, or 0 for never.`,
  )
}

/** As one of several: why nothing came of it is told to the first process, which says it once for all. */
async function runAsWorker(worker: Worker, options: GatewayOptions, shell: Shell): Promise<number> {
  try {
    return await runGateway(options, shell)
  } catch (reason) {
    const { code, sentence } = AndonError.from(reason)
    const failed: FromWorker = { say: 'failed', code, sentence }
    await new Promise((told) => worker.send(failed, told))
    return exitCodeOf(code)
  }
}

/** One gateway, in this process. */
async function runGateway(options: GatewayOptions, shell: Shell): Promise<number> {
  const { openConfiguredRouter } = await import('../configured-router.ts')
  const { openModelGateway } = await import('../gateway/models/server.ts')
  const { openArbiter } = await import('../concurrency/arbiter.ts')
  const { isLoopback } = await import('../gateway/host-guard.ts')
  const { openLine } = await import('../gateway/processes/line.ts')
  const { SharedSpending } = await import('../gateway/processes/spending.ts')
  const { logGateway, logModels } = await import('./log.ts')
  const { configuration, output, signal } = shell
  const { host, port, tenant, logLevel, origins, auth, limits, models } = configuration.options
  endpointsOfGateway(models)
  using _log = logGateway(logLevel)
  const keys = await readKeys(options, shell)
  const closed = keys.size === 0 && auth.jwksUrl === undefined && (auth.required || !isLoopback(host))
  if (closed && (cluster.worker?.id ?? 1) === 1)
    output.note('Nobody is let in: there is no key. Give keys with --keys FILE or in ANDON_GATEWAY_KEYS.')
  if (keys.size > 0 && isLoopback(host) && !auth.required && (cluster.worker?.id ?? 1) === 1)
    output.note(
      'Requests from this machine need no key: set auth.required (ANDON_AUTH_REQUIRED=true) to ask it of them, too.',
    )
  await using open = new AsyncDisposableStack()
  const group = models.routing.share ?? process.env['ANDON_GATEWAY_GROUP']
  const arbiter = group === undefined ? undefined : open.use(await openArbiter({ group }))
  const line = cluster.worker ? await openLine() : undefined
  const router = open.use(
    openConfiguredRouter(models, {
      ...(arbiter ? { permits: arbiter.open } : {}),
      ...(line ? { spending: new SharedSpending(line) } : {}),
    }),
  )
  open.use(logModels(router, logLevel))
  const gateway = open.use(
    await openModelGateway(router, {
      host,
      port,
      tenant,
      auth,
      limits,
      keys,
      ...(origins === undefined ? {} : { origins }),
      ...(line ? { line } : {}),
    }),
  )
  const { url } = gateway
  if (line) {
    line.reloads((endpoints) => router.update(endpoints))
    line.listening(url)
    await Promise.race([aborted(signal), line.stopped])
  } else {
    reloadOnHangup(shell, {
      needsRestart: gatewayNeedsRestart,
      apply: (changed) => router.update(endpointsOfGateway(changed)),
    })
    tellGateway(shell, url)
    output.result({ url, pid: process.pid })
    await aborted(signal)
    output.note('Stopping: requests under way may finish. Press Ctrl-C again to stop now.')
  }
  return exitCodes.ok
}

const keyList = 'a list, such as [{ "name": "a", "key": "…" }]'

async function readKeys(
  { keys: file }: GatewayOptions,
  { path }: Shell,
): Promise<import('../gateway/models/static-keys.ts').StaticKeys> {
  const { keysIn, openStaticKeys } = await import('../gateway/models/static-keys.ts')
  const named = keysIn(process.env['ANDON_GATEWAY_KEYS'] ?? '')
  if (file === undefined) return openStaticKeys(named, 'ANDON_GATEWAY_KEYS')
  const text = await readFile(path(file), 'utf8').catch((reason: unknown) => {
    const code = reason instanceof Error && 'code' in reason ? String(reason.code) : 'nothing more'
    const why = code === 'ENOENT' ? 'there is no such file' : `the system says ${code}`
    throw new AndonError('invalid', `The keys in ${file} cannot be read: ${why}. Give --keys a file with ${keyList}.`, {
      cause: reason,
    })
  })
  let listed: unknown
  try {
    listed = JSON.parse(text)
  } catch {
    // What the parser says quotes the text, in which there are keys.
    throw new AndonError('invalid', `The keys in ${file} are no JSON: write ${keyList}.`)
  }
  const all: unknown = Array.isArray(listed) ? [...named, ...(listed as unknown[])] : listed
  return openStaticKeys(all, named.length === 0 ? file : `${file} and ANDON_GATEWAY_KEYS`)
}
