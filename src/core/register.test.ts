import assert from 'node:assert/strict'
import { it } from 'node:test'
import { seeded } from './random.ts'
import { Register } from './register.ts'

it('A register finds what a map would, in any order of coming and going', () => {
  const chance = seeded(7)
  const register = new Register<number, string>()
  const model = new Map<number, string>()
  for (let step = 0; step < 20_000; step++) {
    const key = Math.floor(chance() * 50)
    if (chance() < 0.5) {
      register.set(key, `thing ${step}`)
      model.set(key, `thing ${step}`)
    } else assert.equal(register.delete(key), model.delete(key))
    assert.equal(register.get(key), model.get(key))
    assert.equal(register.size, model.size)
  }
  assert.deepEqual(register.values(), [...model.values()])
  assert.deepEqual(register.keys(), [...model.keys()])
  register.clear()
  assert.deepEqual([register.size, register.has(1), register.values()], [0, false, []])
})
