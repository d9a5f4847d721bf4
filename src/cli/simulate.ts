// andon simulate: model servers without a model, for trying out what stands before them.

import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { AndonError } from '../core/errors.ts'
import { exitCodes } from './exit-codes.ts'
import { tellFewOpenFiles } from './open-files.ts'
import { runCommand, several, withoutDocuments, type CommonOptions } from './shell.ts'

interface SimulateOptions extends CommonOptions {
  port: string
  host: string
  controlPort: string
  engines: string
  profile: string
  mode: string
  scheduling: string
  seed: string
  model?: string[]
  maxSeqs?: string
  kvBlocks?: string
  respond: string
  script?: string
  stall?: string
  calibrate?: string
  target?: string
}

/** The command `simulate`. */
export function simulateCommand(): Command {
  const command = new Command('simulate')
    .description('run simulated model servers with the interface of vLLM, until Ctrl-C or SIGTERM')
    .option('--port <number>', 'port of the first engine; the others count up (0: free ones)', '9000')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--control-port <number>', 'port at which engines are made to fail, on this machine only', '0')
    .option('--engines <number>', 'how many engines', '1')
    .option('--profile <name>', 'h100-8b, h100x8-70b, l40s-8b, quick, or a JSON file', 'h100-8b')
    .option('--mode <mode>', 'continuous, static or sequential batching', 'continuous')
    .option('--scheduling <policy>', 'fcfs or priority', 'fcfs')
    .option('--seed <number>', 'the same seed gives the same answers', '1')
    .option(
      '--model <name>',
      'a name the model goes by; * is any (may be repeated; default: as the profile says)',
      several,
    )
    .option('--max-seqs <number>', 'most requests in a step (default: as the profile says)')
    .option('--kv-blocks <number>', 'blocks of the KV cache (default: as the profile says)')
    .option(
      '--stall <share:ms>',
      'this share of the steps takes so many milliseconds more, as 0.001:400 (default: none)',
    )
    .option('--respond <how>', 'cite (answer from the context given), echo or words', 'cite')
    .option('--script <file>', 'JSON: a list of { match, text, reasoning, toolCalls }; the first that fits is said')
    .option(
      '--calibrate <result>',
      'fit a profile to a run of andon bench, print it and end; the rest is from --profile',
    )
    .option('--target <name>', 'with --calibrate: which of the targets of the run')
    .addHelpText(
      'after',
      `
Every number that comes of a simulated engine is simulated.

Examples:
  andon simulate --engines 4 --profile h100-8b --seed 1
  andon simulate --mode sequential --port 9100
  andon simulate --calibrate andon-bench-2026-11-21T10-00-00 > mine.json && andon simulate --profile mine.json
  curl -X POST http://127.0.0.1:CONTROL/control/0/slow -d '{"times": 8}'`,
    )
  return withoutDocuments(command).action(async (options: SimulateOptions) => {
    await runCommand(options, async ({ output, signal, path }) => {
      tellFewOpenFiles(output)
      const { modes, openSimulatedFleet, profileNames } = await import('../simulate/index.ts')
      const profile = profileNames.includes(options.profile) ? options.profile : path(options.profile)
      if (options.calibrate !== undefined) {
        const { calibrateFrom } = await import('./simulate-calibrate.ts')
        return calibrateFrom({ result: path(options.calibrate), target: options.target, profile, output })
      }
      const mode = oneOf('--mode', options.mode, modes)
      await using fleet = await openSimulatedFleet({
        host: options.host,
        port: whole('--port', options.port, 0, 65_535),
        controlPort: whole('--control-port', options.controlPort, 0, 65_535),
        engines: whole('--engines', options.engines, 1, 64),
        profile,
        mode,
        scheduling: oneOf('--scheduling', options.scheduling, ['fcfs', 'priority']),
        seed: whole('--seed', options.seed, 0, 2 ** 31 - 1),
        respond: oneOf('--respond', options.respond, ['cite', 'echo', 'words']),
        ...(options.model === undefined ? {} : { models: options.model }),
        ...(options.maxSeqs === undefined ? {} : { maxSeqs: whole('--max-seqs', options.maxSeqs, 1, 100_000) }),
        ...(options.kvBlocks === undefined ? {} : { kvBlocks: whole('--kv-blocks', options.kvBlocks, 1, 10_000_000) }),
        ...(options.stall === undefined ? {} : { stall: stallOf(options.stall) }),
        ...(options.script === undefined ? {} : { script: await readScript(path(options.script)) }),
      })
      output.line(`Simulated engines (${options.profile}, ${mode}):`)
      for (const { url } of fleet.engines) output.line(`  ${url}/v1`)
      output.line(`Control: ${fleet.controlUrl}/control`)
      output.result({
        simulated: true,
        engines: fleet.engines.map(({ url }) => url),
        control: `${fleet.controlUrl}/control`,
        pid: process.pid,
      })
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
      return exitCodes.ok
    })
  })
}

async function readScript(file: string): Promise<import('../simulate/index.ts').ScriptLine[]> {
  const { readScriptLines } = await import('../simulate/index.ts')
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new AndonError('invalid', `--script ${file} cannot be read.`, { cause })
  }
  return readScriptLines(text)
}

function stallOf(text: string): { share: number; ms: number } {
  const match = /^(\d*\.?\d+):(\d*\.?\d+)$/.exec(text)
  const [share, ms] = [Number(match?.[1]), Number(match?.[2])]
  if (match && share <= 1) return { share, ms }
  throw new AndonError('invalid', `--stall is ${text}: give a share from 0 to 1 and milliseconds, as 0.001:400.`)
}

function whole(flag: string, value: string, least: number, most: number): number {
  const number = Number(value)
  if (Number.isInteger(number) && number >= least && number <= most) return number
  throw new AndonError('invalid', `${flag} is ${value}: give a whole number from ${least} to ${most}.`)
}

function oneOf<Value extends string>(flag: string, value: string, values: readonly Value[]): Value {
  const known = values.find((each) => each === value)
  if (known !== undefined) return known
  throw new AndonError('invalid', `${flag} is ${value}: give one of ${values.join(', ')}.`)
}
