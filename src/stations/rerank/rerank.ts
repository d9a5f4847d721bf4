// The station that orders what search found. It keeps passages taken apart, because taking them apart is most of the
// work; run it in a thread.

import type { Plain } from '../../core/plain.ts'
import type { Found } from '../../core/question.ts'
import { throwIfOver } from '../../core/call.ts'
import type { Call, Station } from '../../core/station.ts'
import type { Query } from '../search/query.ts'
import { PassageTermsCache } from './passage-terms.ts'
import { rank } from './rank.ts'
import type { RerankOutput } from './rank.ts'

export type { Ranked, RerankOutput } from './rank.ts'
export type { RankFeatures } from './features.ts'

export interface RerankInput {
  query: Query
  found: Found[]
}

export interface RerankOptions {
  readonly [key: string]: Plain | undefined
  /** Passages kept ready, about 8 kB each. Default 4,000. */
  keep?: number
}

/** Gives the station that orders by words. It needs no index. */
export function open(options?: RerankOptions | null): Rerank {
  return new Rerank(options?.keep ?? 4_000)
}

/** Orders passages by how well their words answer the question. Passages of all tenants share one cache, by id. */
export class Rerank implements Station<RerankInput, RerankOutput> {
  readonly name = 'rerank'
  readonly #terms: PassageTermsCache

  constructor(keep: number) {
    this.#terms = new PassageTermsCache(keep)
  }

  async *run({ query, found }: RerankInput, call: Call): AsyncGenerator<RerankOutput> {
    throwIfOver(call)
    yield rank(query, found, { termsOf: (passage) => this.#terms.of(passage) })
  }
}
