// What may not stand in a log.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { redacted } from './redact.ts'

describe('A line of the log', () => {
  const key = `andon_${'aB3_-'.repeat(8)}xyz`
  const rows: [string, string][] = [
    [`the key ${key} is not known`, 'the key andon_… is not known'],
    [`GET /v1/ws?token=${key}`, 'GET /v1/ws?token=…'],
    ['refused sk-proj-0123456789abcdef by the server', 'refused sk-… by the server'],
    ['Authorization: Bearer abc.def-123', 'Authorization: Bearer …'],
    ['with eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln as token', 'with eyJ… as token'],
    ['the session-eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln', 'the session-eyJ…'],
    ['for api.house.eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln', 'for api.house.eyJ…'],
    ['of https://www.documents-of-a-house.example.org/eyJ', 'of https://www.documents-of-a-house.example.org/eyJ'],
    ['http://me:secret@models.example/v1', 'http://…@models.example/v1'],
    [JSON.stringify({ authorization: 'x "y" z', path: '/' }), '{"authorization":"…","path":"/"}'],
    [JSON.stringify({ headers: { cookie: 'a=b', 'x-api-key': 'k' } }), '{"headers":{"cookie":"…","x-api-key":"…"}}'],
  ]
  for (const [line, clean] of rows) it(`becomes ${clean}`, () => assert.equal(redacted(line), clean))

  it('is cut when it is long, and not in the middle of a secret', () => {
    const long = `${'x '.repeat(32_760)}${key} and more\n`
    const clean = redacted(long)
    assert.match(clean, /x … \(\d+ characters more\)\n$/)
    assert.ok(!clean.includes('andon_aB3'))
    assert.ok(redacted('eyJ-'.repeat(1_000_000)).length < 70_000)
    assert.equal(redacted('eyJ-'.repeat(10_000)), 'eyJ-'.repeat(10_000))
  })

  it('stays as it is without a secret, and stays JSON with one', () => {
    const line = JSON.stringify({ path: '/v1/documents/sk-1', message: 'andon_questions_running is 4', ms: 3 })
    assert.equal(redacted(line), line)
    assert.deepEqual(JSON.parse(redacted(JSON.stringify({ message: `Bearer ${key}` }))), { message: 'Bearer …' })
  })
})
