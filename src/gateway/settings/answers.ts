// How questions are answered: what writes, what checks, what finds.

import { hostOf, part, stateOf, type Setting, type SettingsParts } from './setting.ts'

/** What writes the answers and what checks them. */
export function answering({ health, house }: SettingsParts): Setting[] {
  const model = health.models.chat
  const host = hostOf(house?.models.baseUrl)
  return [
    model === undefined
      ? {
          key: 'model',
          group: 'answers',
          name: 'Model',
          state: 'off',
          what: 'Answers are sentences of the documents; no model writes them.',
          more: 'Set OPENAI_BASE_URL, and ANDON_MODEL where the server has several.',
        }
      : {
          key: 'model',
          group: 'answers',
          name: 'Model',
          state: stateOf(health, 'model'),
          what: `${model} writes the answers${host === undefined ? '' : `, at ${host}`}.`,
          values: { model, ...(host === undefined ? {} : { host }) },
        },
    secondModel(house?.models),
    {
      key: 'checking',
      group: 'answers',
      name: 'Checking',
      state: 'ok',
      what: 'Every sentence is checked against the passages it cites: words, numbers, dates and names.',
    },
  ]
}

/** Who else is asked when an endpoint or a model fails. */
function secondModel(models: NonNullable<SettingsParts['house']>['models'] | undefined): Setting {
  const { endpoints = [], discover = [], fallback = [] } = models ?? {}
  const count = endpoints.length + discover.length + (models?.baseUrl === undefined ? 0 : 1) + (models?.llama ? 1 : 0)
  const others = fallback.slice(1)
  const setting = { key: 'second-model', group: 'answers', name: 'Second model' } as const
  if (count < 2 && others.length === 0)
    return {
      ...setting,
      state: 'off',
      what: 'When the model fails, the answer is made of sentences of the documents; no second model is asked.',
      more: 'Name several servers in models.endpoints, and models to fall back to in models.fallback.',
    }
  return {
    ...setting,
    state: 'ok',
    what:
      others.length === 0
        ? `When one of ${count} endpoints fails before its first word, another is asked.`
        : `When an endpoint fails, another is asked; when a model cannot answer, then ${others.join(', then ')}.`,
    values: { endpoints: String(count), ...(others.length === 0 ? {} : { fallback: others.join(', ') }) },
  }
}

/** What finds the passages and what orders them. */
export function searching({ health, house }: SettingsParts): Setting[] {
  const { embedder, reranker } = health.models
  const embedderHost = hostOf(house?.embedder?.url)
  const rerankerHost = hostOf(house?.reranker?.url)
  return [
    embedder === undefined
      ? {
          key: 'embedder',
          group: 'search',
          name: 'Search by meaning',
          state: 'off',
          what: 'Search is by words.',
          more: 'Set embedder.kind and embedder.url for search by meaning as well.',
        }
      : {
          key: 'embedder',
          group: 'search',
          name: 'Search by meaning',
          state: stateOf(health, 'embedder'),
          what: part(health, 'embedder')?.message ?? `${embedder} makes the vectors.`,
          values: { model: embedder, ...(embedderHost === undefined ? {} : { host: embedderHost }) },
        },
    reranker === undefined
      ? {
          key: 'reranker',
          group: 'search',
          name: 'Ranking',
          state: 'ok',
          what: 'A built-in ranking by words orders what was found.',
          more: 'Set reranker.kind and reranker.url for a model.',
        }
      : {
          key: 'reranker',
          group: 'search',
          name: 'Ranking',
          state: stateOf(health, 'reranker'),
          what: `${reranker} orders what was found.`,
          values: { model: reranker, ...(rerankerHost === undefined ? {} : { host: rerankerHost }) },
        },
  ]
}
