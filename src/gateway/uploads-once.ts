// The same upload twice is done once: a form under an Idempotency-Key is known again by what it says of its files and by
// their hashes. Who repeats it is read to the end, and nothing of it is kept.

import { createHash } from 'node:crypto'
import type { Multipart } from '@fastify/multipart'
import type { Added, DocumentSource } from '../core/factory.ts'
import type { Plain } from '../core/plain.ts'
import type { Once } from './idempotency.ts'
import { addFiles, type FormReply } from './uploads-form.ts'

/** One file of a form: what was said of it, and the SHA-256 of its bytes; null when it was not taken. */
type FilePrint = [about: string, hash: string | null]

/** What is kept of an upload. */
interface Kept {
  reply: Plain
  files: FilePrint[]
}

/**
 * Takes in the files of a form as `addFiles` does, and keeps the reply and what the form was. A form that broke off is
 * not kept: whoever sends it again means the rest of it.
 */
export async function addFilesOnce(
  parts: AsyncIterable<Multipart>,
  add: (source: DocumentSource) => Promise<Added>,
  once: Once,
): Promise<FormReply<Added>> {
  const files: FilePrint[] = []
  let whole = false
  async function* all(): AsyncGenerator<Multipart> {
    yield* parts
    whole = true
  }
  const reply = await addFiles(all(), async (source) => {
    const file: FilePrint = [aboutOf(source), null]
    files.push(file)
    const added = await add(source)
    file[1] = added.document.hash
    return added
  })
  if (whole) await once.settle({ reply: plainOf(reply), files } satisfies Kept)
  return reply
}

/** The reply to the same form before; undefined when this one is another. */
export async function replyToSame(
  parts: AsyncIterable<Multipart>,
  kept: Plain | undefined,
): Promise<Plain | undefined> {
  if (!isKept(kept)) return undefined
  const files: FilePrint[] = []
  await addFiles(parts, async (source) => {
    files.push([aboutOf(source), await hashOf(source.bytes)])
  })
  const same =
    files.length === kept.files.length &&
    kept.files.every(([about, hash], at) => about === files[at]?.[0] && (hash === null || hash === files[at][1]))
  return same ? kept.reply : undefined
}

function aboutOf({ name, title, collection, metadata }: DocumentSource): string {
  const about = JSON.stringify({ name, title, collection, metadata })
  return createHash('sha256').update(about).digest('base64url')
}

async function hashOf(bytes: DocumentSource['bytes'] = new Uint8Array()): Promise<string> {
  const hash = createHash('sha256')
  if (bytes instanceof Uint8Array) hash.update(bytes)
  else for await (const piece of bytes) hash.update(piece)
  return hash.digest('hex')
}

/** A reply as it is sent: without what is undefined. */
export function plainOf(value: FormReply<Added>): Plain {
  return JSON.parse(JSON.stringify(value)) as Plain
}

function isKept(kept: Plain | undefined): kept is Plain & Kept {
  return typeof kept === 'object' && kept !== null && 'files' in kept && Array.isArray(kept.files)
}
