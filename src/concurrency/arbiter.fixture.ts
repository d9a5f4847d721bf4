// A process that takes permits and keeps them until it is killed.

import { openArbiter } from './arbiter.ts'

const { folder, group, count } = JSON.parse(process.argv[2] ?? '') as { folder: string; group: string; count: number }
const arbiter = await openArbiter({ folder, group })
const permits = arbiter.open('model', 4, () => {
  while (permits.held < count && permits.take());
  if (permits.held === count) process.send?.('holding')
})
permits.want(count)
setInterval(() => {}, 1_000)
