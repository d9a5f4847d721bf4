// How a document is taken in: its bytes to disk, its row and job into the store, and only then «accepted».

import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { AndonError } from '../core/errors.ts'
import type { Added, DocumentSource } from '../core/factory.ts'
import { checkedCollection, checkedMetadata, checkedName, checkedTitle } from './describe.ts'
import { headBytes, kindOf } from '../stations/documents/media-type.ts'
import { overQuota, type Quota } from '../stores/quota.ts'
import type { Accepted, AcceptedInput, BlobStore, Library } from '../stores/store.ts'

export interface AddingParts {
  library: Library
  blobs: BlobStore
  /** Largest document in bytes. */
  maxBytes: number
  /** How often its loading is tried. */
  attempts: number
  /** What the tenant may keep. Default: as much as it likes. */
  quota?: Quota
}

/** A document that was taken in, and the job that ended with it. */
export type TakenIn = Added & Pick<Accepted, 'cancelledJobId'>

/** Takes a document in. When it returns, kill -9 loses nothing of it. */
export async function accept(
  source: DocumentSource,
  tenant: string,
  parts: AddingParts,
  signal?: AbortSignal,
): Promise<TakenIn> {
  const given = [source.path, source.text, source.bytes].filter((value) => value !== undefined).length
  if (given !== 1)
    throw new AndonError('invalid', `A document needs exactly one of path, text and bytes; ${given} were given`)
  const name = checkedName(source.name ?? (source.path === undefined ? undefined : basename(source.path)))
  const collection = checkedCollection(source.collection ?? 'default')
  const metadata = checkedMetadata(source.metadata ?? {}, name)
  const title = checkedTitle(source.title, name)
  if (source.path !== undefined) await checkFile(source.path, parts.maxBytes)

  const bytes = heeding(signal, bytesOf(source, name))
  try {
    // What no parser reads is refused here, before anything is kept of it.
    const head = await firstBytes(bytes)
    if (head.length === 0) throw new AndonError('invalid', `${name} is empty: there is nothing to read in it`)
    const { mediaType } = kindOf(name, head.subarray(0, headBytes), source.mediaType)
    const whole = atMost(parts.maxBytes, prepend(head, bytes), name)
    return await keep(whole, { name, collection, metadata, mediaType, tenant, title }, parts, signal)
  } finally {
    await bytes.return()
  }
}

async function keep(
  bytes: AsyncIterable<Uint8Array>,
  about: Omit<AcceptedInput, 'hash' | 'size' | 'title'> & { title: string | undefined },
  parts: AddingParts,
  signal: AbortSignal | undefined,
): Promise<TakenIn> {
  const { title, ...rest } = about
  const { quota = {} } = parts
  const { hash, size } = await parts.blobs.put(await withinQuota(bytes, about, quota, parts.library), {
    limit: parts.maxBytes,
    held: true,
    ...(signal ? { signal } : {}),
  })
  try {
    return await parts.library.accept({
      ...rest,
      maxAttempts: parts.attempts,
      quota,
      hash,
      size,
      ...(title === undefined ? {} : { title }),
    })
  } catch (reason) {
    // Nobody will come for bytes that were refused; those of another document stay.
    if (AndonError.from(reason).code === 'forbidden') await parts.blobs.remove(hash)
    throw reason
  }
}

/**
 * The same bytes, refused as soon as there is no room for them: before the first, when that is plain. Who comes at the
 * same time is not seen here; the store has the last word.
 */
async function withinQuota(
  bytes: AsyncIterable<Uint8Array>,
  { tenant, collection, name }: Pick<AcceptedInput, 'tenant' | 'collection' | 'name'>,
  quota: Quota,
  library: Library,
): Promise<AsyncIterable<Uint8Array>> {
  if (quota.documents === undefined && quota.bytes === undefined) return bytes
  const [there] = await library.list(tenant, { collection, name, limit: 1 })
  const { documents, bytes: used } = await library.totals(tenant)
  if (!there && quota.documents !== undefined && documents >= quota.documents)
    throw overQuota(tenant, 'documents', documents + 1, quota.documents)
  const limit = quota.bytes
  if (limit === undefined) return bytes
  const freed = there?.size ?? 0
  return counted(bytes, (size) => {
    if (size > freed && used - freed + size > limit) throw overQuota(tenant, 'bytes', used - freed + size, limit)
  })
}

