// A page that shows the text of a document with one place marked. Everything in it comes from outside: it is escaped,
// and the page may load and run nothing.

import { createHash } from 'node:crypto'
import type { DocumentText } from '../core/document.ts'

const style =
  ':root{color-scheme:light dark}body{font:17px/1.6 system-ui,sans-serif;max-width:44em;margin:2em auto;padding:0 1em}' +
  'h1{font-size:1.3em;margin:0}p{margin:.3em 0}pre{font:inherit;white-space:pre-wrap;overflow-wrap:anywhere}' +
  'mark{scroll-margin-top:30vh;padding:.1em 0}small{opacity:.75}'
const styleHash = createHash('sha256').update(style).digest('base64')

/** What the page may do: nothing, but look as it does. */
export const textPagePolicy = `default-src 'none'; style-src 'sha256-${styleHash}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox`

/** The page of a window of a document's text. The mark has the id `mark`. */
export function textPage(read: DocumentText, marked?: { start: number; end: number }): string {
  const { document, text, start, end, length } = read
  const from = clamp((marked?.start ?? start) - start, text.length)
  const to = clamp((marked?.end ?? start) - start, text.length)
  const body = marked
    ? `${escaped(text.slice(0, from))}<mark id="mark">${escaped(text.slice(from, to))}</mark>${escaped(text.slice(to))}`
    : escaped(text)
  const part = start === 0 && end >= length ? '' : `<p><small>${start}–${end} / ${length}</small></p>`
  return `<!doctype html>
<html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">
<title>${escaped(document.title)}</title><style>${style}</style></head><body>
<header><h1 dir="auto">${escaped(document.title)}</h1><p><small>${escaped(document.collection)} · ${escaped(document.name)}</small></p>${part}</header>
<main><pre dir="auto">
${body}</pre></main>
</body></html>
`
}

function clamp(offset: number, length: number): number {
  return Math.min(Math.max(offset, 0), length)
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
