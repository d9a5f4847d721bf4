import { deepEqual, equal } from 'node:assert/strict'
import test from 'node:test'
import { localPermits } from './local-permits.ts'

test('all who open the same name share one count; the lowest limit holds; whoever wants is told in turn', () => {
  const open = localPermits()
  const told: string[] = []
  const a = open('x', 3, () => told.push('a'))
  const b = open('x', 2, () => told.push('b'))
  const other = open('y', 1, () => {})
  deepEqual([a.take(), b.take(), a.take(), b.take(), other.take()], [true, true, false, false, true])
  deepEqual([a.held, a.heldByAll, a.limit, b.limit], [1, 2, 2, 2])
  a.want(1)
  b.want(1)
  a.give()
  equal(told.length, 2)
  a.want(0)
  b.give()
  equal(told.at(-1), 'b')
  b.setLimit(3)
  equal(a.limit, 3)
})

test('what is held when it is disposed is free for the others, once', () => {
  const open = localPermits()
  let told = 0
  const a = open('x', 1, () => {})
  const b = open('x', 1, () => told++)
  equal(a.take(), true)
  b.want(1)
  a[Symbol.dispose]()
  a[Symbol.dispose]()
  a.give()
  equal(told, 1)
  equal(b.heldByAll, 0)
  equal(b.take(), true)
})

test('a rest is heard by the others and by who comes in that time, until another thing has the name', () => {
  const open = localPermits()
  const heard: string[] = []
  const a = open('x', 1, () => {}, () => heard.push('a')) // prettier-ignore
  open('x', 1, () => {}, (ms) => heard.push(`b ${ms}`)) // prettier-ignore
  open('y', 1, () => {}, () => heard.push('y')) // prettier-ignore
  a.rest(60_000)
  deepEqual(heard, ['b 60000'])
  open('x', 1, () => {}, () => heard.push('late')) // prettier-ignore
  deepEqual(heard, ['b 60000', 'late'])
  a.rest(0)
  open('x', 1, () => {}, () => heard.push('later')) // prettier-ignore
  deepEqual(heard, ['b 60000', 'late'])
})
