// andon doctor: what this Andon is, what it stands on, what is wrong, and what to set to get more.

import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Command } from 'commander'
import type { Health, HealthPart } from '../core/factory.ts'
import { AndonError } from '../core/errors.ts'
import { redact } from '../options.ts'
import { exitCodes } from './exit-codes.ts'
import { bytes, counted } from './output.ts'
import { runCommand, withCommonOptions, type CommonOptions, type Shell } from './shell.ts'

/** Less free disk than this is worth a warning: a large PDF and its vectors take some of it. */
const littleDisk = 1_000_000_000

/** A running job without a change for this long is called stuck, in milliseconds. */
const stuckMs = 10 * 60_000

/** A part that is as it should be may still have something to be looked at. */
interface Part extends HealthPart {
  noteworthy?: boolean
}

/** The command `doctor`. */
export function doctorCommand(): Command {
  const command = new Command('doctor')
    .description('look at everything and say what is wrong and what to set to get more')
    .addHelpText('after', '\nExample:\n  andon doctor --json')
  return withCommonOptions(command).action(async (options: CommonOptions) => {
    await runCommand(options, examine)
  })
}

async function examine(shell: Shell): Promise<number> {
  const { output, configuration } = shell
  const { options } = configuration
  const disk = await diskPart(options.dataDir)
  const factory = await shell.factory().catch((reason: unknown) => AndonError.from(reason))
  const server: HealthPart =
    factory instanceof AndonError
      ? { name: 'data directory', ok: false, message: factory.sentence }
      : factory.remote
        ? { name: 'data directory', ok: true, message: `${options.dataDir}, owned by a running server.` }
        : {
            name: 'data directory',
            ok: true,
            message: `${options.dataDir}, opened by this command: no server runs. Start one with "andon serve".`,
          }
  const unused = factory instanceof AndonError ? [] : factory.unused.map(({ path }) => path)
  const health = factory instanceof AndonError ? undefined : await factory.health(shell.caller)
  const jobs = factory instanceof AndonError ? undefined : await jobsPart(shell)
  const { reachModels } = await import('./reach.ts')
  const servers = await reachModels(options, shell.signal, unused)
  const parts: Part[] = [
    server,
    disk,
    ...(jobs ? [jobs] : []),
    ...(health?.parts ?? []).map((part) => advised(part, unused)),
    ...servers,
  ]
  const report = {
    ok: parts.every((part) => part.ok) && health?.ready === true,
    andon: health?.version,
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    configurationFile: configuration.file,
    parts,
    health,
    options: redact(options),
    origins: configuration.origins,
    unused,
  }
  output.result(report)
  output.line(`Andon ${health?.version ?? '(not running)'} on Node ${process.version}, ${report.platform}`)
  output.line(
    configuration.file === undefined
      ? 'No configuration file: defaults and the environment.'
      : `Configuration: ${configuration.file}`,
  )
  for (const [path, origin] of Object.entries(configuration.origins))
    output.line(`  ${path} is set by ${origin}${unused.includes(path) ? ', but not in the server that runs' : ''}`)
  output.line()
  for (const part of parts) output.line(`${verdictOf(part)}  ${part.name}: ${part.message}`)
  if (health) for (const line of numbersOf(health)) output.line(line)
  return report.ok ? exitCodes.ok : factory instanceof AndonError ? exitCodes.unreachable : exitCodes.failed
}

function verdictOf({ ok, noteworthy }: Part): string {
  if (!ok) return 'WRONG'
  return noteworthy === true ? 'note ' : 'ok   '
}

/** What the server advises to set, where it is set already, only not for the server. */
function advised(part: HealthPart, unused: readonly string[]): HealthPart {
  const set = part.name === 'model' && unused.includes('models.baseUrl')
  if (!set) return part
  const message = part.message.replace(
    /Set OPENAI_BASE_URL.*/,
    'Start the server with OPENAI_BASE_URL for written ones.',
  )
  return { ...part, message }
}

async function diskPart(dataDir: string): Promise<HealthPart> {
  // The directory may not be there yet: then the nearest one above it is on the same disk.
  for (let folder = dataDir; ; folder = dirname(folder)) {
    try {
      const { bavail, bsize } = await statfs(folder)
      const free = bavail * bsize
      const ok = free >= littleDisk
      const advice = ok
        ? ''
        : ' Make room, or move the data directory with --data or ANDON_DATA_DIR: a full disk refuses documents.'
      return { name: 'disk', ok, message: `${bytes(free)} free.${advice}` }
    } catch (reason) {
      if (dirname(folder) === folder) return { name: 'disk', ok: false, message: AndonError.from(reason).sentence }
    }
  }
}

/** Failed jobs are no fault of this Andon, which goes on without them; they are nothing to pass over either. */
async function jobsPart(shell: Shell): Promise<Part> {
  const factory = await shell.factory()
  const running = await factory.jobs({ state: 'running', limit: 1000 }, shell.caller)
  const dead = await factory.jobs({ state: 'dead', limit: 1000 }, shell.caller)
  const failed = await factory.jobs({ state: 'failed', limit: 1000 }, shell.caller)
  const stuck = running.filter((job) => Date.now() - (job.startedAt ?? job.createdAt) > stuckMs)
  const sentences = [
    stuck.length > 0
      ? `${counted(stuck.length, 'job')} running for over 10 minutes: see "andon jobs explain ${stuck[0]?.id}".`
      : '',
    dead.length + failed.length > 0
      ? `${counted(dead.length + failed.length, 'job')} failed: see "andon jobs list --state failed" and "--state dead", and "andon jobs retry ID".`
      : '',
  ].filter((sentence) => sentence !== '')
  return {
    name: 'jobs',
    ok: stuck.length === 0,
    noteworthy: dead.length + failed.length > 0,
    message: sentences.join(' ') || 'None is stuck, none failed.',
  }
}

function numbersOf(health: Health): string[] {
  const { documents, passages, bytes: size, waiting, running } = health.totals
  const { p50, p99, max } = health.eventLoopDelayMs
  return [
    '',
    `${counted(documents, 'document')}, ${counted(passages, 'passage')}, ${bytes(size)}; ${counted(waiting, 'job')} waiting, ${running} running`,
    `Model: ${health.models.chat ?? 'none'}; embedder: ${health.models.embedder ?? 'none'}; reranker: ${health.models.reranker ?? 'built in'}`,
    `Event loop delay: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, longest ${max.toFixed(1)} ms`,
  ]
}
