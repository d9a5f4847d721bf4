import assert from 'node:assert/strict'
import { test } from 'node:test'
import { letGo } from './let-go.ts'

test('who is let go may stop, cannot be stopped, or fails at it: nobody hears', async () => {
  let stopped = false
  const generator = (async function* () {
    try {
      yield 1
    } finally {
      stopped = true
    }
  })()
  await generator.next()
  const next = generator.next.bind(generator)
  const rejects = (): Promise<never> => Promise.reject(new Error('It cannot stop'))
  const throws = (): never => {
    throw new Error('It cannot stop')
  }
  for (const iterator of [generator, { next }, { next, return: rejects }, { next, return: throws }])
    assert.equal(await letGo(iterator), undefined)
  assert.ok(stopped)
})
