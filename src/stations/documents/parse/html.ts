// HTML pages: the article when the page has a clear one, else the body without navigation and other furniture.

import { Readability } from '@mozilla/readability'
import { PartBuilder } from './builder.ts'
import { htmlDocument } from './dom.ts'
import { addHtml, inlineText } from './html-blocks.ts'
import { readText } from './read-text.ts'
import type { ParsedPart } from '../../../core/document.ts'
import type { TreeDocument } from './dom.ts'
import type { Parser } from './parser.ts'

/** Readability looks at every element several times: beyond this many characters the body is taken. */
const maxReadable = 4 * 1024 * 1024

/** The parser for HTML pages. The encoding a page declares is believed when nothing is lost with it. */
export const html: Parser = async function* (source, { signal, maxCharacters }) {
  const builder = new PartBuilder(source.name, maxCharacters)
  const text = await readText(source, builder, signal, declaredEncoding)
  signal.throwIfAborted()
  addPage(builder, text)
  yield builder.take()
}

/** Parses a page that is already text. */
export function parseHtml(text: string, name = 'The document', maxCharacters?: number): ParsedPart {
  const builder = new PartBuilder(name, maxCharacters)
  addPage(builder, text)
  return builder.take()
}

/** The encoding that a page says it has, in its first 2,048 bytes. */
export function declaredEncoding(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 2048)).toString('latin1')
  return /<meta[^>]+charset\s*=\s*["']?([\w-]+)/i.exec(head)?.[1] ?? /^<\?xml[^>]+encoding=["']([\w-]+)/.exec(head)?.[1]
}

function addPage(builder: PartBuilder, text: string): void {
  const document = htmlDocument(text)
  const heading = document.querySelector('h1')
  builder.title(meta(document, 'og:title') ?? document.querySelector('title')?.textContent ?? undefined)
  if (heading !== null) builder.title(inlineText(heading))
  builder.property('language', document.documentElement?.getAttribute('lang') ?? undefined)
  builder.property('description', meta(document, 'description') ?? meta(document, 'og:description'))
  builder.property('author', meta(document, 'author'))
  builder.property('date', meta(document, 'article:published_time') ?? meta(document, 'date'))
  const main = document.querySelector('main, [role="main"]') ?? onlyArticle(document)
  const body = document.body
  if (main !== null && weight(main.textContent) >= weight(body.textContent) * 0.3) {
    if (heading !== null && heading.closest('main, [role="main"], article') === null)
      builder.add('heading', inlineText(heading), { level: 1 })
    addHtml(builder, main, { contentOnly: true })
    return
  }
  const article = framed(document) && text.length <= maxReadable ? readable(text) : undefined
  // Readability is made for articles; where it drops much of what is said, the page is none.
  const tree = article === undefined ? undefined : htmlDocument(article)
  if (tree !== undefined && weight(tree.body.textContent) >= visible(document) * 0.5) {
    if (heading !== null && tree.querySelector('h1') === null) builder.add('heading', inlineText(heading), { level: 1 })
    addHtml(builder, tree.body)
    return
  }
  addHtml(builder, body, { contentOnly: true })
  // A page that is all navigation still says something.
  if (builder.empty) addHtml(builder, body)
}

function readable(text: string): string | undefined {
  try {
    // It rewrites the tree, so it gets one of its own.
    const article = new Readability(htmlDocument(text), {
      charThreshold: 200,
      maxElemsToParse: 50_000,
    }).parse()
    return article?.content ?? undefined
  } catch {
    return undefined
  }
}

function onlyArticle(document: TreeDocument): ReturnType<TreeDocument['querySelector']> {
  const articles = [...document.querySelectorAll('article')]
  return articles.length === 1 ? (articles[0] ?? null) : null
}

/** Whether the page has furniture that no element names: many links outside of `nav`. */
function framed(document: TreeDocument): boolean {
  const links = [...document.querySelectorAll('a')].filter(
    (link) => link.closest('nav, footer, header, aside') === null,
  )
  const linked = links.reduce((sum, link) => sum + weight(link.textContent), 0)
  return links.length > 20 && linked > weight(document.body.textContent) * 0.2
}

function visible(document: TreeDocument): number {
  const builder = new PartBuilder()
  addHtml(builder, document.body, { contentOnly: true })
  return weight(builder.take().text)
}

/** Characters that are no white space. */
function weight(text: string | null): number {
  return (text ?? '').replace(/\s+/g, '').length
}

function meta(document: TreeDocument, name: string): string | undefined {
  const element = document.querySelector(`meta[name="${name}"], meta[property="${name}"]`)
  const content = element?.getAttribute('content')?.trim()
  return content === undefined || content === '' ? undefined : content
}
