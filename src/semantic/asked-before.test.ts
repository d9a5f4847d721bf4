import assert from 'node:assert/strict'
import { it } from 'node:test'
import { openCall } from '../core/call.ts'
import { AskedBefore } from './asked-before.ts'
import { likenessBy, type Sketch } from './likeness.ts'

const likeness = likenessBy()

async function sketch(question: string): Promise<Sketch> {
  using call = openCall({ tenant: 'a' })
  const [one] = await likeness.sketch([question], call)
  return one ?? assert.fail('no sketch')
}

it('what was asked is found in other words, by its tenant, in its scope and in its time', async () => {
  const asked = new AskedBefore<{ text: string }>({ likeness, ttlMs: 1_000 })
  const [first, other] = await Promise.all(
    ['How do I book a flight?', 'What are the steps to book a flight?'].map(sketch),
  )
  assert.ok(first && other)
  asked.keep('a', 's', first, { text: 'x' })
  assert.deepEqual(
    asked.candidates('a', 's', other).map(({ answer, likeness: alike }) => [answer.text, alike]),
    [['x', 1]],
  )
  assert.deepEqual(asked.candidates('b', 's', other), [])
  assert.deepEqual(asked.candidates('a', 'another', other), [])
  assert.deepEqual(asked.candidates('a', 's', first), [])
  asked.keep('a', 's', first, { text: 'x' }, Date.now() - 2_000)
  assert.deepEqual(asked.candidates('a', 's', other), [])
})

it('what was used least lately is forgotten first: questions, texts and tenants are bounded', async () => {
  const asked = new AskedBefore<{ text: string }>({ likeness, ttlMs: 60_000, questions: 2, tenants: 2 })
  const [first, second, third, other] = await Promise.all(
    ['How do I book a flight?', 'How do I sell a house?', 'How do I feed a cat?', 'How can I book a flight?'].map(
      sketch,
    ),
  )
  assert.ok(first && second && third && other)
  asked.keep('a', 's', first, { text: 'x' })
  asked.keep('a', 's', second, { text: 'x' })
  const [candidate] = asked.candidates('a', 's', other)
  assert.ok(candidate)
  asked.used('a', 's', candidate)
  asked.keep('a', 's', third, { text: 'x' })
  assert.equal(asked.size, 2)
  assert.equal(asked.candidates('a', 's', other).length, 1)
  asked.keep('a', 's', third, { text: 'x'.repeat(999_960) })
  assert.equal(asked.size, 1)
  for (const tenant of ['b', 'c']) asked.keep(tenant, 's', first, { text: 'x' })
  assert.equal(asked.size, 2)
  assert.deepEqual(asked.candidates('a', 's', await sketch('How can I feed a cat?')), [])
})
