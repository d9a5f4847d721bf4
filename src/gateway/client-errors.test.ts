// What the door does not do is told in the shape of every other error, and connections stay what they are said to be.

import assert from 'node:assert/strict'
import { it } from 'node:test'
import { sendRaw } from '../../test/bad-inputs/wire.ts'
import { openDoor } from '../../test/door.ts'

const host = 'Host: 127.0.0.1\r\n'

it('an expectation that is not met is told as a problem', async () => {
  await using door = await openDoor()
  const text = `GET /v1/me HTTP/1.1\r\n${host}Expect: a-miracle\r\n\r\n`
  const { status, headers, body } = await sendRaw(door.gateway.port, text)
  assert.equal(status, 417)
  assert.equal(headers['content-type'], 'application/problem+json')
  assert.match(body, /The header Expect is \\"a-miracle\\": send 100-continue/)
})

it('a request for another protocol is answered as if it had not asked, with its body', async () => {
  await using door = await openDoor()
  const question = '{"question":"What does a lock do?"}'
  const headers = `${host}Connection: upgrade\r\nUpgrade: h2c\r\nAccept: application/json\r\nContent-Type: application/json\r\n`
  const text = `POST /v1/ask HTTP/1.1\r\n${headers}Content-Length: ${question.length}\r\n\r\n${question}`
  const reply = await sendRaw(door.gateway.port, text)
  assert.equal(reply.status, 200)
  assert.match(reply.body, /"type":"answer-end"/)
  assert.equal(reply.headers['connection'], 'close')
})

it('a WebSocket where there is none is refused, and its connection is said to end', async () => {
  await using door = await openDoor()
  const text = `GET /v1/nothing HTTP/1.1\r\n${host}Connection: upgrade\r\nUpgrade: websocket\r\n\r\n`
  const { status, headers } = await sendRaw(door.gateway.port, text)
  assert.equal(status, 404)
  assert.equal(headers['connection'], 'close')
})

it('a body of JSON that is nested without end is refused, whatever it is sent to', async () => {
  await using door = await openDoor()
  const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`
  for (const path of ['/v1/ask', '/v1/responses', '/v1/documents']) {
    const response = await door.post(path, `{"input":"lock?","metadata":{"a":${deep}}}`)
    assert.equal(response.status, 400, path)
    assert.match(await response.text(), /nested more than 500 levels deep/)
  }
})
