// The wiring: options in, a running factory out. The one file that knows every part; what it opens, it closes in the
// reverse order.

import { resolve } from 'node:path'
import { AnswersUnderWay } from './answering/under-way.ts'
import { askedOtherwise } from './answering/asked-otherwise.ts'
import { rememberAnswers } from './answering/remembered.ts'
import { openCaching } from './caching.ts'
import { announceTrouble } from './core/channels.ts'
import { AndonError } from './core/errors.ts'
import type { Factory } from './core/factory.ts'
import type { Places } from './core/station.ts'
import { answersDesk, type AnswersParts } from './desks/answers.ts'
import { openDesk } from './desks/desk.ts'
import { cachesDesk } from './desks/caches.ts'
import { documentsDesk } from './desks/documents.ts'
import { jobsDesk } from './desks/jobs.ts'
import { keepingDesk } from './desks/keeping.ts'
import { keysDesk } from './desks/keys.ts'
import { sessionsDesk } from './desks/sessions.ts'
import { AddedSources } from './desks/tool-sources.ts'
import { toolsDesk } from './desks/tools.ts'
import { hideHandbook, loadHandbook } from './library/handbook.ts'
import { readHealth } from './health.ts'
import { keepVectors } from './kept-vectors.ts'
import { Reindexing } from './jobs/reindexing.ts'
import { Succession } from './jobs/succession.ts'
import { JobNews } from './jobs/watch.ts'
import { Worker } from './jobs/worker.ts'
import { afterFailure, load, type LoadingParts } from './loading.ts'
import { configureModels, type ModelParts } from './models/configure.ts'
import type { ChatModel, Embedder, Reranker } from './models/model.ts'
import { monitorLoop } from './observe/event-loop.ts'
import { watchLateness } from './observe/lateness.ts'
import type { Options, OptionsInput } from './options.ts'
import { parseOptions } from './parse-options.ts'
import { openStations, openTools, poolsFor } from './placement.ts'
import { Recaps } from './sessions/recaps.ts'
import { inline } from './places/inline.ts'
import { createPlaces } from './places/places.ts'
import type { ConcurrentRouter } from './router/router.ts'
import { openRouting } from './routing.ts'
import { ownTools } from './stations/tools/own.ts'
import { openEmbeddedStores } from './stores/embedded/open.ts'
import { openRedisSessions } from './stores/redis/sessions.ts'
import type { Job } from './stores/store.ts'
import { analyserName } from './text/analyse.ts'

/** Models of one's own, instead of those the options name. */
export interface Implementations {
  model?: ChatModel
  embedder?: Embedder
  reranker?: Reranker
}

/** A factory of this process. */
export interface OpenFactory extends Factory {
  /** What its requests for models go through; undefined when the options name no endpoint. */
  readonly router: ConcurrentRouter | undefined
  /** Other endpoints from now on, without dropping a stream: see `Routing.update`. */
  updateModels(models: Options['models']): void
}

const hour = 3_600_000

/**
 * Opens a factory: its data directory is locked until it is disposed.
 * Throws `invalid` for wrong options, naming the key, and `conflict` when another process has the data directory.
 */
