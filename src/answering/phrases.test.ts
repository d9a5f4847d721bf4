// What a person is told behind an answer is in the language of the question.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { phrasesFor } from './phrases.ts'

test('words from the cache say how old they are, in the largest unit that their age fills', () => {
  const [english, chinese] = [phrasesFor('How old?'), phrasesFor('多久以前？')]
  assert.deepEqual(
    [0, 1_500, 60_000, 7_300_000].map((ageMs) => english.fromCache(ageMs)),
    ['for another just now', '2 seconds ago', '1 minute ago', '2 hours ago'].map(
      (when) => `From the cache: written ${when} and checked anew`,
    ),
  )
  assert.deepEqual(
    [0, 1_500, 60_000, 7_300_000].map((ageMs) => chinese.fromCache(ageMs)),
    ['刚刚为他人生成', '2 秒前生成', '1 分钟前生成', '2 小时前生成'].map((when) => `来自缓存：${when}，已重新核对`),
  )
  assert.match(english.fromCache(1, 'Who?'), /, to a question that means the same: Who\?$/)
  assert.match(chinese.fromCache(1, '谁？'), /，原来的问题意思相同：谁？$/)
})

test('sentences that are not confirmed are one note, however many', () => {
  const [english, chinese] = [phrasesFor('Which?'), phrasesFor('哪些？')]
  assert.equal(english.unconfirmed(['One.']), 'The passages do not confirm: One.')
  assert.equal(english.unconfirmed(['One.', 'Two.']), 'The passages do not confirm 2 sentences:\n  One.\n  Two.')
  assert.equal(chinese.unconfirmed(['一。']), '段落不能证实：一。')
  assert.equal(chinese.unconfirmed(['一。', '二。']), '段落不能证实这 2 句：\n  一。\n  二。')
})
