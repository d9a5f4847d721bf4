// Where everything runs on this machine: the pools with their limits, and which station is opened in which.

import { availableParallelism } from 'node:os'
import type { ParsedPart, PreparedPassage } from './core/document.ts'
import { recipeBeside } from './core/recipe.ts'
import type { Limits, Places } from './core/station.ts'
import { LinkHosts } from './links/hosts.ts'
import { encoderPools } from './models/configure.ts'
import { llamaPool } from './models/llama/pool.ts'
import type { Options } from './options.ts'
import { listOf } from './options-tools.ts'
import type { ParseInput } from './stations/documents/parse/station.ts'
import type { PrepareInput } from './stations/documents/prepare.ts'
import type { ExtractInput, Extraction } from './stations/generate/extract.ts'
import type { RerankInput, RerankOutput } from './stations/rerank/rerank.ts'
import type { RankTextsInput } from './stations/rerank/texts.ts'
import type { SearchInput, SearchOutput } from './stations/search/search.ts'
import type { ToolsInput, ToolsOptions, ToolsOutput } from './stations/tools/contract.ts'
import type { CheckInput, Checked } from './stations/verify/check.ts'
import type { IndexRecipe } from './stores/embedded/open.ts'
import type { PassageTerms, PassageToAnalyse } from './stores/store.ts'

/** Milliseconds that threads of our own code may take to hear that a call is over. */
const patientMs = 15_000

/** The pools of one serving process. */
export function poolsFor(options: Options): Record<string, Limits> {
  return {
    // One thread writes: SQLite has one writer, and what arrives together is committed together.
    writer: { place: 'thread', size: 1, concurrency: 1_024, queue: 100_000, graceMs: 60_000 },
    // Search, ranking and the choice of sentences compute: a few calls ahead for each thread.
    // Their work always ends: a thread is not killed, with its neighbours' calls, for a large one whose caller has left.
    readers: { place: 'thread', size: options.readers, concurrency: 4, graceMs: patientMs },
    // Splitting and analysing are for loading, in threads of their own: no question waits behind them.
    analysers: {
      place: 'thread',
      size: Math.max(1, availableParallelism() - 1),
      concurrency: 2,
      graceMs: patientMs,
    },
    // A file from outside can make any parser grow, spin or crash: one at a time per process, and mercy for none.
    parsers: {
      place: 'process',
      size: options.loading.parsers,
      concurrency: 1,
      memoryMb: options.loading.memoryMb,
      graceMs: 1_000,
      // From when a parser takes it: waiting behind a slow neighbour is no fault of a document.
      callMs: options.loading.timeoutMs,
      recycleAfter: 500,
      nice: 10,
    },
    // A registry in a process of its own waits for its calls, and computes little.
    ...(options.tools.place === 'process'
      ? {
          tools: { place: 'process', size: 1, concurrency: 4_096, graceMs: patientMs, environment: wholeEnvironment() },
        }
      : {}),
    // Native code that may crash.
    ...(options.models.llama ? { llama: llamaPool(options.models.llama) } : {}),
    ...(options.embedder?.kind === 'llama' && options.embedder.model
      ? { [encoderPools.embedder]: llamaPool({ path: options.embedder.model }) }
      : {}),
    ...(options.reranker?.kind === 'llama' && options.reranker.model
      ? { [encoderPools.reranker]: llamaPool({ path: options.reranker.model }) }
      : {}),
    embedder: { place: 'process', size: 1, concurrency: 1, nice: 5 },
  }
}

/** Opens the stations of the two walks. They end with their places. */
export async function openStations(places: Places, recipe: IndexRecipe) {
  const { module, export: name, options, shared } = recipe
  const index = { index: { module, export: name, options } }
  const here = import.meta
  const [search, rerank, rankTexts, extract, check, parse, prepare, terms] = await Promise.all([
    places.open(
      { ...recipeBeside<SearchInput, SearchOutput>(here, './stations/search/search', 'open', index), shared },
      'readers',
    ),
    places.open(recipeBeside<RerankInput, RerankOutput>(here, './stations/rerank/rerank', 'open'), 'readers'),
    places.open(recipeBeside<RankTextsInput, number[]>(here, './stations/rerank/texts', 'open'), 'readers'),
    places.open(recipeBeside<ExtractInput, Extraction>(here, './stations/generate/extract', 'open'), 'readers'),
    places.open(recipeBeside<CheckInput, Checked>(here, './stations/verify/check', 'open'), 'readers'),
    places.open(recipeBeside<ParseInput, ParsedPart>(here, './stations/documents/parse/station', 'open'), 'parsers'),
    places.open(
      recipeBeside<PrepareInput, PreparedPassage[]>(here, './stations/documents/prepare', 'open'),
      'analysers',
    ),
    places.open(
      recipeBeside<PassageToAnalyse[], PassageTerms[]>(here, './stations/documents/terms', 'open'),
      'analysers',
    ),
  ])
  return { search, rerank, rankTexts, extract, check, parse, prepare, terms }
}

/** The registry is Andon's own: it is told secrets by the names of variables, and gives tools what they may see. */
function wholeEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}

/** Opens the station of tools, here or in its process. Throws `invalid` for a list of hosts that is none. */
export async function openTools(places: Places, options: Options['tools']) {
  const { place, mode, workers, env, httpHosts, approvalMs } = options
  void new LinkHosts(httpHosts ?? '', undefined, 'tools.httpHosts')
  const made: ToolsOptions = {
    mode,
    ...(workers === undefined ? {} : { workers }),
    env: listOf(env),
    httpHosts: listOf(httpHosts),
    approvalMs,
  }
  const recipe = recipeBeside<ToolsInput, ToolsOutput>(import.meta, './stations/tools/open', 'open', made)
  return places.open(recipe, place === 'process' ? 'tools' : 'inline')
}
