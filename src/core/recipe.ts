// Recipes name their module by the extension of whoever asks, so that they hold in src/ (.ts) and in dist/ (.js).

import { extname } from 'node:path'
import type { Plain } from './plain.ts'
import type { Recipe } from './station.ts'

/** A recipe for the export `name` of the module `path` (without extension) beside the module that asks. */
export function recipeBeside<Input, Output>(
  asker: ImportMeta,
  path: string,
  name: string,
  options: Plain = null,
): Recipe<Input, Output> {
  return { module: new URL(path + extname(asker.filename), asker.url).href, export: name, options }
}
