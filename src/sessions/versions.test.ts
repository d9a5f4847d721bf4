// Versions of an answer: the newest counts, where the first stood; a new one hears what came before the first.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Turn } from '../core/question.ts'
import { newestVersions, originalOf, turnsBefore } from './versions.ts'

function said(answerId: string, versionOf?: string): Turn[] {
  const mark = { at: 0, answerId, ...(versionOf === undefined ? {} : { versionOf }) }
  return [
    { role: 'user', text: `${answerId}?`, ...mark },
    { role: 'assistant', text: `${answerId}.`, ...mark },
  ]
}

const words = (turns: Turn[]): string => turns.map(({ text }) => text).join(' ')

test('a conversation without versions stays as it is, also where turns name no answer', () => {
  const turns: Turn[] = [{ role: 'user', text: 'old', at: 0 }, ...said('a'), ...said('b')]
  assert.deepEqual(newestVersions(turns), turns)
})

test('the newest version stands where the first one stood', () => {
  const turns = [...said('a'), ...said('b'), ...said('a2', 'a'), ...said('c'), ...said('a3', 'a')]
  assert.equal(words(newestVersions(turns)), 'a3? a3. b? b. c? c.')
})

test('a version of a version is a version of the first, and a circle of them ends', () => {
  const chain = [...said('a'), ...said('a2', 'a'), ...said('a3', 'a2'), ...said('b')]
  assert.equal(originalOf(chain, 'a3'), 'a')
  assert.equal(originalOf(chain, 'a'), 'a')
  assert.equal(originalOf(chain, 'nothing'), undefined)
  assert.equal(words(newestVersions(chain)), 'a3? a3. b? b.')
  const circle = [...said('x', 'y'), ...said('y', 'x')]
  assert.ok(newestVersions(circle).length >= 2)
  const itself = said('z', 'z')
  assert.deepEqual(newestVersions(itself), itself)
})

test('a version of what is not there any more stands for itself', () => {
  const turns = [...said('b'), ...said('a2', 'gone'), ...said('a3', 'gone')]
  assert.equal(words(newestVersions(turns)), 'b? b. a3? a3.')
})

test('before an answer stands what came before its first version, in the newest words', () => {
  const turns = [...said('a'), ...said('b'), ...said('a2', 'a'), ...said('b2', 'b'), ...said('c')]
  assert.equal(words(turnsBefore(turns, 'b')), 'a2? a2.')
  assert.equal(words(turnsBefore(turns, 'a')), '')
  assert.equal(words(turnsBefore(turns, 'c')), 'a2? a2. b2? b2.')
})
