// The options of caches: where what was made once is kept, what of it is used again, and for how long.

import { z } from 'zod'

/** The addresses in `cache.redisUrl`. A comma within a password is no end of one. */
export function redisAddresses(urls: string): string[] {
  return urls
    .split(/,(?=\s*rediss?:\/\/)/)
    .map((url) => url.trim())
    .filter((url) => url !== '')
}

const redisUrl = z
  .string()
  .refine((urls) => redisAddresses(urls).every(isAddress), {
    error: 'it must be redis:// or rediss:// addresses, with commas between',
    abort: true,
  })
  .refine(
    (urls) => {
      const nodes = redisAddresses(urls).map(nodeName)
      return nodes.length > 0 && new Set(nodes).size === nodes.length
    },
    { error: 'it must be one address or several different ones' },
  )

export const cacheOptions = z.strictObject({
  redisUrl: redisUrl
    .optional()
    .describe(
      'A Redis that keeps what was made once, for all processes that name it; several, with commas between, share the keys. Not the one of sessions.redisUrl: this one may forget. Default: a folder in the data directory.',
    ),
  answers: z
    .boolean()
    .default(true)
    .describe(
      "Whether a model's answer is given again to the same question of the same tenant while the documents it was made from stand unchanged.",
    ),
  answerHours: z.number().positive().max(8_760).default(24).describe('Hours that such an answer is kept.'),
  embeddings: z
    .boolean()
    .default(true)
    .describe('Whether vectors are kept by model and text, so that the same text is not embedded again.'),
  embeddingDays: z.number().positive().max(3_650).default(30).describe('Days that such a vector is kept.'),
  maxMb: z
    .int()
    .min(1)
    .max(1_048_576)
    .default(512)
    .describe('Most MiB of the folder in the data directory; what was stored longest ago goes first.'),
  semantic: z
    .boolean()
    .default(false)
    .describe(
      'Whether a question may be answered with the answer to one that means the same in other words. Measure it on your own questions first: andon cache eval.',
    ),
  semanticThreshold: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe(
      'How alike two questions must be for that, 0 to 1. Default: 0.8 by words, 0.9 by the vectors of an embedder.',
    ),
})

type CacheOptions = z.output<typeof cacheOptions>

/** A copy for printing: addresses without user and password. */
export function redactCache(cache: CacheOptions): CacheOptions {
  if (cache.redisUrl === undefined) return cache
  const shown = redisAddresses(cache.redisUrl).map((url) => url.replace(/\/\/[^/]*@/, '//(set)@'))
  return { ...cache, redisUrl: shown.join(',') }
}

function isAddress(url: string): boolean {
  const { protocol = '', hostname = '' } = URL.parse(url) ?? {}
  return /^rediss?:$/.test(protocol) && /^[^,]+$/.test(hostname)
}

/** What a Redis is called among others: its host, port and database. Keep them, and it keeps its keys. */
export function nodeName(url: string): string {
  const { hostname, port, pathname } = new URL(url)
  return `${hostname}:${port || '6379'}/${pathname.replace(/^\//, '') || '0'}`
}
