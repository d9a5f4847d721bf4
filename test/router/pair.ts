// A router over two servers, of which the first is asked first and behaves as told.

import { ConcurrentRouter } from '../../src/router/index.ts'
import type { ModelEndpoint, RouterOptions } from '../../src/router/index.ts'
import { ModelServer } from './model-server.ts'
import type { Manner } from './model-server.ts'

/** Two servers; the first is preferred. */
export async function pair(manner: Manner, options: RouterOptions = {}, first: Partial<ModelEndpoint> = {}) {
  const stack = new AsyncDisposableStack()
  const bad = stack.use(await ModelServer.start(manner))
  const good = stack.use(await ModelServer.start())
  const router = stack.use(
    new ConcurrentRouter({
      endpoints: [
        { name: 'bad', url: bad.url, model: 'm', firstTokenMs: 100, idleMs: 100, ...first },
        { name: 'good', url: good.url, model: 'm', priority: 1 },
      ],
      ...options,
    }),
  )
  return { bad, good, router, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}
