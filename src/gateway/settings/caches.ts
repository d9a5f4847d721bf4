// What is made once and used again, and where it is kept.

import { redisAddresses } from '../../options-cache.ts'
import { hostOf, part, stateOf, type Setting, type SettingsParts } from './setting.ts'

/** What is kept of answers and vectors. */
export function caches({ health, house, admin }: SettingsParts): Setting[] {
  if (!house) return []
  const { answers, embeddings, semantic, redisUrl = '' } = house.cache
  const setting = { key: 'cache', group: 'answers', name: 'Used again' } as const
  if (!answers && !embeddings)
    return [
      {
        ...setting,
        state: 'off',
        what: 'Every answer and every vector is made anew.',
        more: 'Set cache.answers or cache.embeddings.',
      },
    ]
  const kinds = [answers ? 'answers' : undefined, embeddings ? 'vectors' : undefined].flatMap((kind) => kind ?? [])
  const hosts = redisAddresses(redisUrl).flatMap((url) => hostOf(url) ?? [])
  const where = hosts.length === 0 ? 'in the data directory' : `in Redis${admin ? ` at ${hosts.join(', ')}` : ''}`
  const state = stateOf(health, 'cache')
  const alike = answers && semantic ? ' A question may be answered with the answer to one that means the same.' : ''
  return [
    {
      ...setting,
      state,
      what:
        state === 'broken' && admin
          ? (part(health, 'cache')?.message ?? '')
          : `What was made once is used again: ${kinds.join(' and ')}, kept ${where}.${alike}`,
      ...(hosts.length === 0 ? { more: 'Set cache.redisUrl to share it with other processes.' } : {}),
      values: {
        answers,
        embeddings,
        semantic: answers && semantic,
        ...(hosts.length > 0 && admin ? { hosts } : {}),
        redis: hosts.length > 0,
      },
    },
  ]
}
