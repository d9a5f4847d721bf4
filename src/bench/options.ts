// The options of a run as a user writes them, made into a plan, with a sentence for whatever is wrong.

import { randomBytes } from 'node:crypto'
import { AndonError } from '../core/errors.ts'
import { parsed } from '../models/failure.ts'
import { lengthsOf } from './lengths.ts'
import type { Objectives } from './measures.ts'
import { loadsOf, workersOf, type LoadFlags } from './load-options.ts'
import { decimal, invalid, seconds, whole } from './option-numbers.ts'
import type { BenchPlan } from './run-bench.ts'
import { TargetClient, type RequestStyle } from './target-client.ts'
import { mustBeHere, targetOf, type Target } from './target.ts'
import { readRequests, readTrace } from './workload-files.ts'
import type { Workload } from './workload.ts'

/** What `andon bench` takes; every value as text. */
export interface BenchFlags extends LoadFlags {
  target: string[]
  model?: string[]
  keyEnv?: string[]
  input: string
  output: string
  sharedPrefix: string
  prefixGroups: string
  prompts?: string
  rag?: boolean
  cancel?: string
  slo?: string[]
  rounds: string
  requests?: string
  duration?: string
  warmup: string
  timeout: string
  drain: string
  maxInFlight: string
  workers: string
  seed: string
  runId?: string
  stream: boolean
  ignoreEos?: boolean
  stopWhenSaturated?: boolean
  allowRemote?: boolean
}

const most = { targets: 8, requests: 1_000_000 }

/** The plan that the flags describe. `path` makes a user's path absolute. */
export async function planOf(flags: BenchFlags, path: (given: string) => string): Promise<BenchPlan> {
  const rag = flags.rag === true
  const style: RequestStyle = {
    stream: flags.stream || rag,
    ignoreEos: flags.ignoreEos === true,
    timeoutMs: seconds(flags.timeout, '--timeout', 86_400),
  }
  const targets = await targetsOf(flags, style, rag)
  // A time is a limit of its own.
  const usual = flags.duration === undefined ? '100' : String(most.requests)
  const requests = whole(flags.requests ?? usual, '--requests', 1, most.requests)
  const trace = flags.trace === undefined ? undefined : (await readTrace(path(flags.trace))).slice(0, requests)
  const loads = loadsOf(
    flags,
    trace?.map(({ atMs }) => atMs),
  )
  const cancel = flags.cancel === undefined ? {} : { cancel: cancelOf(flags.cancel) }
  const workload: Workload = {
    ...(await textsOf(flags, path, rag, trace)),
    ...cancel,
  }
  const { target: _targets, ...options } = flags
  return {
    targets,
    loads,
    sweep: flags.sweep !== undefined,
    rounds: whole(flags.rounds, '--rounds', 1, 1000),
    workload,
    style,
    seed: whole(flags.seed, '--seed', 0, 4_294_967_295),
    run: runOf(flags.runId),
    requests,
    ...(flags.duration === undefined ? {} : { durationMs: seconds(flags.duration, '--duration', 86_400) }),
    drainMs: seconds(flags.drain, '--drain', 3600),
    maxInFlight: whole(flags.maxInFlight, '--max-in-flight', 1, 20_000),
    warmup: whole(flags.warmup, '--warmup', 0, 1000),
    stopWhenSaturated: flags.stopWhenSaturated === true || flags.sweep !== undefined,
    workers: workersOf(flags.workers, loads),
    objectives: objectivesOf(flags.slo ?? []),
    options,
  }
}

