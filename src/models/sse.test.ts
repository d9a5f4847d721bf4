import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { EventParser } from './sse.ts'
import type { ServerSentEvent } from './sse.ts'

function parse(text: string, size = Infinity): ServerSentEvent[] {
  const bytes = new TextEncoder().encode(text)
  const parser = new EventParser()
  const events: ServerSentEvent[] = []
  for (let at = 0; at < bytes.length; at += size) events.push(...parser.push(bytes.subarray(at, at + size)))
  return [...events, ...parser.end()]
}

test('an event is its data lines up to the blank line', () => {
  assert.deepEqual(parse('data: one\ndata: two\n\ndata:three\n\n'), [
    { event: 'message', data: 'one\ntwo' },
    { event: 'message', data: 'three' },
  ])
})

test('CR, LF and CRLF end lines alike', () => {
  for (const newline of ['\n', '\r', '\r\n'])
    assert.deepEqual(parse(`event: x${newline}data: 1${newline}${newline}data: 2${newline}${newline}`), [
      { event: 'x', data: '1' },
      { event: 'message', data: '2' },
    ])
})

test('comments, ids and unknown fields are no events', () => {
  assert.deepEqual(parse(': ping\n\nid: 7\nretry: 10\n\nfoo\n\ndata: x\n: in between\n\n'), [
    { event: 'message', data: 'x' },
  ])
})

test('a byte order mark at the beginning is not part of the first field', () => {
  assert.deepEqual(parse('\ufeffdata: x\n\n'), [{ event: 'message', data: 'x' }])
})

test('the last event needs no blank line', () => {
  assert.deepEqual(parse('data: [DONE]'), [{ event: 'message', data: '[DONE]' }])
  assert.deepEqual(parse('data: [DONE]\n'), [{ event: 'message', data: '[DONE]' }])
})

test("llama.cpp's error field is an error event", () => {
  assert.deepEqual(parse('error: {"message":"no"}\n\n'), [{ event: 'error', data: '{"message":"no"}' }])
})

test('where the bytes are cut changes nothing', () => {
  const piece = fc.constantFrom('data: 世界🙂', 'data:', 'event: e', ': c', '', '\r', 'data: a\r\n', 'x: y', 'error: e')
  fc.assert(
    fc.property(
      fc.array(piece),
      fc.constantFrom('\n', '\r', '\r\n'),
      fc.integer({ min: 1, max: 7 }),
      (lines, end, size) => {
        const text = lines.join(end)
        assert.deepEqual(parse(text, size), parse(text))
      },
    ),
  )
})

test('an event without an end is refused before it fills the memory', () => {
  const parser = new EventParser()
  const bytes = new TextEncoder().encode(`data: ${'x'.repeat(1024 * 1024)}`)
  assert.throws(
    () => {
      for (let index = 0; index < 10; index++) parser.push(bytes)
    },
    { code: 'unavailable' },
  )
})