export async function createFactory(input: OptionsInput = {}, own: Implementations = {}): Promise<OpenFactory> {
  const options = parseOptions(input)
  await using stack = new AsyncDisposableStack()
  const closing = new AbortController()

  const places = stack.use(createPlaces(poolsFor(options)))
  const embedded = stack.use(
    await openEmbeddedStores({ path: resolve(options.dataDir), places, writer: 'writer', readers: 'readers' }),
  )
  const { redisUrl, ttlDays } = options.sessions
  const stores =
    redisUrl === undefined
      ? embedded
      : { ...embedded, sessions: stack.use(await openRedisSessions({ redis: redisUrl, ttlDays })) }
  const caching = stack.use(await openCaching(options))
  const routing = stack.use(await openRouting(options.models, places))
  const configured = stack.use(await configureModels(options, modelParts(options, places, routing.router)))
  const models: Implementations = {
    ...(routing.chat ? { model: routing.chat } : {}),
    ...(configured.embedder ? { embedder: configured.embedder } : {}),
    ...(configured.reranker ? { reranker: configured.reranker } : {}),
    ...own,
  }
  if (models.embedder && options.cache.embeddings) {
    const { level, shared } = caching
    const ttl = `${options.cache.embeddingDays}d` as const
    const { embedder, cache } = keepVectors(models.embedder, { level, shared, ttl })
    caching.add('embeddings', stack.use(cache))
    models.embedder = embedder
  }

  const { parse, prepare, terms, ...stations } = await openStations(places, stores.indexRecipe)
  const { library, blobs, jobs, sessions } = stores
  const desk = openDesk(options, closing.signal)
  const sources = await AddedSources.open(resolve(options.dataDir))
  const { toolbox, toolHealth, ...tools } = toolsDesk(desk, {
    tools: await openTools(places, options.tools),
    settings: stores.toolSettings,
    added: sources,
    ownTools: (limitOf) => inline(stack.use(ownTools(() => factory, limitOf, options.tools.approvalMs))),
  })
  // Nobody else can be making those that a process before this one began.
  await stores.answers.interruptAll()
  const recaps = stack.use(
    new Recaps({ sessions, library, ...(models.model ? { model: models.model } : {}), options: options.sessions }),
  )
  const remembered = stack.use(rememberAnswers(caching, options))
  const answering: AnswersParts = {
    underWay: stack.use(new AnswersUnderWay(stores.answers)),
    recaps,
    answers: stores.answers,
    ledger: stores.ledger,
    sessions,
    library,
    index: stores.index,
    ...stations,
    ...models,
    get embedder() {
      return succession?.current
    },
    toolbox,
    remembered:
      remembered && options.cache.semantic
        ? stack.use(askedOtherwise({ caching, remembered, embedder: () => succession?.current, options }))
        : remembered,
    options,
  }
  const loading: LoadingParts = {
    library,
    blobs,
    parse,
    prepare,
    attempts: options.loading.attempts,
  }
  const news = new JobNews()
  const { embedder } = models
  const succession = embedder
    ? stack.use(
        await Succession.begin({ library, generations: stores, embedder, reopen: (id) => formerEmbedder(options, id) }),
      )
    : undefined
  stack.use(
    new Reindexing({
      generations: stores,
      analyser: analyserName,
      terms,
      onError: (error) => announceTrouble('reindexing', error),
    }),
  )
  const worker = stack.use(
    new Worker({
      store: jobs,
      name: `${process.pid}-${crypto.randomUUID().slice(0, 8)}`,
      concurrency: options.loading.concurrency,
      handlers: {
        async load(lease, call, report) {
          await load(lease, call, report, loading)
          succession?.embedding.wake()
        },
      },
      disposition: (error, lease) => afterFailure(error, lease, options.loading.attempts),
      onChange: (job) => news.announce(job),
    }),
  )
  const loop = stack.use(monitorLoop())
  const lateness = stack.use(watchLateness())
  // What fails here is tried again in an hour.
  const sweep = setInterval(
    () => void forget().catch((reason: unknown) => announceTrouble('purging', reason)),
    hour,
  ).unref()
  stack.defer(() => clearInterval(sweep))
  stack.defer(() => closing.abort(new AndonError('cancelled', 'Andon is closing')))

  async function purge(before: number): Promise<void> {
    const { orphanedBlobs } = await library.purge(before)
    for (const hash of orphanedBlobs) await blobs.remove(hash)
  }

  /** Everything whose time is over. */
  async function forget(): Promise<void> {
    const now = Date.now()
    const removed = now - options.removal.days * 24 * hour
    await purge(removed)
    await sessions.purge(removed)
    await stores.answers.purge(now - options.records.days * 24 * hour)
    await stores.ledger.purge(now)
  }

  const tellCancelled = (job: Job): void => {
    worker.interrupt(job.id)
    news.announce({ ...job, state: 'cancelled', endedAt: Date.now() })
  }

  const wake = (job?: { tenant: string; id: string }): void => {
    worker.wake()
    if (job) void news.tell(jobs, job.tenant, job.id)
  }

  const documents = documentsDesk(desk, { stores, wake, tellCancelled, purge })
  const health = () =>
    readHealth({
      stores,
      models,
      router: models.model === routing.chat ? routing.router : undefined,
      fallback: routing.fallback,
      caching,
      sessionsUrl: redisUrl,
      loop,
      lateness,
      places,
      worker,
      embedding: succession?.embedding,
      toolHealth,
    })
  const factory: Omit<Factory, keyof AsyncDisposable> = {
    ...answersDesk(desk, answering),
    ...documents,
    ...jobsDesk(desk, { jobs, news, worker }),
    ...sessionsDesk(desk, { ...answering, answers: stores.answers, recaps }),
    ...keysDesk(desk, { keys: stores.keys }),
    ...cachesDesk(caching),
    ...tools,
    ...keepingDesk(desk, { stores, add: (source, caller) => documents.add(source, caller), health, sources }),
  }

  const [failure, ...others] = await (options.handbook ? loadHandbook(factory) : hideHandbook(factory))
  const was = options.handbook ? 'taken in' : 'taken out'
  if (failure) process.emitWarning(`${others.length + 1} pages of the handbook were not ${was}: ${failure.message}`)
  // What was to go while nobody ran.
  void forget().catch((reason: unknown) => announceTrouble('purging', reason))
  worker.wake()
  const owned = stack.move()
  return {
    ...factory,
    router: routing.router,
    updateModels: (changed) => routing.update(changed),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** What models need that are not servers. */
function modelParts(options: Options, places: Places, router: ConcurrentRouter | undefined): ModelParts {
  const { gpu, threads, from } = options.models.llama ?? {}
  return {
    place: { places, where: 'embedder' },
    places,
    engine: { ...(gpu ? { gpu } : {}), ...(threads ? { threads } : {}), ...(from ? { from } : {}) },
    router,
  }
}

/** The embedder whose vectors are still there, while those of the configured one are made; a local one is not kept open twice. */
async function formerEmbedder(options: Options, generation: string): Promise<(Embedder & AsyncDisposable) | undefined> {
  const [, model = generation, dimensions] = /^(.+?)(?:@(\d+))?$/.exec(generation) ?? []
  if (!options.embedder || !['openai', 'tei'].includes(options.embedder.kind) || generation.includes('+'))
    return undefined
  const { embedder, ...models } = await configureModels({
    embedder: { ...options.embedder, model, dimensions: dimensions === undefined ? undefined : Number(dimensions) },
  })
  return (
    embedder && {
      id: embedder.id,
      embed: embedder.embed.bind(embedder),
      [Symbol.asyncDispose]: () => models[Symbol.asyncDispose](),
    }
  )
}