async function targetsOf(flags: BenchFlags, style: RequestStyle, rag: boolean): Promise<Target[]> {
  const targets = flags.target.map((text) => targetOf(text, rag ? 'andon' : 'openai'))
  if (targets.length > most.targets)
    throw invalid('--target', `given ${targets.length} times`, `at most ${most.targets}`)
  const names = new Set(targets.map(({ name }) => name))
  if (names.size < targets.length) throw invalid('--target', 'the same name twice', 'each target a name of its own')
  const models = byTarget(flags.model ?? [], names)
  const keys = byTarget(flags.keyEnv ?? [], names)
  if (flags.allowRemote !== true) await Promise.all(targets.map(mustBeHere))
  return Promise.all(
    targets.map(async (target) => {
      const keyVariable = keys(target.name)
      if (keyVariable !== undefined && process.env[keyVariable] === undefined)
        throw new AndonError('invalid', `--key-env names ${keyVariable}, which the environment does not have.`)
      const known: Target = { ...target, ...(keyVariable === undefined ? {} : { keyVariable }) }
      if (rag) return known
      return { ...known, model: models(target.name) ?? (await firstModel(known, style)) }
    }),
  )
}

/** Values given as `value` for all targets, or `target=value` for one. */
function byTarget(given: readonly string[], names: ReadonlySet<string>): (name: string) => string | undefined {
  const own = new Map<string, string>()
  let all: string | undefined
  for (const text of given) {
    const at = text.indexOf('=')
    if (at > 0 && names.has(text.slice(0, at))) own.set(text.slice(0, at), text.slice(at + 1))
    else all = text
  }
  return (name) => own.get(name) ?? all
}

async function firstModel(target: Target, style: RequestStyle): Promise<string> {
  await using client = new TargetClient(target, style, 1)
  const answer = await client.look(`${new URL(target.url).pathname.replace(/\/+$/, '')}/models`)
  const list = parsed(answer ?? '')
  const data: unknown = typeof list === 'object' && list !== null ? Reflect.get(list, 'data') : undefined
  const first: unknown = Array.isArray(data) ? data[0] : undefined
  const id: unknown = typeof first === 'object' && first !== null ? Reflect.get(first, 'id') : undefined
  if (typeof id === 'string' && id !== '') return id
  throw new AndonError(
    'unavailable',
    `The target ${target.name} at ${target.url} ${answer === undefined ? 'does not say what models it has' : 'lists no model'}: start it, or give --model NAME.`,
  )
}

async function textsOf(
  flags: BenchFlags,
  path: (given: string) => string,
  rag: boolean,
  trace: { input: number; output: number }[] | undefined,
): Promise<Workload> {
  const output = lengthsOf(flags.output, '--output')
  if (flags.prompts !== undefined) return { kind: 'own', requests: await readRequests(path(flags.prompts)), output }
  if (rag)
    throw new AndonError('invalid', '--rag needs questions: give a file of them, one on each line, as --prompts.')
  if (trace) return { kind: 'trace', lengths: trace.map(({ input, output }) => ({ input, output })) }
  return {
    kind: 'synthetic',
    input: lengthsOf(flags.input, '--input'),
    output,
    sharedPrefix: decimal(flags.sharedPrefix, '--shared-prefix', 0, 1),
    prefixGroups: whole(flags.prefixGroups, '--prefix-groups', 1, 100_000),
  }
}

function cancelOf(text: string): { share: number; afterMs: number } {
  const [share = '', afterMs = ''] = text.split(':')
  return {
    share: decimal(share, '--cancel', 0, 1),
    afterMs: decimal(afterMs, '--cancel (after the colon)', 0, 3_600_000),
  }
}

/** The name of this run: another one each time, unless the user wants the prompts of an earlier run once more. */
function runOf(given: string | undefined): string {
  if (given === undefined) return randomBytes(4).toString('hex')
  if (/^[\w.-]{1,64}$/.test(given)) return given
  throw invalid('--run-id', given, 'up to 64 letters, digits, dots, dashes and underscores')
}

function objectivesOf(given: readonly string[]): Objectives {
  const objectives: Objectives = {}
  for (const text of given) {
    const [name, bound = ''] = text.split(':')
    if ((name !== 'ttft' && name !== 'tpot' && name !== 'e2e') || bound === '')
      throw invalid('--slo', text, 'ttft:MS, tpot:MS or e2e:MS')
    objectives[name] = decimal(bound, '--slo', 0.001, 86_400_000)
  }
  return objectives
}
