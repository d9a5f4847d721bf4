// The wiring: options in, a running factory out. The one file that knows every part; what it opens, it closes in the
// reverse order.

import { resolve } from 'node:path'
import { accept } from './library/add.ts'
import { answer, type AnswerParts } from './answer.ts'
import { openCall, type OwnedCall } from './core/call.ts'
import { announceTrouble } from './core/channels.ts'
import { AndonError } from './core/errors.ts'
import type { Caller, DocumentSource, Factory } from './core/factory.ts'
import type { Question } from './core/question.ts'
import { exportTenant, importTenant } from './library/export.ts'
import { findPassages } from './answering/find.ts'
import { loadHandbook } from './library/handbook.ts'
import { readHealth } from './health.ts'
import { Reindexing } from './jobs/reindexing.ts'
import { Succession } from './jobs/succession.ts'
import { view } from './jobs/view.ts'
import { JobNews } from './jobs/watch.ts'
import { Worker } from './jobs/worker.ts'
import { afterFailure, load, type LoadingParts } from './loading.ts'
import { configureModels } from './models/configure.ts'
import type { ChatModel, Embedder, Reranker } from './models/model.ts'
import { monitorLoop } from './observe/event-loop.ts'
import { parseOptions, type Options, type OptionsInput } from './options.ts'
import { openStations, poolsFor } from './placement.ts'
import { createPlaces } from './places/places.ts'
import { mustBe } from './requests.ts'
import { openEmbeddedStores } from './stores/embedded/open.ts'
import type { Job } from './stores/store.ts'
import { analyserName } from './text/analyse.ts'

/** Models of one's own, instead of those the options name. */
export interface Implementations {
  model?: ChatModel
  embedder?: Embedder
  reranker?: Reranker
}

const hour = 3_600_000

/**
 * Opens a factory: its data directory is locked until it is disposed.
 * Throws `invalid` for wrong options, naming the key, and `conflict` when another process has the data directory.
 */
