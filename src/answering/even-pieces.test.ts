import assert from 'node:assert/strict'
import { it } from 'node:test'
import { seeded } from '../core/random.ts'
import { EvenPieces } from './even-pieces.ts'

const text = `The director, and 经理批准 abc出差3次def of 2,500 euros [1].\n\n${'x'.repeat(100)} 好 word 👍🏽 end`

it('pieces depend on the text alone, and are all of it', () => {
  const random = seeded(3)
  let first: string[] | undefined
  for (let round = 0; round < 200; round++) {
    const even = new EvenPieces()
    const letters = Array.from(text)
    const pieces: string[] = []
    while (letters.length > 0) pieces.push(...even.push(letters.splice(0, 1 + Math.floor(random() * 12)).join('')))
    pieces.push(even.end())
    assert.equal(pieces.join(''), text)
    assert.deepEqual(pieces, (first ??= pieces))
  }
  assert.ok(first?.every((each) => each.length <= 64))
  assert.deepEqual(new EvenPieces().push('one two 好的'), ['one ', 'two ', '好', '的'])
})
