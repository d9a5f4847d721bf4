// The tokens of an answer over its requests.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Usage } from '../../core/question.ts'
import { Spending } from './spending.ts'
import type { Step } from './step.ts'

const step = (usage?: Usage): Step => ({
  text: '',
  none: false,
  calls: [],
  reason: 'stop',
  ...(usage ? { usage } : {}),
})

test('what servers had in their caches adds up, and is not said where none said it', () => {
  const spending = new Spending(9)
  spending.add(step({ promptTokens: 5, completionTokens: 1, estimated: false }))
  assert.deepEqual(spending.usage, { promptTokens: 5, completionTokens: 1, estimated: false })
  for (const cachedTokens of [3, 4])
    spending.add(step({ promptTokens: 5, completionTokens: 1, cachedTokens, estimated: false }))
  assert.deepEqual(spending.usage, { promptTokens: 15, completionTokens: 3, cachedTokens: 7, estimated: false })
})
