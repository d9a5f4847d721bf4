// What callers would like best, as they say it.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { preferred } from './accept.ts'

describe('Of JSON, text and a page', () => {
  const rows: [accept: string, type: string][] = [
    ['', 'application/json'],
    ['*/*', 'application/json'],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'text/html'],
    ['text/html;q=0.3, text/plain;q=0.7', 'text/plain'],
    ['text/html;q=0, application/json', 'application/json'],
    ['text/html;q=0, */*;q=0.1', 'application/json'],
    ['application/json;q=0, text/*;q=0.5', 'text/plain'],
    ['text/html, application/json', 'text/html'],
    ['*/*, text/html', 'text/html'],
    ['Text/HTML; charset=utf-8; q=1', 'text/html'],
    ['text/plain;q=much', 'text/plain'],
    ['image/png', 'application/json'],
    ['application/json;q=0', 'application/json'],
  ]
  for (const [accept, type] of rows)
    it(`"${accept}" is ${type}`, () => {
      assert.equal(preferred(accept, ['application/json', 'text/plain', 'text/html']), type)
    })
})
