// Questions for definitions are told from others, and definitions from sentences that only speak of the same thing.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defines, topicOf } from './definition.ts'

test('a question for a definition has a topic', () => {
  assert.equal(topicOf('What is a thread?'), 'thread')
  assert.equal(topicOf('What are locks?'), 'locks')
  assert.equal(topicOf("What's back-pressure"), 'back-pressure')
  assert.equal(topicOf('What is a station in Andon?'), 'station')
  assert.equal(topicOf('What does IPC stand for?'), 'ipc')
  assert.equal(topicOf('Define deadlock'), 'deadlock')
  assert.equal(topicOf('什么是死锁？'), '死锁')
  assert.equal(topicOf('请问什么叫协程?'), '协程')
  assert.equal(topicOf('背压是什么意思？'), '背压')
})

test('other questions have none', () => {
  for (const question of ['How do I add a file?', 'When is a thread better?', '怎么避免死锁？', '谁发明了锁？', '']) {
    assert.equal(topicOf(question), undefined, question)
  }
})

test('a sentence defines what it begins with when it goes on to say what that is', () => {
  assert.equal(defines('thread', 'A thread is a line of execution.'), 1)
  assert.equal(defines('locks', 'A lock makes sure that only one goes on.'), 1)
  assert.equal(defines('deadlock', '- **Deadlock**: a circle of waiting.'), 1)
  assert.equal(defines('world health organization', 'The World Health Organization (WHO) was founded in 1948.'), 1)
  assert.equal(defines('死锁', '死锁（deadlock）是一圈互相等待。'), 1)
  assert.equal(defines('锁', '锁保证一件事同一时刻只有一个人在做。'), 1)
})

test('a sentence about a longer name, or with the topic elsewhere, does not define it', () => {
  assert.equal(defines('thread', 'A threaded program is fast.'), 0)
  assert.equal(defines('lock', 'Nobody needs a lock.'), 0)
  assert.equal(defines('事件循环', '事件循环延迟一直在测量。'), 0)
})

test('a sentence that begins with the topic, or names something by it, counts for less', () => {
  assert.equal(defines('thread', 'A thread can crash.'), 0.4)
  assert.equal(defines('ipc', 'This is called inter-process communication (IPC).'), 0.5)
})
