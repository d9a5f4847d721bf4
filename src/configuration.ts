// Where options come from: flags over environment over configuration file over defaults, each value remembered with
// its origin, so that a wrong one can be named.

import { access, readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { AndonError } from './core/errors.ts'
import { describeOptions, type OptionDescription } from './option-descriptions.ts'
import type { Options } from './options.ts'
import { parseOptions } from './parse-options.ts'
import { nearest } from './text/nearest.ts'

/** The names that are looked for in the working directory, in this order. */
export const configurationNames = ['andon.config.ts', 'andon.config.json'] as const

/** The variables that have a name of their own, because other programs know them or people type them most. */
const ownVariables: Record<string, string> = {
  'models.baseUrl': 'OPENAI_BASE_URL',
  'models.apiKey': 'OPENAI_API_KEY',
  'models.model': 'ANDON_MODEL',
}

/** Variables that begin like options and are none: the launcher and the test run set them. */
const otherVariables = new Set([
  'ANDON_CALLED_FROM',
  'ANDON_FORBID_SKIPS',
  'ANDON_GATEWAY_GROUP',
  'ANDON_GATEWAY_KEYS',
  'ANDON_NO_INSTALL',
])

/** What Kubernetes and Docker links put into the environment of every pod beside a service named `andon`. */
const linkVariable =
  /^ANDON(_[A-Z0-9_]+)?_(SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)|PORT(_\d+_(TCP|UDP)(_(PROTO|PORT|ADDR))?)?)$/

export interface ConfigurationSources {
  /** Where the file is looked for and from where relative paths count. Default: the working directory. */
  directory?: string
  /** A file to read instead of looking for one; it must exist. */
  file?: string
  /** Default: `process.env`. */
  environment?: Record<string, string | undefined>
  /** Values from the command line, by the path of their option, with the flag they came from. */
  flags?: { path: string; value: unknown; flag: string }[]
}

export interface Configuration {
  /** Complete and checked; `dataDir` is absolute. */
  options: Options
  /** The file that was read, if any. */
  file?: string
  /** Where the value of each option that is not a default came from. */
  origins: Record<string, string>
}

/**
 * Reads all sources and checks them together. Throws an AndonError `invalid` that names each wrong key, its value,
 * where it came from and what to do; `not-found` for a `file` that is not there.
 */
export async function readConfiguration(sources: ConfigurationSources = {}): Promise<Configuration> {
  const directory = sources.directory ?? process.cwd()
  const environment = sources.environment ?? process.env
  const origins: Record<string, string> = {}
  const file = await findFile(directory, sources.file)
  const tree = file === undefined ? {} : await readTree(file)
  if (file !== undefined) for (const path of pathsOf(tree)) origins[path] = file

  const described = describeOptions()
  refuseUnknownVariables(environment, described)
  for (const option of described) {
    const variable = variableOf(option.path)
    const text = environment[variable]
    // An empty variable is what compose files and CI systems give for "not set".
    if (text === undefined || text === '' || isLink(variable, text)) continue
    put(tree, option.path, fromText(text, option))
    origins[option.path] = `the environment variable ${variable}`
  }
  for (const { path, value, flag } of sources.flags ?? []) {
    const option = described.find((each) => each.path === path)
    put(tree, path, typeof value === 'string' && option !== undefined ? fromText(value, option) : value)
    origins[path] = flag
  }

  const options = parseOptions(tree, (path) => originOf(path, origins, file))
  return {
    options: { ...options, dataDir: resolve(directory, options.dataDir) },
    ...(file === undefined ? {} : { file }),
    origins,
  }
}

/** The environment variable of an option: `loading.memoryMb` is `ANDON_LOADING_MEMORY_MB`. */
export function variableOf(path: string): string {
  return ownVariables[path] ?? regularVariableOf(path)
}

async function findFile(directory: string, asked: string | undefined): Promise<string | undefined> {
  if (asked !== undefined) {
    const file = resolve(directory, asked)
    if (!(await exists(file)))
      throw new AndonError('invalid', `There is no configuration file at ${file}. Create it, or leave --config out.`)
    return file
  }
  const found: string[] = []
  for (const name of configurationNames)
    if (await exists(resolve(directory, name))) found.push(resolve(directory, name))
  if (found.length > 1)
    throw new AndonError('invalid', `There are two configuration files, ${found.join(' and ')}. Keep one of them.`)
  return found[0]
}

