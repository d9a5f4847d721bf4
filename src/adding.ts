// How a document is taken in: its bytes to disk, its row and job into the store, and only then «accepted».

import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { AndonError } from './core/errors.ts'
import type { Added, DocumentSource } from './core/factory.ts'
import type { Plain } from './core/plain.ts'
import { headBytes, kindOf } from './stations/documents/media-type.ts'
import type { AcceptedInput, BlobStore, Library } from './stores/store.ts'

export interface AddingParts {
  library: Library
  blobs: BlobStore
  /** Largest document in bytes. */
  maxBytes: number
}

const nameLimit = 1_024
const metadataLimit = 16 * 1024

/** Takes a document in. When it returns, kill -9 loses nothing of it. */
export async function accept(
  source: DocumentSource,
  tenant: string,
  parts: AddingParts,
  signal?: AbortSignal,
): Promise<Added> {
  const given = [source.path, source.text, source.bytes].filter((value) => value !== undefined).length
  if (given !== 1)
    throw new AndonError('invalid', `A document needs exactly one of path, text and bytes; ${given} were given`)
  const name = checkedName(source.name ?? (source.path === undefined ? undefined : basename(source.path)))
  const collection = checkedCollection(source.collection ?? 'default')
  const metadata = checkedMetadata(source.metadata ?? {}, name)
  if (source.path !== undefined) await checkFile(source.path, parts.maxBytes)

  const bytes = bytesOf(source)
  try {
    // What no parser reads is refused here, before anything is kept of it.
    const head = await firstBytes(bytes)
    if (head.length === 0) throw new AndonError('invalid', `${name} is empty: there is nothing to read in it`)
    const { mediaType } = kindOf(name, head.subarray(0, headBytes), source.mediaType)
    return await keep(
      prepend(head, bytes),
      { name, collection, metadata, mediaType, tenant, title: source.title },
      parts,
      signal,
    )
  } finally {
    await bytes.return(undefined)
  }
}

async function keep(
  bytes: AsyncIterable<Uint8Array>,
  about: Omit<AcceptedInput, 'hash' | 'size' | 'title'> & { title: string | undefined },
  parts: AddingParts,
  signal: AbortSignal | undefined,
): Promise<Added> {
  const { title, ...rest } = about
  const { hash, size } = await parts.blobs.put(bytes, { limit: parts.maxBytes, ...(signal ? { signal } : {}) })
  const { document, outcome, jobId } = await parts.library.accept({
    ...rest,
    hash,
    size,
    ...(title === undefined ? {} : { title }),
  })
  return { document, outcome, ...(jobId === undefined ? {} : { jobId }) }
}

function checkedName(name: string | undefined): string {
  if (name === undefined || name.trim() === '')
    throw new AndonError('invalid', 'A document given as text or bytes needs a name: it is how it is listed and cited')
  if (name.length > nameLimit)
    throw new AndonError(
      'invalid',
      `The name «${name.slice(0, 60)}…» has ${name.length} characters; at most ${nameLimit} are kept`,
    )
  const tidy = name.normalize('NFC').replaceAll('\\', '/')
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(tidy))
    throw new AndonError(
      'invalid',
      `The name ${JSON.stringify(name.slice(0, 60))} has control characters: give it a name that can be shown`,
    )
  if (tidy.split('/').includes('..'))
    throw new AndonError(
      'invalid',
      `The name «${tidy.slice(0, 60)}» points out of its folder with «..»: give the name without it`,
    )
  return tidy.replace(/^(?:[a-zA-Z]:)?\/+/, '').replace(/^(?:\.\/)+/, '') || tidy
}

function checkedCollection(collection: string): string {
  if (!/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,99}$/u.test(collection))
    throw new AndonError(
      'invalid',
      `The collection «${collection.slice(0, 60)}» is no name: use up to 100 letters, digits, dots, dashes and underscores`,
    )
  return collection
}

function checkedMetadata(metadata: Record<string, Plain>, name: string): Record<string, Plain> {
  const size = JSON.stringify(metadata).length
  if (size > metadataLimit)
    throw new AndonError(
      'too-large',
      `The metadata of ${name} has ${size} characters as JSON; at most ${metadataLimit} are kept`,
    )
  return metadata
}

async function checkFile(path: string, maxBytes: number): Promise<void> {
  const found = await stat(path).catch((reason: NodeJS.ErrnoException) => {
    throw new AndonError(
      'not-found',
      `${path} cannot be read: ${reason.code === 'ENOENT' ? 'there is no such file' : reason.message}`,
    )
  })
  if (!found.isFile())
    throw new AndonError('invalid', `${path} is no file: give the files in it, or a folder to «andon add»`)
  if (found.size > maxBytes)
    throw new AndonError(
      'too-large',
      `${path} has ${found.size} bytes; at most ${maxBytes} are read (loading.maxBytes)`,
    )
  const handle = await open(path, 'r').catch((reason: Error) => {
    throw new AndonError('forbidden', `${path} cannot be opened: ${reason.message}`)
  })
  await handle.close()
}

async function* bytesOf(source: DocumentSource): AsyncGenerator<Uint8Array> {
  if (source.path !== undefined) yield* createReadStream(source.path)
  else if (source.text !== undefined) yield Buffer.from(source.text)
  else if (source.bytes instanceof Uint8Array) yield source.bytes
  else if (source.bytes !== undefined) yield* source.bytes
}

/** Reads until enough is there to tell what the file is. */
async function firstBytes(bytes: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  const head: Uint8Array[] = []
  let length = 0
  while (length < headBytes) {
    const { done, value } = await bytes.next()
    if (done) break
    head.push(value)
    length += value.length
  }
  return Buffer.concat(head)
}

async function* prepend(head: Uint8Array, rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield head
  yield* rest
}
