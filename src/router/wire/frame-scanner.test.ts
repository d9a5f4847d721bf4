// Frames of a stream, cut anywhere: what goes on is the same bytes in whole frames, and what matters in them is seen.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FrameScanner } from './frame-scanner.ts'

const chunk = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`

/** Feeds a stream in pieces of so many bytes; what went on, piece by piece. */
function feed(stream: string, size: number): { scanner: FrameScanner; passed: Buffer[] } {
  const scanner = new FrameScanner()
  const bytes = Buffer.from(stream)
  const passed: Buffer[] = []
  for (let at = 0; at < bytes.length; at += size) {
    const whole = scanner.push(bytes.subarray(at, at + size))
    if (whole) passed.push(Buffer.from(whole))
    if (scanner.problem) return { scanner, passed }
  }
  const last = scanner.end()
  if (last) passed.push(last)
  return { scanner, passed }
}

const usage = 'data: {"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}}\n\n'
const words = [chunk({ role: 'assistant', content: '' }), chunk({ content: '饮料🥤 "error" [DONE]' }), ': ping\n\n']
const whole = [...words, chunk({}, 'stop'), usage, 'data: [DONE]\n\n'].join('')

describe('A stream cut anywhere', () => {
  for (const [name, stream] of [
    ['line feeds', whole],
    ['carriage returns too', whole.replaceAll('\n', '\r\n')],
  ] as const)
    for (const size of [1, 2, 3, 7, 64, 10_000])
      it(`with ${name}, in pieces of ${size}, goes on unchanged in whole frames`, () => {
        const { scanner, passed } = feed(stream, size)
        assert.equal(Buffer.concat(passed).toString(), stream)
        for (const piece of passed) assert.match(piece.toString(), /\n\r?\n$/)
        assert.equal(scanner.frames, 4)
        assert.ok(scanner.done && scanner.finished && scanner.problem === undefined)
        assert.equal(scanner.usage?.promptTokens, 5)
        assert.equal(scanner.usage?.completionTokens, 2)
      })

  it('keeps back half a frame', () => {
    const { scanner, passed } = feed(`${chunk({ content: 'one' })}data: {"choi`, 1000)
    assert.equal(passed[0]?.toString(), chunk({ content: 'one' }))
    assert.ok(!scanner.done && !scanner.finished)
  })

  it('gets the blank line that its last frame lacks', () => {
    assert.match(Buffer.concat(feed('data: [DONE]', 5).passed).toString(), /^data: \[DONE\]\n\n$/)
  })

  it('lets a frame pass as it comes when it is too large to be held, and sees the next', () => {
    const large = chunk({ content: 'x'.repeat(200_000) })
    const { scanner, passed } = feed(`${large}data: [DONE]\n\n`, 16_000)
    assert.ok(passed.length > 3)
    assert.equal(Buffer.concat(passed).toString(), `${large}data: [DONE]\n\n`)
    assert.ok(scanner.done)
  })
})

describe('An error within a stream', () => {
  const dialects: [string, string, RegExp][] = [
    [
      'of OpenAI and vLLM',
      'data: {"error": {"message": "out of memory", "type": "server_error"}}\n\n',
      /out of memory/,
    ],
    ['of older vLLM', 'data: {"object":"error","message":"gone","code":500}\n\n', /gone/],
    ['of Groq', 'event: error\ndata: {"error":{"message":"gone"}}\n\n', /gone/],
    ['with a name only', 'event: error\ndata: {"message":"gone"}\n\n', /gone/],
    ['of llama.cpp', 'error: {"code":500,"message":"gone","type":"server_error"}\n\n', /gone/],
    [
      'of OpenRouter',
      'data: {"error":{"message":"gone"},"choices":[{"delta":{},"finish_reason":"error"}]}\n\n',
      /gone/,
    ],
    ['without words', 'data: {"choices":[{"delta":{},"finish_reason":"error"}]}\n\n', /failed/],
  ]
  for (const [name, frame, message] of dialects)
    it(`${name} is seen, and neither it nor anything behind it goes on`, () => {
      for (const size of [1, 10, 10_000]) {
        const { scanner, passed } = feed(`${chunk({ content: 'one' })}${frame}data: [DONE]\n\n`, size)
        assert.match(scanner.problem?.message ?? '', message)
        assert.equal(Buffer.concat(passed).toString(), chunk({ content: 'one' }))
      }
    })

  it('is not seen in what a model says about errors', () => {
    const { scanner } = feed(chunk({ content: '{"error": {"message": "no"}}', tool: '"usage":{' }), 9)
    assert.equal(scanner.problem, undefined)
    assert.equal(scanner.usage, undefined)
  })
})

