import assert from 'node:assert/strict'
import { it } from 'node:test'
import { atDeadline } from './deadlines.ts'

it('Who is stopped by another of the same moment is not called', async () => {
  const { promise: passed, resolve: pass } = Promise.withResolvers<void>()
  const deadline = performance.now() + 20
  const stops: (() => void)[] = []
  let calls = 0
  for (let each = 0; each < 3; each++)
    stops.push(
      atDeadline(deadline, () => {
        calls++
        for (const stop of stops) stop()
        pass()
      }),
    )
  // The timers of deadlines keep no program alive.
  const alive = setInterval(() => {}, 1_000)
  await passed
  await new Promise(setImmediate)
  clearInterval(alive)
  assert.equal(calls, 1)
})
