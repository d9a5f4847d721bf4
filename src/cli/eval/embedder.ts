// The embedder of a configuration, opened alone: for measuring with it where no factory runs.

import type { Embedder } from '../../models/model.ts'
import type { Options } from '../../options.ts'

/** Opens it and what it stands on, which close with the stack; undefined when none is configured. */
export async function openEmbedder(options: Options, stack: AsyncDisposableStack): Promise<Embedder | undefined> {
  if (!options.embedder) return undefined
  const [{ createPlaces }, { poolsFor }, { openRouting }, { configureModels }] = await Promise.all([
    import('../../places/places.ts'),
    import('../../placement.ts'),
    import('../../routing.ts'),
    import('../../models/configure.ts'),
  ])
  const places = stack.use(createPlaces(poolsFor(options)))
  const { router } = stack.use(await openRouting(options.models, places))
  const { gpu, threads, from } = options.models.llama ?? {}
  const engine = { ...(gpu ? { gpu } : {}), ...(threads ? { threads } : {}), ...(from ? { from } : {}) }
  const place = { places, where: 'embedder' }
  const models = stack.use(await configureModels({ embedder: options.embedder }, { place, places, engine, router }))
  return models.embedder
}
