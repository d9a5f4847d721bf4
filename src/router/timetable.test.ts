import { deepEqual, equal } from 'node:assert/strict'
import test from 'node:test'
import { seeded } from '../core/random.ts'
import { SimulatedClock } from './simulated-clock.ts'
import { moment, Timetable } from './timetable.ts'

test('moments come in order of time, moved and deleted ones as they stand then', async () => {
  const clock = new SimulatedClock()
  const timetable = new Timetable(clock)
  const random = seeded(3)
  const came: number[] = []
  const start = clock.now()
  const entries = Array.from({ length: 500 }, () => {
    const entry = moment((now) => came.push(now - start))
    timetable.set(entry, start + Math.floor(random() * 1_000))
    return entry
  })
  for (const entry of entries) {
    const lot = random()
    if (lot < 0.3) timetable.set(entry, start + Math.floor(random() * 1_000))
    else if (lot < 0.5) timetable.delete(entry)
  }
  const expected = entries
    .filter(({ index }) => index >= 0)
    .map(({ at }) => at - start)
    .sort((a, b) => a - b)
  equal(timetable.size, expected.length)
  await clock.run()
  deepEqual(came, expected)
  equal(timetable.size, 0)
})
