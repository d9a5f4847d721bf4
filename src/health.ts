// What is configured, what is healthy, and what to set to get more: one look at everything, in plain words.

import type { Health, HealthPart } from './core/factory.ts'
import type { Embedding } from './jobs/embedding.ts'
import type { Worker } from './jobs/worker.ts'
import type { ChatModel, Embedder, Reranker } from './models/model.ts'
import type { LoopMonitor } from './observe/event-loop.ts'
import type { Stores } from './stores/store.ts'
import { version } from './version.ts'

export interface HealthParts {
  stores: Stores
  models: { model?: ChatModel; embedder?: Embedder; reranker?: Reranker }
  loop: LoopMonitor
  worker: Worker
  embedding: Embedding | undefined
}

/** Delay of the event loop beyond which no new work should come here. */
const lateMs = 500

export async function readHealth({ stores, models, loop, worker, embedding }: HealthParts): Promise<Health> {
  const delay = loop.read()
  const store = await readTotals(stores)
  const parts: HealthPart[] = [
    store.part,
    {
      name: 'event loop',
      ok: delay.p99 < lateMs,
      message: `It is ${delay.p99} ms late at the 99th percentile${delay.p99 < lateMs ? '' : ': something computes where it should wait'}.`,
    },
    modelPart(models.model),
    embedderPart(models.embedder, embedding),
    {
      name: 'reranker',
      ok: true,
      message: models.reranker
        ? `${models.reranker.name} orders what was found.`
        : 'A built-in ranking by words orders what was found. Set reranker.kind and reranker.url for a model.',
    },
  ]
  return {
    ready: store.part.ok && delay.p99 < lateMs,
    version,
    parts,
    totals: { ...store.totals, running: worker.busy },
    models: {
      ...(models.model ? { chat: models.model.name } : {}),
      ...(models.embedder ? { embedder: models.embedder.id } : {}),
      ...(models.reranker ? { reranker: models.reranker.name } : {}),
    },
    eventLoopDelayMs: delay,
  }
}

async function readTotals(stores: Stores): Promise<{ part: HealthPart; totals: Omit<Health['totals'], 'running'> }> {
  try {
    const { documents, passages, bytes, waiting } = await stores.library.totals()
    const message = `${documents} documents, ${passages} passages${waiting > 0 ? `; still to be loaded: ${waiting}` : ''}.`
    return { part: { name: 'store', ok: true, message }, totals: { documents, passages, bytes, waiting } }
  } catch (reason) {
    const message = reason instanceof Error ? reason.message : String(reason)
    return { part: { name: 'store', ok: false, message }, totals: { documents: 0, passages: 0, bytes: 0, waiting: 0 } }
  }
}

function modelPart(model: ChatModel | undefined): HealthPart {
  return {
    name: 'model',
    ok: true,
    message: model
      ? `${model.name} writes the answers.`
      : 'Answers are sentences of the documents. Set OPENAI_BASE_URL (and ANDON_MODEL) for written ones.',
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
