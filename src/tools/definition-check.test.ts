// What is said about a tool is read, or refused.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ToolDefinition } from './definition.ts'
import { ToolRegistry } from './registry.ts'

function register(said: object): void {
  const base = { name: 'drop', description: 'Drops a table', run: () => null, mode: 'inline' }
  new ToolRegistry({ mode: 'inline' }).register({ ...base, ...said } as ToolDefinition)
}

const wrong: [said: object, message: RegExp][] = [
  [
    { traits: ['destructive'] },
    /`traits` in the tool drop is \[ 'destructive' \]: write traits: \{ destructive: true \}/,
  ],
  [{ traits: { destructiv: true } }, /no `destructiv` in `traits` of the tool drop: there is destructive/],
  [{ traits: { destructive: 'yes' } }, /`destructive` in `traits` of the tool drop is yes: write destructive: true/],
  [{ limits: { timeout: 5 } }, /no `timeout` in `limits` of the tool drop: there is timeoutMs/],
  [{ limits: { exclusive: 'id' } }, /exclusive: \{ argument: 'id' \}/],
  [{ limits: { truncate: 5 } }, /truncate: \{ bytes/],
  [{ tags: 'shop' }, /tags: \['shop'\]/],
  [{ trust: 'none' }, /trust: 'trusted' or 'untrusted'/],
  [{ trait: { destructive: true } }, /no `trait` in the tool drop: there is traits/],
]

for (const [said, message] of wrong) {
  test(`refused with what to write: ${JSON.stringify(said)}`, () => {
    assert.throws(() => register(said), message)
  })
}

test('what is of its shape is taken, and so is what is undefined', () => {
  register({ traits: { destructive: true, network: undefined }, tags: ['shop'], trust: undefined })
  register({ limits: { timeoutMs: 5, truncate: { bytes: 10, keep: 'both' }, exclusive: { key: 'all' } } })
})
