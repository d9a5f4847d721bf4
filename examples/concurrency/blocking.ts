import { equal, ok } from 'node:assert/strict'
import { pbkdf2Sync } from 'node:crypto'
import { openThreadPool } from 'andon/concurrency/pools'

/** How often the event loop went round while the work was done. */
async function turnsDuring(work: () => unknown): Promise<number> {
  let turns = 0
  const counting = setInterval(() => turns++, 1)
  await work()
  clearInterval(counting)
  return turns
}

const slow = ['a password', 'salt', 300_000, 32, 'sha256'] as const

const blocked = await turnsDuring(() => pbkdf2Sync(...slow))
console.log(`computed on the loop: others had ${blocked} turns meanwhile`)
equal(blocked, 0)

await using pool = await openThreadPool<typeof import('node:crypto')>({ module: 'node:crypto', size: 1 })
const free = await turnsDuring(() => pool.call('pbkdf2Sync', [...slow]))
console.log(`computed in a thread: others had ${free} turns`)
ok(free > 0)
