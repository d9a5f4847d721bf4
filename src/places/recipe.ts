// Makes a station from its recipe, in whichever place this runs.

import { AndonError } from '../core/errors.ts'
import type { Maker, Recipe, Station } from '../core/station.ts'
import type { Plain } from '../core/plain.ts'

/** Imports the recipe's module and calls its export. Fails with `invalid` when the recipe names nothing of the kind. */
export async function makeStation(recipe: Recipe<unknown, unknown>): Promise<Station<unknown, unknown>> {
  const exports = await importModule(recipe.module)
  const make = exports[recipe.export]
  if (typeof make !== 'function') {
    throw new AndonError(
      'invalid',
      `The module ${recipe.module} exports no function ${recipe.export}: a recipe names a module and one of its functions`,
    )
  }
  return (make as Maker<Plain, unknown, unknown>)(recipe.options, recipe.shared)
}

async function importModule(module: string): Promise<Record<string, unknown>> {
  try {
    return (await import(module)) as Record<string, unknown>
  } catch (reason) {
    const code = (reason as NodeJS.ErrnoException | undefined)?.code
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'ERR_UNSUPPORTED_ESM_URL_SCHEME') throw reason
    throw new AndonError('invalid', `The module ${module} of a recipe cannot be imported: ${String(reason)}`, {
      cause: reason,
    })
  }
}
