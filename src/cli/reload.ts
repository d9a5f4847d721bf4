// SIGHUP: the configuration is read again, and what can change while it runs changes.

import { AndonError } from '../core/errors.ts'
import type { Options } from '../options.ts'
import { counted } from './output.ts'
import type { Shell } from './shell.ts'

/**
 * Applies the endpoints of models that the configuration has then, whenever the process hears SIGHUP. A configuration
 * that is wrong is told, and nothing changes. Dispose it to listen no more; Windows knows no such signal.
 */
export function reloadOnHangup(
  { output, reread }: Pick<Shell, 'output' | 'reread'>,
  apply: (models: Options['models']) => void,
): Disposable {
  const reload = async (): Promise<void> => {
    try {
      const { options } = await reread()
      apply(options.models)
      const { baseUrl, endpoints } = options.models
      output.note(`Read again: ${counted(endpoints.length + (baseUrl === undefined ? 0 : 1), 'endpoint')} for models.`)
    } catch (reason) {
      output.note(`Nothing changed: ${AndonError.from(reason).sentence}`)
    }
  }
  const heard = (): void => void reload()
  process.on('SIGHUP', heard)
  return { [Symbol.dispose]: () => process.off('SIGHUP', heard) }
}