async function* counted(bytes: AsyncIterable<Uint8Array>, check: (size: number) => void): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const chunk of bytes) {
    size += chunk.length
    check(size)
    yield chunk
  }
}

async function checkFile(path: string, maxBytes: number): Promise<void> {
  if (path.includes('\0'))
    throw new AndonError('invalid', `The path ${JSON.stringify(path.slice(0, 60))} has a NUL character: no file has`)
  const found = await stat(path).catch((reason: NodeJS.ErrnoException) => {
    throw cannotRead(path, reason)
  })
  if (found.isDirectory())
    throw new AndonError('invalid', `${path} is a folder: give the files in it, or the folder to "andon add"`)
  if (!found.isFile())
    throw new AndonError(
      'invalid',
      `${path} is no file but a pipe, a socket or a device: save what comes out of it, or give it as bytes`,
    )
  if (found.size > maxBytes)
    throw new AndonError(
      'too-large',
      `${path} has ${found.size} bytes; at most ${maxBytes} are read. Split it, or raise loading.maxBytes`,
    )
  const handle = await open(path, 'r').catch((reason: NodeJS.ErrnoException) => {
    throw cannotRead(path, reason)
  })
  await handle.close()
}

function cannotRead(path: string, reason: NodeJS.ErrnoException): AndonError {
  switch (reason.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new AndonError('not-found', `${path} cannot be read: there is no such file`)
    case 'EACCES':
    case 'EPERM':
      return new AndonError('forbidden', `${path} cannot be read: this user may not. Change its permissions`)
    case 'ELOOP':
      return new AndonError('invalid', `${path} cannot be read: its links lead in a circle`)
    case 'ENAMETOOLONG':
      return new AndonError('invalid', `${path.slice(0, 60)}… cannot be read: no path is that long`)
    default:
      return new AndonError('unavailable', `${path} cannot be read: ${reason.message}`, { cause: reason })
  }
}

async function* bytesOf(source: DocumentSource, name: string): AsyncGenerator<Uint8Array> {
  if (source.path !== undefined) yield* createReadStream(source.path)
  else if (source.text !== undefined) yield Buffer.from(source.text)
  else if (source.bytes instanceof Uint8Array) yield source.bytes
  else if (source.bytes !== undefined)
    for await (const bytes of source.bytes as AsyncIterable<unknown>) {
      if (!(bytes instanceof Uint8Array))
        throw new AndonError(
          'invalid',
          `The bytes of ${name} come as ${typeof bytes}, not as Uint8Array: leave the encoding out where they are read`,
        )
      yield bytes
    }
}

interface Heeding extends AsyncIterable<Uint8Array> {
  next(): Promise<IteratorResult<Uint8Array>>
  return(): Promise<void>
}

/** The same bytes; whoever waits for them hears of the signal at once, also while nothing comes. */
function heeding(signal: AbortSignal | undefined, bytes: AsyncGenerator<Uint8Array>): Heeding {
  let leave: (reason: AndonError) => void = () => {}
  const heard = (): void => leave(AndonError.from(signal?.reason, 'cancelled'))
  signal?.addEventListener('abort', heard, { once: true })
  return {
    [Symbol.asyncIterator]() {
      return { next: () => this.next() }
    },
    next: () =>
      new Promise((resolve, reject) => {
        leave = reject
        if (signal?.aborted) heard()
        else bytes.next().then(resolve, reject)
      }),
    async return() {
      signal?.removeEventListener('abort', heard)
      const ended = bytes.return(undefined)
      // A source that says nothing cannot be waited for.
      if (signal?.aborted) ended.catch(() => {})
      else await ended
    },
  }
}

/** Reads until enough is there to tell what the file is. */
async function firstBytes(bytes: Pick<Heeding, 'next'>): Promise<Uint8Array> {
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

async function* prepend(head: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield head
  yield* rest
}

/** The same bytes, refused by name once they are too many; what was kept of them is dropped. */
async function* atMost(limit: number, bytes: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const chunk of bytes) {
    size += chunk.length
    if (size > limit)
      throw new AndonError(
        'too-large',
        `${name} has more than ${limit} bytes; no more are read. Split it, or raise loading.maxBytes`,
      )
    yield chunk
  }
}
