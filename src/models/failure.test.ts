import assert from 'node:assert/strict'
import { test } from 'node:test'
import { problemIn, retryAfter, statusFailure } from './failure.ts'

test('the problem is found in every dialect', () => {
  const dialects: [unknown, string][] = [
    [{ error: { message: 'a', type: 't', code: 500 } }, 'a'],
    [{ error: 'b' }, 'b'],
    [{ error: 'b2', error_type: 'overloaded' }, 'b2'],
    [{ object: 'error', message: 'c', code: 40303 }, 'c'],
    [{ type: 'error', error: { type: 'overloaded_error', message: 'd' } }, 'd'],
    [{ detail: 'e' }, 'e'],
    [{ detail: [{ loc: ['body', 'model'], msg: 'Field required' }] }, 'body.model: Field required'],
    [{ errors: [{ message: 'f' }] }, 'f'],
    [[{ error: { message: 'g' } }], 'g'],
    [{ base_resp: { status_code: 1004, status_msg: 'h' } }, 'h'],
    [{ code: 'InvalidParameter', message: 'i', request_id: '1' }, 'i'],
  ]
  for (const [body, message] of dialects) assert.equal(problemIn(body)?.message, message, JSON.stringify(body))
})

test('an answer is no problem', () => {
  assert.equal(problemIn({ choices: [], message: 'x', code: 1 }), undefined)
  assert.equal(problemIn({ choices: [], error: null }), undefined)
  assert.equal(problemIn({ base_resp: { status_code: 0, status_msg: 'success' }, choices: [] }), undefined)
  assert.equal(problemIn('text'), undefined)
})

test('Retry-After is seconds or a date, and at most a day is believed', () => {
  assert.equal(retryAfter('2'), 2_000)
  assert.equal(retryAfter('0.5'), 500)
  assert.equal(retryAfter('7200'), 7_200_000)
  assert.equal(retryAfter('999999'), 86_400_000)
  assert.equal(retryAfter(new Date(Date.now() - 5_000).toUTCString()), 0)
  assert.equal(retryAfter('soon'), undefined)
})

test('no key comes through in what a server says', () => {
  const blame = {
    who: 'The model server',
    addressSetting: 'A',
    keySetting: 'K',
    modelSetting: 'M',
    secrets: ['my-own-secret'],
  }
  const body = JSON.stringify({ error: { message: 'bad key my-own-secret, or sk-abcdefgh1234, Bearer abcdefghijkl' } })
  const { message } = statusFailure(blame, 500, body, {})
  assert.doesNotMatch(message, /my-own-secret|abcdefgh/)
})
