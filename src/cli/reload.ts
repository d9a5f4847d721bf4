// SIGHUP: the configuration is read again; the endpoints of models change, and what else has changed is named.

import { isDeepStrictEqual } from 'node:util'
import { AndonError } from '../core/errors.ts'
import type { Options } from '../options.ts'
import { counted } from './output.ts'
import type { Shell } from './shell.ts'

/** The options that say which endpoints there are, and can change while a command runs. */
export const endpointOptions: readonly string[] = [
  'models.endpoints',
  'models.baseUrl',
  'models.protocol',
  'models.apiKey',
]

export interface Reloading {
  /** Whether a change of this option of the command (`models.budgets`, `limits`) takes a start. */
  needsRestart: (option: string) => boolean
  /**
   * Applies the options of models to what runs. What it throws is told: nothing has changed then. With a promise it is
   * told when that resolves, and nothing is when that is with false.
   */
  apply: (models: Options['models']) => void | Promise<boolean>
}

/**
 * Reads the configuration again whenever the process hears SIGHUP. One that is wrong is told, and nothing changes. Several
 * signals in a row are one. While the command stops it changes nothing, and still ends nobody: what is under way may
 * finish. Windows knows no such signal.
 */
export function reloadOnHangup(
  { output, reread, configuration, signal }: Pick<Shell, 'output' | 'reread' | 'configuration' | 'signal'>,
  { needsRestart, apply }: Reloading,
): void {
  let isReading = false
  let isWanted = false
  const tell = async (options: Options, applied: void | Promise<boolean>): Promise<void> => {
    if ((await applied) === false) return
    const changed = changedOptions(configuration.options, options).filter(needsRestart)
    const parts = [...(needsRestart('models.endpoints') ? [] : [live(options)]), ...restart(changed)]
    output.note(`Read again: ${parts.length === 0 ? 'nothing changed.' : parts.join(' ')}`)
  }
  const read = async (): Promise<void> => {
    isWanted = false
    try {
      const { options, file } = await reread()
      if (isWanted || signal.aborted) return
      if (configuration.file !== undefined && file === undefined)
        throw new AndonError('invalid', `There is no configuration file at ${configuration.file} any more.`)
      void tell(options, apply(options.models))
    } catch (reason) {
      if (!isWanted && !signal.aborted) output.note(`Nothing changed: ${AndonError.from(reason).sentence}`)
    }
  }
  const hear = async (): Promise<void> => {
    isWanted = true
    if (isReading) return
    isReading = true
    while (isWanted) await read()
    isReading = false
  }
  process.on('SIGHUP', () => void hear())
}

/** What holds from now on. */
function live({ models: { baseUrl, endpoints } }: Options): string {
  return `${counted(endpoints.length + (baseUrl === undefined ? 0 : 1), 'endpoint')} for models.`
}

function restart(changed: readonly string[]): string[] {
  const last = changed.at(-1)
  if (last === undefined) return []
  if (changed.length === 1) return [`${last} changed: that needs a restart.`]
  return [`${changed.slice(0, -1).join(', ')} and ${last} changed: they need a restart.`]
}

/** The options whose values differ, those of models one by one. */
function changedOptions(before: Options, after: Options): string[] {
  const old = new Map(sections(before))
  const now = new Map(sections(after))
  const names = new Set([...old.keys(), ...now.keys()])
  return [...names].filter((name) => !isDeepStrictEqual(old.get(name), now.get(name))).toSorted()
}

function sections({ models, ...others }: Options): [name: string, value: unknown][] {
  const ofModels = Object.entries(models).map(([name, value]): [string, unknown] => [`models.${name}`, value])
  return [...ofModels, ...Object.entries(others)]
}
