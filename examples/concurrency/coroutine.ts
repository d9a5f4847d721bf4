import { deepEqual, equal } from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'
import { TaskGroup } from 'andon/concurrency'

let running = 0
let most = 0
{
  await using group = new TaskGroup({ name: 'requests', atOnce: 8 })
  for (let request = 0; request < 100; request++)
    group.spawn(async (signal) => {
      most = Math.max(most, ++running)
      await wait(1, undefined, { signal })
      running--
    })
  await group.join()
}
console.log(`100 coroutines, at most ${most} at once, all on one thread`)
deepEqual([most, running], [8, 0])

let closed = false
async function* pages(): AsyncGenerator<number> {
  try {
    for (let page = 1; ; page++) yield page
  } finally {
    closed = true
  }
}

const read: number[] = []
for await (const page of pages()) if (read.push(page) === 3) break
console.log(`read pages ${read.join(', ')} and left: ${closed ? 'closed' : 'still open'}`)
equal(closed, true)
