import { deepEqual, equal, notEqual, throws } from 'node:assert/strict'
import { test } from 'node:test'
import { different, refused, same } from './key.fixture.ts'
import { keyOf } from './key.ts'

for (const [what, a, b] of different) test(`other keys: ${what}`, () => notEqual(keyOf(a), keyOf(b)))

for (const [what, a, b] of same) test(`one key: ${what}`, () => equal(keyOf(a), keyOf(b)))

for (const [what, value] of refused)
  test(`refused: ${what}`, () => throws(() => keyOf([{ deep: value }]), { code: 'invalid' }))

test('keys of many arguments that look alike never collide', () => {
  const keys = new Set<string>()
  for (let a = 0; a < 40; a++)
    for (let b = 0; b < 40; b++) keys.add(keyOf(['x'.repeat(a), { [`k${b}`]: 'x'.repeat(b) }]))
  deepEqual(keys.size, 1_600)
})