describe('Data that is no JSON', () => {
  const one = chunk({ content: 'one' })
  const garbage: [string, string, RegExp][] = [
    ['that is cut', 'data: {"id": "simulated fa\n\n', /^\{"id": "simulated fa$/],
    ['that is a page', 'data: <html>Bad gateway</html>\n\n', /^<html>/],
    ['behind a name', 'event: message\nid: 7\ndata: {"choi\n\n', /^\{"choi$/],
    ['of two lines', 'data: {"choices":\ndata: [{"del\n\n', /^\{"choices":\n\[\{"del$/],
  ]
  for (const [name, frame, message] of garbage)
    it(`${name} is seen, and neither it nor anything behind it goes on`, () => {
      for (const size of [1, 10, 10_000])
        for (const [frames, before] of [
          [`${one}${frame}${one}data: [DONE]\n\n`, one],
          [`${one}${frame}${one}data: [DONE]\n\n`.replaceAll('\n', '\r\n'), one.replaceAll('\n', '\r\n')],
        ] as const) {
          const { scanner, passed } = feed(frames, size)
          assert.equal(scanner.problem?.fault, 'malformed')
          assert.match(scanner.problem.message, message)
          assert.equal(Buffer.concat(passed).toString(), before)
          assert.ok(!scanner.done)
        }
    })

  it('is seen at the beginning of a frame that is too large to be held, and at the end of the stream', () => {
    for (const size of [16_000, 1_000_000]) {
      const { scanner, passed } = feed(`${one}data: ${'x'.repeat(200_000)}\n\n${one}`, size)
      assert.equal(scanner.problem?.fault, 'malformed')
      assert.equal(Buffer.concat(passed).toString(), one)
    }
    const { scanner, passed } = feed(`${one}data: {"choices":[`, 7)
    assert.equal(scanner.problem?.fault, 'malformed')
    assert.equal(Buffer.concat(passed).toString(), one)
  })

  it('is not what servers say beside their answers, nor JSON however it is written', () => {
    const fine = [
      ': OPENROUTER PROCESSING\n\n',
      ':\n\n',
      '\n',
      'event: ping\n\n',
      'id: 3\n\n',
      'retry: 1000\n\n',
      'data:\n\n',
      'data: \n\n',
      'data\n\n',
      `event: message\nid: 3\n${one}`,
      `: ping\n${one}`,
      `data:${one.slice(6)}`,
      `${one.slice(0, -2)} \nid: 3\n\n`,
      'data: {"choices":\ndata: []}\n\n',
      'data: {"choices":[]}\ndata: {"choices":[]}\n\n',
      'data: []\n\n',
      'data: {"choices":[]}\ndata: [DONE]\n\n',
    ]
    for (const frame of fine)
      for (const text of [frame, frame.replaceAll('\n', '\r\n')])
        for (const size of [1, 10_000]) {
          const { scanner, passed } = feed(text, size)
          assert.equal(scanner.problem, undefined, text)
          assert.equal(Buffer.concat(passed).toString(), text)
          const hasData = /choices|\[\]/.test(text)
          assert.equal(scanner.frames, hasData ? 1 : 0, text)
          assert.equal(scanner.done, text.includes('DONE'))
        }
    assert.ok(feed('event: end\ndata: [DONE]\n\n', 10_000).scanner.done)
  })
})
