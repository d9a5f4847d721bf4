// A server that runs answers with its own settings: which of those that a command was given by its environment and flags
// it does not use, and how that is said.

import { isDeepStrictEqual } from 'node:util'
import type { Configuration } from '../configuration.ts'
import { redact, type Options } from '../options.ts'
import type { Station } from '../core/station.ts'

/** An option that the environment or a flag sets for a command and that the server behind it has otherwise. */
export interface UnusedOption {
  path: string
  origin: string
}

/** The options that say how a question is answered. */
export const answering = ['models', 'embedder', 'reranker', 'answers', 'sessions', 'cache', 'tools'] as const

/** The options that say how documents are taken in. */
export const takingIn = ['loading', 'embedder', 'quotas'] as const

/** Tells commands the settings of a server as they are now, without secrets. */
export function settingsStation(options: () => Options): Station<null, unknown> {
  return {
    name: 'settings',
    async *run() {
      yield redact(options())
    },
  }
}

/**
 * The options that the environment or a flag sets here, and a server with these settings has otherwise. Keys are not
 * compared, because they do not travel, and neither is what stands in a file: the server may have read another one.
 */
export function unusedOptions({ options, origins }: Configuration, settings: unknown): UnusedOption[] {
  const own = redact(options)
  return Object.entries(origins)
    .filter(([path, origin]) => isOfCommand(origin) && !path.endsWith('apiKey'))
    .filter(([path]) => !isDeepStrictEqual(plain(valueAt(own, path)), plain(valueAt(settings, path))))
    .map(([path, origin]) => ({ path, origin }))
}

/** Whether the environment or a flag says it, for this command alone. */
export function isOfCommand(origin: string): boolean {
  return origin.startsWith('the environment variable ') || origin.startsWith('--')
}

/** Says which of these groups' options are not used; undefined where all are. */
export function unusedSentence(
  unused: readonly UnusedOption[],
  groups: readonly string[],
  dataDir: string,
): string | undefined {
  const told = unused.filter(({ path }) => groups.includes(path.split('.')[0] ?? path))
  if (told.length === 0) return undefined
  const which = told
    .map(({ path, origin }) => `${path} (${origin.replace('the environment variable ', '')})`)
    .join(', ')
  const [is, it] = told.length === 1 ? ['is', 'it'] : ['are', 'them']
  return `${which} ${is} not used: the server that runs on ${dataDir} answers, with its own settings. Start it again with ${it}, or stop it and this command answers itself.`
}

function valueAt(value: unknown, path: string): unknown {
  let here = value
  for (const key of path.split('.'))
    here = typeof here === 'object' && here !== null ? Reflect.get(here, key) : undefined
  return here
}

/** As it is after its way through a socket. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value))
}
