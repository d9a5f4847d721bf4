// andon/cache: functions that remember, in memory and in a level that processes share, and that are never run twice at
// the same time for the same thing.
//
//     import { cached, cachedStream, float32, redisLevel } from 'andon/cache'
//
//     await using l2 = redisLevel({ url: 'redis://127.0.0.1:6379' })
//     const embed = cached(embedText, { name: 'embed', version: 'e5-v2', ttl: '30d', l2, codec: float32(384) })
//     const answer = cachedStream(generate, { name: 'answer', l2, tags: (_, { document }) => [`doc:${document}`] })
//
//     const vector = await embed('Why is the sky blue?')
//     for await (const event of answer({ question, document: '7' }, { signal })) show(event)
//     await answer.invalidate({ tags: ['doc:7'] })

export { cached } from './cache.ts'
export { cachedBatch } from './cached-batch.ts'
export { cachedStream } from './cached-stream.ts'
export { bytes, float32, json } from './codecs.ts'
export { redisLevel } from './redis-level.ts'
export { folderLevel } from './folder-level.ts'
export { ring } from './ring.ts'
export { keyOf } from './key.ts'
export type { Cached, CacheControls } from './cached.ts'
export type { BatchOptions, CachedBatch } from './cached-batch.ts'
export type { CachedStream, CachedStreamOptions } from './cached-stream.ts'
export type { Codec } from './codecs.ts'
export type { Compression } from './compression.ts'
export type { MethodDecorator, MethodOptions } from './decorator.ts'
export type { Duration } from './duration.ts'
export type { FolderLevelOptions } from './folder-level.ts'
export type { Invalidated, Lead, Level, News, StreamMark, StreamPart } from './level.ts'
export type { CacheOptions } from './options.ts'
export type { RedisLevelOptions } from './redis-level.ts'
export type { RedisOptions } from '../redis/connection.ts'
export type { RingNode } from './ring.ts'
export type { CacheCounts } from './statistics.ts'
export type { Warmed, WarmOptions } from './warm.ts'
export { AndonError } from '../core/errors.ts'
