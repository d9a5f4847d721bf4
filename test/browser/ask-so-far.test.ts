// Markdown that is still being written shows no mark that is not closed yet, and nothing before its end moves.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

/** What the page's file gives. It is written for a browser: its types are checked with the page's. */
interface SoFar {
  closed: (text: string) => string
}

const { closed }: SoFar = await import(new URL('../../web/src/pages/ask/so-far.ts', import.meta.url).href)

describe('Text so far', () => {
  for (const [text, shown] of [
    ['plain', 'plain'],
    ['**', ''],
    ['**The', '**The**'],
    ['**The end*', '**The end**'],
    ['**The end**', '**The end**'],
    ['**The** and ', '**The** and '],
    ['x **a** y **', 'x **a** y '],
    ['run `npm', 'run `npm`'],
    ['run `npm`', 'run `npm`'],
    ['**a\n\nb **c', '**a\n\nb **c**'],
    ['```\na **b', '```\na **b'],
  ] as const)
    it(JSON.stringify(text), () => assert.equal(closed(text), shown))
})
