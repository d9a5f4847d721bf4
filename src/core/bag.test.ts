import assert from 'node:assert/strict'
import { it } from 'node:test'
import { seeded } from './random.ts'
import { Bag } from './bag.ts'

it('A bag holds what was put in and not yet taken out, in any order of coming and going', () => {
  const chance = seeded(7)
  const bag = new Bag<number>()
  const held = new Map<number, () => void>()
  for (let thing = 0; thing < 5_000; thing++) {
    held.set(thing, bag.add(thing))
    for (const [other, leave] of held)
      if (chance() < 0.05) {
        leave()
        held.delete(other)
        // Whoever has left may leave again.
        if (chance() < 0.2) leave()
      }
  }
  assert.equal(bag.size, held.size)
  assert.deepEqual(
    [...bag].toSorted((one, other) => one - other),
    [...held.keys()],
  )
})

it('What leaves or comes while a bag is walked through changes nothing of the walk', () => {
  const bag = new Bag<string>()
  const leave = ['a', 'b', 'c'].map((thing) => bag.add(thing))
  const seen: string[] = []
  for (const thing of bag) {
    seen.push(thing)
    for (const each of leave) each()
    bag.add('d')
  }
  assert.deepEqual(seen, ['a', 'b', 'c'])
  assert.equal(bag.size, 3)
})
