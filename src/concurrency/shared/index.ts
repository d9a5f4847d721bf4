// Lock, semaphore, event and channel among the threads of a process, under the names that they have within one.

export { Channel, type ChannelOptions } from './channel.ts'
export { Event } from './event.ts'
export { forgetWhenEnded, type Forgetful } from './forget.ts'
export { Lock } from './lock.ts'
export type { MutexHold } from './mutex.ts'
export { Semaphore } from './semaphore.ts'
