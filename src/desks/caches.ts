// The desk for what was made once: what the caches counted, and clearing them.

import type { Caching } from '../caching.ts'
import { cacheNames, type Caches } from '../core/caches.ts'
import { AndonError } from '../core/errors.ts'
import { mustBe } from '../requests.ts'

/** See {@link Caches}. */
export function cachesDesk(caching: Pick<Caching, 'where' | 'view' | 'clear'>): Caches {
  return {
    async caches(query = {}) {
      mustBe.cacheQuery(query)
      return await caching.view(query)
    },
    async clearCaches(which) {
      mustBe.cacheName(which)
      const cleared = which === 'all' ? [...cacheNames] : [which]
      // Each is tried, whatever becomes of the others.
      const results = await Promise.allSettled(cleared.map((name) => caching.clear(name)))
      for (const result of results)
        if (result.status === 'rejected') {
          const { code, sentence } = AndonError.from(result.reason, 'unavailable')
          throw new AndonError(
            code,
            `${sentence}: what lies there is not cleared, and other processes may still give it. Clear again when it answers.`,
            { cause: result.reason },
          )
        }
      return { cleared, where: caching.where }
    },
  }
}
