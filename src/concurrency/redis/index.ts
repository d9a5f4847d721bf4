// Lock and semaphore among processes of several hosts, under the names that they have within one process.

export { RedisConnection, type RedisOptions } from '../../redis/connection.ts'
export type { RedisPrimitiveOptions } from './lease-line.ts'
export type { Lease } from './lease.ts'
export { Lock } from './lock.ts'
export { Semaphore } from './semaphore.ts'