export async function createFactory(input: OptionsInput = {}, own: Implementations = {}): Promise<Factory> {
  const options = parseOptions(input)
  await using stack = new AsyncDisposableStack()
  const closing = new AbortController()

  const places = stack.use(createPlaces(poolsFor(options)))
  const stores = stack.use(
    await openEmbeddedStores({ path: resolve(options.dataDir), places, writer: 'writer', readers: 'readers' }),
  )
  const configured = stack.use(await configureModels(options, { places, where: 'embedder' }))
  const models: Implementations = {
    ...(configured.chat ? { model: configured.chat } : {}),
    ...(configured.embedder ? { embedder: configured.embedder } : {}),
    ...(configured.reranker ? { reranker: configured.reranker } : {}),
    ...own,
  }

  const { parse, prepare, terms, ...stations } = await openStations(places, stores.indexRecipe)
  const { library, blobs, jobs, sessions } = stores
  const answering: AnswerParts = {
    sessions,
    library,
    index: stores.index,
    ...stations,
    ...models,
    get embedder() {
      return succession?.current
    },
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
  // What fails here is tried again in an hour.
  const sweep = setInterval(
    () => void purge().catch((reason: unknown) => announceTrouble('purging', reason)),
    hour,
  ).unref()
  stack.defer(() => clearInterval(sweep))
  stack.defer(() => closing.abort(new AndonError('cancelled', 'Andon is closing')))

  async function purge(before = Date.now() - options.removal.days * 24 * hour): Promise<void> {
    const { orphanedBlobs } = await library.purge(before)
    for (const hash of orphanedBlobs) await blobs.remove(hash)
  }

  const tenantOf = (caller: Caller | undefined) => {
    mustBe.caller(caller)
    return caller?.tenant ?? options.tenant
  }
  const callFor = (caller: Caller | undefined, budgetMs?: number): OwnedCall =>
    openCall({
      tenant: tenantOf(caller),
      shutdown: closing.signal,
      ...(caller?.signal ? { signal: caller.signal } : {}),
      ...(caller?.trace === undefined ? {} : { trace: caller.trace }),
      ...(budgetMs === undefined ? {} : { budgetMs }),
    })
  const known = <Value>(value: Value | undefined, what: string, id: string): Value => {
    if (value === undefined)
      throw new AndonError('not-found', `There is no ${what} ${id}: look for its id in the list of ${what}s`)
    return value
  }

  /** A job that something else than its worker or its owner ended: both hear of it. */
  const tellCancelled = (job: Job): void => {
    worker.interrupt(job.id)
    news.announce({ ...job, state: 'cancelled', endedAt: Date.now() })
  }
  const tellEnd = async (tenant: string, id: string): Promise<void> => {
    const job = await jobs.get(tenant, id)
    if (job) tellCancelled(job)
  }

  const factory: Omit<Factory, keyof AsyncDisposable> = {
    async *ask(asked, caller) {
      const question: Question = typeof asked === 'string' ? { text: asked } : asked
      mustBe.question(question)
      using call = callFor(caller, question.budgetMs ?? options.answers.budgetMs)
      yield* answer(question, call, answering)
    },
    async search(query, caller) {
      mustBe.search(query)
      using call = callFor(caller, options.answers.budgetMs)
      return await findPassages(query, call, answering)
    },
    async add(source, caller) {
      mustBe.source(source)
      using call = callFor(caller)
      const { maxBytes, attempts } = options.loading
      const { cancelledJobId, ...added } = await accept(
        source,
        call.tenant,
        { library, blobs, maxBytes, attempts },
        call.signal,
      )
      if (cancelledJobId !== undefined) await tellEnd(call.tenant, cancelledJobId)
      if (added.jobId !== undefined) worker.wake()
      return added
    },
    async *watch(ids, caller) {
      mustBe.ids(ids)
      const signal = caller?.signal ? AbortSignal.any([caller.signal, closing.signal]) : closing.signal
      for await (const job of news.watch(jobs, tenantOf(caller), ids, signal)) yield view(job)
    },
    async list(query, caller) {
      mustBe.documentQuery(query)
      return await library.list(tenantOf(caller), query)
    },
    collections: async (caller) => library.collections(tenantOf(caller)),
    async document(id, caller) {
      mustBe.id(id, 'document id')
      return known(await library.get(tenantOf(caller), id), 'document', id)
    },
    async text(id, span, caller) {
      mustBe.id(id, 'document id')
      mustBe.span(span)
      return known(await library.text(tenantOf(caller), id, span), 'document', id)
    },
    async remove(id, removal, caller) {
      mustBe.id(id, 'document id')
      const tenant = tenantOf(caller)
      // Looked at before, because removing for good forgets them.
      const underWay = (await jobs.list(tenant, { documentId: id })).filter(({ endedAt }) => endedAt === undefined)
      if (!(await library.remove(tenant, id, removal))) known(undefined, 'document', id)
      for (const job of underWay) tellCancelled(job)
      if (removal?.now) await purge(0)
    },
    async restore(id, caller) {
      mustBe.id(id, 'document id')
      const document = known(await library.restore(tenantOf(caller), id), 'removed document', id)
      worker.wake()
      return document
    },
    async jobs(query, caller) {
      mustBe.jobQuery(query)
      return (await jobs.list(tenantOf(caller), query)).map(view)
    },
    async explain(id, caller) {
      mustBe.id(id, 'job id')
      const { job, ...rest } = known(await jobs.explain(tenantOf(caller), id), 'job', id)
      return { job: view(job), ...rest }
    },
    async cancel(id, caller) {
      mustBe.id(id, 'job id')
      const job = known(await jobs.cancel(tenantOf(caller), id), 'job', id)
      worker.interrupt(id)
      news.announce(job)
      return view(job)
    },
    async retry(id, caller) {
      mustBe.id(id, 'job id')
      const job = known(await jobs.retry(tenantOf(caller), id), 'job', id)
      worker.wake()
      return view(job)
    },
    async backup(to) {
      mustBe.id(to, 'folder')
      return await stores.backup(resolve(to))
    },
    async export(to, caller) {
      mustBe.id(to, 'folder')
      using call = callFor(caller)
      return await exportTenant(resolve(to), call.tenant, stores, call.signal)
    },
    async import(from, caller) {
      mustBe.id(from, 'folder')
      const add = (source: DocumentSource) => factory.add(source, caller)
      return await importTenant(resolve(from), { stores, add, tenant: tenantOf(caller) })
    },
    health: () => readHealth({ stores, models, loop, worker, embedding: succession?.embedding }),
  }

  const [failure, ...others] = options.handbook ? await loadHandbook(factory) : []
  if (failure) process.emitWarning(`${others.length + 1} pages of the handbook were not taken in: ${failure.message}`)
  // What was to go while nobody ran.
  void purge().catch((reason: unknown) => announceTrouble('purging', reason))
  worker.wake()
  const owned = stack.move()
  return { ...factory, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** The embedder whose vectors are still there, while those of the configured one are made; a local one is not kept open twice. */
async function formerEmbedder(options: Options, generation: string): Promise<(Embedder & AsyncDisposable) | undefined> {
  const [, model = generation, dimensions] = /^(.+?)(?:@(\d+))?$/.exec(generation) ?? []
  if (!options.embedder || options.embedder.kind === 'local' || generation.includes('+')) return undefined
  const {
    chat: _,
    embedder,
    ...models
  } = await configureModels({
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
