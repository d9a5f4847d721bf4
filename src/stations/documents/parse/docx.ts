// Word files: mammoth turns them into HTML, which is read like any other. Checked for bombs before.

import { readFile } from 'node:fs/promises'
import mammoth from 'mammoth'
import { AndonError } from '../../../core/errors.ts'
import { PartBuilder } from './builder.ts'
import { htmlDocument } from './dom.ts'
import { addHtml } from './html-blocks.ts'
import { addOfficeFacts } from './office-facts.ts'
import { xmlText } from './xml.ts'
import { openZip } from './zip.ts'
import type { Parser } from './parser.ts'

/** Unpacked bytes of the text of a Word file: at fifty bytes of markup a word, about a million words. */
const maxPartBytes = 48 * 1024 * 1024

const styleMap = [
  "p[style-name='Title'] => h1:fresh",
  "p[style-name='Subtitle'] => h2:fresh",
  ...[1, 2, 3, 4, 5, 6].map((level) => `p[style-name='标题 ${level}'] => h${level}:fresh`),
  "p[style-name='Code'] => pre:separator('\\n')",
  "p[style-name='HTML Preformatted'] => pre:separator('\\n')",
]

/** The parser for DOCX files. Pictures, page headers and comments are left out. */
export const docx: Parser = async function* (source, { signal, maxCharacters }) {
  const builder = new PartBuilder(source.name, maxCharacters)
  {
    await using zip = await openZip(source.path, source.name, { entryBytes: maxPartBytes })
    if (!zip.has('word/document.xml') && !zip.names.some((name) => name.startsWith('word/')))
      throw new AndonError(
        'invalid',
        `${source.name} is an archive without a Word document in it. Open it and save it as DOCX.`,
      )
    // mammoth unpacks these by itself, without limits: each is unpacked here first, and refused if it must be.
    for (const name of zip.names) {
      signal.throwIfAborted()
      if (/\.(?:xml|rels)$/i.test(name)) await xmlText(zip, name, source.name)
    }
    await addOfficeFacts(builder, zip, source.name)
  }
  signal.throwIfAborted()
  const { value } = await mammoth.convertToHtml(
    { buffer: await readFile(source.path) },
    { styleMap, convertImage: mammoth.images.imgElement(async () => ({ src: '' })), externalFileAccess: false },
  )
  signal.throwIfAborted()
  const document = htmlDocument(value)
  // Notes stand at the end, each with an arrow back to its place.
  for (const back of document.querySelectorAll('a[href^="#footnote-ref"], a[href^="#endnote-ref"]')) back.remove()
  builder.title(document.querySelector('h1')?.textContent ?? undefined)
  addHtml(builder, document.body)
  yield builder.take()
}