async function readTree(file: string): Promise<Record<string, unknown>> {
  const form = file.endsWith('.json') ? '{ "port": 8642 }' : 'export default { port: 8642 }'
  let tree: unknown
  try {
    const value: unknown = file.endsWith('.json') ? parsed(await readFile(file, 'utf8')) : await defaultExport(file)
    // A copy, because values from stronger sources are written into it.
    tree = structuredClone(value)
  } catch (reason) {
    const why = AndonError.from(reason).sentence.replace(/\.$/, '')
    const advice = `Correct the file: it must hold one object of options, like ${form}.`
    throw new AndonError('invalid', `${file} cannot be read: ${why}. ${advice}`, { cause: reason })
  }
  if (!isTree(tree)) {
    throw new AndonError('invalid', `${file} must hold one object of options, like ${form}.`)
  }
  return tree
}

/** Says what is wrong without what the parser quotes: there may be a key in it. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (reason) {
    const { message } = reason as SyntaxError
    throw new AndonError('invalid', message.replace(/, (?:\.\.\.)?"[^]*$/, ' in JSON'))
  }
}

async function defaultExport(file: string): Promise<unknown> {
  // A file that has changed since it was read is read again.
  const { mtimeMs } = await stat(file)
  const module: unknown = await import(`${pathToFileURL(file).href}?${mtimeMs}`)
  return isModule(module) ? module.default : undefined
}

function isModule(value: unknown): value is { default: unknown } {
  return typeof value === 'object' && value !== null && 'default' in value
}

function refuseUnknownVariables(environment: Record<string, string | undefined>, described: OptionDescription[]): void {
  const known = described.map((option) => variableOf(option.path))
  const problems = Object.keys(environment)
    .filter((name) => name.startsWith('ANDON_') && !known.includes(name))
    .filter((name) => !otherVariables.has(name) && !linkVariable.test(name) && environment[name] !== '')
    .map((name) => {
      const own = Object.entries(ownVariables).find(([path]) => name === regularVariableOf(path))?.[1]
      const guess = own ?? nearest(name, known)
      return `The environment variable ${name} is no option of Andon. ${guess === undefined ? 'Unset it, or see docs/configuration.md for those there are.' : `Did you mean ${guess}?`}`
    })
  if (problems.length > 0) throw new AndonError('invalid', problems.join('\n'), { detail: { problems } })
}

function regularVariableOf(path: string): string {
  return `ANDON_${path.replaceAll('.', '_').replaceAll(/([a-z])([A-Z])/g, '$1_$2')}`.toUpperCase()
}

function isLink(variable: string, text: string): boolean {
  return linkVariable.test(variable) && /^(tcp|udp):\/\//.test(text)
}

/** What cannot be read as the option's type stays text, for the schema to refuse by name. */
function fromText(text: string, option: OptionDescription): unknown {
  if (option.type === 'number') return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : text
  if (option.type === 'boolean') {
    if (/^(true|1|yes|on)$/i.test(text)) return true
    if (/^(false|0|no|off)$/i.test(text)) return false
  }
  return text
}

function put(tree: Record<string, unknown>, path: string, value: unknown): void {
  const keys = path.split('.')
  const last = keys.pop()
  let here = tree
  for (const key of keys) {
    const next = here[key]
    const below: Record<string, unknown> = isTree(next) ? next : {}
    here[key] = below
    here = below
  }
  if (last !== undefined) here[last] = value
}

function pathsOf(tree: Record<string, unknown>, prefix = ''): string[] {
  return Object.entries(tree).flatMap(([key, value]) =>
    isTree(value) ? pathsOf(value, `${prefix}${key}.`) : [`${prefix}${key}`],
  )
}

function originOf(path: string, origins: Record<string, string>, file: string | undefined): string {
  const inside = Object.entries(origins).find(([known]) => known.startsWith(`${path}.`))
  return origins[path] ?? inside?.[1] ?? file ?? 'the options'
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
