// Lock and semaphore among the processes of a host, under the names that they have within one.

export { openArbiter, type Arbiter, type ArbiterOptions } from '../arbiter.ts'
export { Lock } from './lock.ts'
export { Semaphore, type HostOptions } from './semaphore.ts'
