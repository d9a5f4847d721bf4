import assert from 'node:assert/strict'
import { test } from 'node:test'
import { baseAddress, pathBelow } from './address.ts'

const chat = (value: string): string => {
  const base = baseAddress(value, 'OPENAI_BASE_URL', '/v1')
  return base.origin + pathBelow(base, '/chat/completions')
}

test('an address may come with or without /v1, slashes, scheme and copied path', () => {
  const wanted = 'http://127.0.0.1:8000/v1/chat/completions'
  for (const value of [
    'http://127.0.0.1:8000',
    'http://127.0.0.1:8000/',
    'http://127.0.0.1:8000/v1',
    ' http://127.0.0.1:8000/v1// ',
    '127.0.0.1:8000/v1',
    'http://127.0.0.1:8000/v1/chat/completions',
    'http://127.0.0.1:8000/v1/models',
  ])
    assert.equal(chat(value), wanted, value)
})

test('a path of its own and a query are kept', () => {
  assert.equal(chat('https://host/api/paas/v4'), 'https://host/api/paas/v4/chat/completions')
  assert.equal(chat('https://host/x?api-version=1'), 'https://host/x/chat/completions?api-version=1')
})

test('what is no address is refused by the name of its setting, without its password', () => {
  assert.throws(() => chat('ftp://host'), { code: 'invalid', sentence: /^OPENAI_BASE_URL is "ftp:\/\/host"/ })
  assert.throws(() => chat(''), { code: 'invalid' })
  assert.throws(
    () => chat('http://me:secret@ho st'),
    (error: Error) => !error.message.includes('secret'),
  )
  assert.throws(
    () => chat('http://me:secret@host'),
    (error: Error) => !error.message.includes('secret'),
  )
})
