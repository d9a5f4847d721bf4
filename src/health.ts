// What is configured, what is healthy, and what to set to get more: one look at everything, in plain words.

import type { Caching } from './caching.ts'
import { AndonError } from './core/errors.ts'
import type { CachesView } from './core/caches.ts'
import type { Health, HealthPart } from './core/factory.ts'
import type { Embedding } from './jobs/embedding.ts'
import type { Worker } from './jobs/worker.ts'
import type { ChatModel, Embedder, Reranker } from './models/model.ts'
import type { LoopMonitor } from './observe/event-loop.ts'
import type { RunningPlaces } from './places/places.ts'
import type { ConcurrentRouter } from './router/router.ts'
import type { Stores } from './stores/store.ts'
import { nodeName } from './options-cache.ts'
import { version } from './version.ts'

export interface HealthParts {
  stores: Stores
  models: { model?: ChatModel; embedder?: Embedder; reranker?: Reranker }
  /** Where the chat model's endpoints are; undefined when it has none. */
  router: Pick<ConcurrentRouter, 'demands'> | undefined
  /** The models that are asked after it. */
  fallback: readonly string[]
  caching: Caching
  /** The Redis that keeps conversations; undefined where the data directory does. */
  sessionsUrl: string | undefined
  loop: LoopMonitor
  /** Whether the loop has been late for seconds. */
  lateness: { readonly late: boolean }
  places: Pick<RunningPlaces, 'state'>
  worker: Worker
  embedding: Embedding | undefined
  toolHealth: () => Promise<HealthPart[]>
}

/** How long the store may take to say how much it holds, in milliseconds. */
const storeMs = 800

export async function readHealth(given: HealthParts): Promise<Health> {
  const { stores, models, caching, sessionsUrl, loop, lateness, places, worker, embedding, toolHealth } = given
  const delay = loop.read()
  const [store, tools, caches, conversations] = await Promise.all([
    readTotals(stores),
    toolHealth(),
    caching.view(),
    sessionsUrl === undefined ? [] : conversationsPart(stores, sessionsUrl),
  ])
  const parts: HealthPart[] = [
    store.part,
    {
      name: 'event loop',
      ok: !lateness.late,
      message: `It is ${delay.p99} ms late at the 99th percentile${lateness.late ? ', and has been late for seconds: something computes where it should wait' : ''}.`,
    },
    modelPart(models.model, given),
    embedderPart(models.embedder, embedding),
    {
      name: 'reranker',
      ok: true,
      message: models.reranker
        ? `${models.reranker.name} orders what was found.`
        : 'A built-in ranking by words orders what was found. Set reranker.kind and reranker.url for a model.',
    },
    cachePart(caches),
    ...conversations,
    ...tools,
  ]
  return {
    ready: store.part.ok && !lateness.late,
    version,
    parts,
    totals: { ...store.totals, running: worker.busy },
    models: {
      ...(models.model ? { chat: models.model.name } : {}),
      ...(models.embedder ? { embedder: models.embedder.id } : {}),
      ...(models.reranker ? { reranker: models.reranker.name } : {}),
    },
    eventLoopDelayMs: delay,
    pools: Object.entries(places.state()).map(([name, { size, running, waiting }]) => ({
      name,
      size,
      running,
      waiting,
    })),
  }
}

async function readTotals(stores: Stores): Promise<{ part: HealthPart; totals: Omit<Health['totals'], 'running'> }> {
  try {
    const { documents, passages, bytes, waiting } = await withinTime(stores.library.totals())
    const message = `${documents} documents, ${passages} passages${waiting > 0 ? `; still to be loaded: ${waiting}` : ''}.`
    return { part: { name: 'store', ok: true, message }, totals: { documents, passages, bytes, waiting } }
  } catch (reason) {
    const message = AndonError.from(reason).sentence
    return { part: { name: 'store', ok: false, message }, totals: { documents: 0, passages: 0, bytes: 0, waiting: 0 } }
  }
}

/** Asked for a conversation that cannot be: whether it answers. */
async function conversationsPart({ sessions }: Stores, url: string): Promise<HealthPart[]> {
  const where = `Redis at ${nodeName(url)}`
  try {
    await withinTime(sessions.list('', 1), where)
    return [{ name: 'conversations', ok: true, message: `They are kept in ${where}, for all processes that name it.` }]
  } catch (reason) {
    const { sentence } = AndonError.from(reason)
    const message = `${sentence.replace(/\.$/, '')}. Start it, or check sessions.redisUrl; questions without a conversation are answered meanwhile.`
    return [{ name: 'conversations', ok: false, message }]
  }
}

/** A store that hangs must not make everybody hang who asks how it is. */
async function withinTime<Value>(reading: Promise<Value>, who = 'The store'): Promise<Value> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => late.reject(new AndonError('unavailable', `${who} did not answer within ${storeMs} ms.`)),
    storeMs,
  )
  try {
    return await Promise.race([reading, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

/** One whose endpoints are all shut keeps nobody from an answer: another model writes it, or it quotes. */
function modelPart(model: ChatModel | undefined, { router, fallback }: HealthParts): HealthPart {
  const name = 'model'
  if (!model) {
    const advice = 'Set OPENAI_BASE_URL (and ANDON_MODEL) for written ones.'
    return { name, ok: true, message: `Answers are sentences of the documents. ${advice}` }
  }
  if (!router || answers(model.name, router)) return { name, ok: true, message: `${model.name} writes the answers.` }
  const other = fallback.slice(fallback.indexOf(model.name) + 1).find((each) => answers(each, router))
  const instead = other === undefined ? 'answers quote the documents' : `${other} writes the answers`
  return { name, ok: false, message: `No endpoint of ${model.name} answers: ${instead}.` }
}

/** Whether any endpoint of a model takes requests; of a name that none calls a model, whether any endpoint does. */
function answers(model: string, router: Pick<ConcurrentRouter, 'demands'>): boolean {
  const chats = router.demands().filter(({ ability }) => ability === 'chat')
  const own = chats.filter((view) => view.model === model)
  return (own.length > 0 ? own : chats).some(({ endpoints }) => endpoints.some(({ used }) => used))
}

function cachePart({
  where,
  shared,
  trouble,
  advice = shared ? '' : 'Set cache.redisUrl to share it with other processes.',
}: CachesView): HealthPart {
  return {
    name: 'cache',
    ok: trouble === undefined,
    message:
      trouble === undefined
        ? `What was made once is kept in ${shared ? 'Redis at ' : ''}${where}. ${advice}`.trim()
        : `${trouble}: what belongs there is not kept until it does. Start it, or check cache.redisUrl.`,
  }
}

function embedderPart(embedder: Embedder | undefined, embedding: Embedding | undefined): HealthPart {
  if (!embedder)
    return {
      name: 'embedder',
      ok: true,
      message: 'Search is by words. Set embedder.kind and embedder.url for search by meaning as well.',
    }
  const trouble = embedding?.trouble
  const refused = embedding?.refused ?? 0
  return {
    name: 'embedder',
    ok: trouble === undefined,
    message: trouble
      ? `${embedder.id} does not answer (${trouble.sentence}); documents are found by their words until it does.`
      : `${embedder.id} makes the vectors${refused > 0 ? `; it does not take ${refused} passages, which are found by their words` : ''}.`,
  }
}
