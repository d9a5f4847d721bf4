// How far a document is: its state in a word, and how full each of its four bars is.

import type { DocumentInfo } from '../../../../src/core/document.ts'
import type { JobView } from '../../../../src/core/factory.ts'
import type { LampState } from '../../parts/lamp.tsx'
import { t } from './words.ts'

export const stageNames = ['read', 'split', 'embed', 'index'] as const

export interface Bar {
  name: (typeof stageNames)[number]
  kind: 'open' | 'now' | 'done' | 'unused' | 'failed' | 'quarantined'
  /** Of the one under way: from 0 to 1. */
  part: number
}

export interface Progress {
  lamp: LampState
  word: string
  bars: Bar[]
  /** Of the work under way, where it is known. */
  percent?: number
}

/** Whether another document had the same text before it: ids sort by when they were made. */
export function isCopy({ id, sameAs }: DocumentInfo): boolean {
  return sameAs !== undefined && sameAs.id < id
}

/** Where the stages of a job stand among the bars. */
const places: Record<string, number> = { parsing: 0, indexing: 1, publishing: 3 }

/** The progress of a document; `embeds` says whether an embedder is configured. */
export function progressOf(document: DocumentInfo, job: JobView | undefined, embeds: boolean): Progress {
  const { status, passages, vectorsMissing } = document
  switch (status) {
    case 'removed':
      return { lamp: 'idle', word: t('is.removed'), bars: bars(4, embeds) }
    case 'failed':
      return { lamp: 'backed-up', word: t('is.failed'), bars: bars(0, embeds, 'failed') }
    case 'quarantined':
      return { lamp: 'stopped', word: t('is.quarantined'), bars: bars(0, embeds, 'quarantined') }
    case 'ready': {
      if (!embeds || vectorsMissing === 0)
        return isCopy(document)
          ? { lamp: 'idle', word: t('is.duplicate'), bars: bars(4, embeds) }
          : { lamp: 'working', word: t('is.ready'), bars: bars(4, embeds) }
      const part = passages === 0 ? 0 : 1 - vectorsMissing / passages
      const all = bars(4, embeds).map((bar) => (bar.name === 'embed' ? { ...bar, kind: 'now' as const, part } : bar))
      return { lamp: 'working', word: t('is.embedding'), bars: all, percent: Math.floor(part * 100) }
    }
    case 'waiting':
    case 'loading':
      return underWay(job, embeds)
  }
}

function underWay(job: JobView | undefined, embeds: boolean): Progress {
  const place = job?.state === 'running' ? places[job.stage] : undefined
  if (job === undefined || place === undefined) return { lamp: 'idle', word: t('is.waiting'), bars: bars(0, embeds) }
  const { done, total } = job.progress
  const part = total > 0 ? Math.min(1, done / total) : 0
  return {
    lamp: 'working',
    word: place === 0 ? t('is.reading') : place === 1 ? t('is.splitting') : t('is.indexing'),
    bars: bars(place, embeds, 'now', part),
    ...(total > 0 ? { percent: Math.floor(part * 100) } : {}),
  }
}

/** Those before the place are done, that one is as it is, and those behind it are open. */
function bars(place: number, embeds: boolean, here: Bar['kind'] = 'open', part = 0): Bar[] {
  return stageNames.map((name, at) => {
    if (name === 'embed' && !embeds) return { name, kind: 'unused', part: 0 }
    // Vectors come last: until the text is in the index there is nothing to embed.
    const done = at < place && !(name === 'embed' && place < 4)
    return { name, kind: done ? 'done' : at === place ? here : 'open', part: at === place ? part : 0 }
  })
}
