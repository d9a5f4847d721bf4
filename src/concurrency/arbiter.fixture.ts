// A process that takes permits, perhaps lets them rest, and keeps them until it is killed.

import { openArbiter } from './arbiter.ts'

interface Task {
  folder: string
  group: string
  count: number
  restMs?: number
}

const { folder, group, count, restMs } = JSON.parse(process.argv[2] ?? '') as Task
const arbiter = await openArbiter({ folder, group })
const permits = arbiter.open('model', 4, () => {
  while (permits.held < count && permits.take());
  if (permits.held < count) return
  if (restMs !== undefined) permits.rest(restMs)
  process.send?.('holding')
})
permits.want(count)
setInterval(() => {}, 1_000)
