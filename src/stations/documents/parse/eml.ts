// Mails: who wrote to whom, when and about what, then the body, then the attachments that can be read.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import PostalMime from 'postal-mime'
import { AndonError } from '../../../core/errors.ts'
import { PartBuilder } from './builder.ts'
import { htmlDocument } from './dom.ts'
import { addHtml } from './html-blocks.ts'
import { readBytes } from './parser.ts'
import { addText } from './text.ts'
import type { Address } from 'postal-mime'
import type { Bounds, Parser } from './parser.ts'

/** Attachments up to this size are read. */
const maxAttachmentBytes = 16 * 1024 * 1024
/** Attachments after these are only named. */
const maxAttachments = 50

/** The parser for mails as files. */
export const eml: Parser = async function* (source, bounds) {
  const builder = new PartBuilder(source.name, bounds.maxCharacters)
  const mail = await PostalMime.parse(await readBytes(source, bounds.signal), { attachmentEncoding: 'arraybuffer' })
  bounds.signal.throwIfAborted()
  const date = mail.date === undefined || mail.date === '' ? undefined : mail.date
  builder.title(mail.subject)
  builder.property('from', mail.from === undefined ? undefined : people([mail.from]))
  builder.property('date', date)
  const header: [string, string | undefined][] = [
    ['From', mail.from === undefined ? undefined : people([mail.from])],
    ['To', people(mail.to ?? [])],
    ['Cc', people(mail.cc ?? [])],
    ['Date', date],
    ['Subject', mail.subject],
  ]
  const lines = header.filter(([, value]) => value !== undefined && value.trim() !== '')
  builder.add('list', lines.map(([key, value]) => `${key}: ${(value ?? '').replace(/\s+/g, ' ')}`).join('\n'))
  addBody(builder, mail.text ?? '', mail.html ?? '')
  if (builder.empty && mail.attachments.length === 0)
    throw new AndonError('invalid', `${source.name} is no mail: it has neither headers nor a body.`)
  yield builder.take()
  for (const [place, attachment] of mail.attachments.entries()) {
    bounds.signal.throwIfAborted()
    const name = safeName(attachment.filename ?? `attachment ${place + 1}`)
    const content = attachment.content
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : new Uint8Array(content)
    // Pictures inside the text (logos, signatures) are no attachments to a reader.
    if (attachment.related === true && attachment.mimeType.startsWith('image/')) continue
    const why =
      place >= maxAttachments ? 'there are too many' : bytes.length > maxAttachmentBytes ? 'it is too large' : undefined
    if (why !== undefined || bounds.inner === undefined) {
      builder.warn(`The attachment "${name}" was not read: ${why ?? 'it is an attachment of an attachment'}.`)
      continue
    }
    yield* attached(builder, name, bytes, bounds.inner)
  }
  yield builder.take()
}

/** An attachment as parts of its own, under a heading with its name; a warning when it cannot be read. */
async function* attached(
  builder: PartBuilder,
  name: string,
  bytes: Uint8Array,
  inner: NonNullable<Bounds['inner']>,
): ReturnType<Parser> {
  // The file on disk never bears the name that the mail gives it.
  const folder = await mkdtemp(join(tmpdir(), 'andon-attachment-'))
  try {
    const path = join(folder, 'attachment')
    await writeFile(path, bytes)
    let first = true
    for await (const { text, blocks, warnings } of inner(path, name)) {
      if (first) {
        builder.add('heading', `Attachment: ${name}`, { level: 1 })
        yield builder.take()
      }
      first = false
      // Pages are those of the attachment, not of the mail.
      const own = blocks.map(({ page: _page, ...block }) => block)
      yield {
        text,
        blocks: own,
        ...(warnings === undefined ? {} : { warnings: warnings.map((warning) => `${name}: ${warning}`) }),
      }
    }
  } catch (reason) {
    const error = AndonError.from(reason)
    if (error.code === 'cancelled' || error.code === 'deadline') throw error
    builder.warn(`The attachment "${name}" was not read: ${error.sentence}`)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The plain text, unless the mail is written in HTML and the plain text says less. */
function addBody(builder: PartBuilder, text: string, html: string): void {
  if (html.trim() === '') {
    addText(builder, text)
    return
  }
  const tree = new PartBuilder()
  const { body } = htmlDocument(html)
  addHtml(tree, body)
  const said = tree.take()
  const tables = said.blocks.some((block) => block.kind === 'table')
  if (text.trim().length >= said.text.length * 0.7 && !tables) addText(builder, text)
  else for (const { start, end, kind, ...facts } of said.blocks) builder.add(kind, said.text.slice(start, end), facts)
}

function people(addresses: readonly Address[]): string {
  return addresses
    .flatMap((address): string[] => {
      if (address.group !== undefined) return [people(address.group)]
      return [address.name === '' ? (address.address ?? '') : `${address.name} <${address.address ?? ''}>`]
    })
    .filter((text) => text !== '')
    .join(', ')
}

/** The last part of a name, without what could mean something to a file system or a terminal. */
export function safeName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? ''
  const clean = last
    .replace(/[\p{Cc}<>:"|?*\u202A-\u202E\u2066-\u2069]/gu, '')
    .trim()
    .slice(0, 120)
  return clean === '' || clean === '.' || clean === '..' ? 'attachment' : clean.toWellFormed()
}
