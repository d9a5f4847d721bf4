import { equal, notEqual, rejects } from 'node:assert/strict'
import { openProcessPool } from 'andon/concurrency/pools'

export function pid(): number {
  return process.pid
}

export function crash(): void {
  process.kill(process.pid, 'SIGKILL')
}

if (import.meta.main) {
  await using pool = await openProcessPool<typeof import('./process.ts')>({ module: import.meta.url, size: 1 })
  const first = await pool.call('pid', [])
  notEqual(first, process.pid)
  console.log(`this is process ${process.pid}, the work is done in ${first}`)

  await rejects(pool.call('crash', []), { code: 'unavailable' })
  const second = await pool.call('pid', [])
  console.log(`${first} crashed, this one did not; ${second} has taken its place`)
  notEqual(second, first)
  equal(await pool.call('pid', []), second)
}
