// Everything of a tenant as open files, and back: the documents as they came, and JSON Lines beside them.
//
//   export/
//     README.txt          what this is
//     documents.jsonl     one line per document: name, collection, title, media type, metadata, file
//     files/<hash>        the bytes of each document, named by their SHA-256
//     sessions.jsonl      one line per conversation, with its turns

import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { copyFile, lstat, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { AndonError } from '../core/errors.ts'
import type { Added, DocumentSource } from '../core/factory.ts'
import type { Stores } from '../stores/store.ts'

const explanation = `This folder was written by "andon export": documents as they were added (files/, named by their SHA-256), what was
said about them (documents.jsonl) and conversations (sessions.jsonl). "andon import" reads it back; so can any program.
`

const documentLine = z.object({
  name: z.string(),
  collection: z.string(),
  title: z.string().optional(),
  mediaType: z.string(),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  metadata: z.record(z.string(), z.json()),
})

const turn = z.object({
  role: z.enum(['user', 'assistant', 'tool']),
  text: z.string(),
  at: z.number(),
  cited: z.array(z.string()).optional(),
  citedFirst: z
    .object({ documentId: z.string(), passageId: z.string(), start: z.number(), end: z.number() })
    .optional(),
  resolved: z.string().optional(),
  answerId: z.string().optional(),
  versionOf: z.string().optional(),
  toolCalls: z.array(z.object({ id: z.string(), name: z.string(), arguments: z.string() })).optional(),
  callId: z.string().optional(),
})

const sessionLine = z.object({ id: z.string(), title: z.string().max(200).optional(), turns: z.array(turn) })

type Counts = { path: string; documents: number; sessions: number }

/** Writes everything of the tenant into a new folder, for its owner's eyes only. Removed documents are left out. */
export async function exportTenant(to: string, tenant: string, stores: Stores, signal?: AbortSignal): Promise<Counts> {
  await mkdir(to, { recursive: true, mode: 0o700 })
  if ((await readdir(to)).length > 0)
    throw new AndonError('conflict', `${to} is not empty: give a new folder, so that nothing is overwritten`)
  const counts = { path: to, documents: 0, sessions: 0 }
  try {
    await mkdir(join(to, 'files'))
    await writeFile(join(to, 'README.txt'), explanation)
    await writeLines(join(to, 'documents.jsonl'), documentLines(to, tenant, stores, counts), signal)
    await writeLines(join(to, 'sessions.jsonl'), sessionLines(tenant, stores, counts), signal)
  } catch (reason) {
    // Half an export would be taken for a whole one.
    for (const made of await readdir(to)) await rm(join(to, made), { recursive: true, force: true })
    signal?.throwIfAborted()
    throw reason
  }
  return counts
}

async function* documentLines(to: string, tenant: string, stores: Stores, counts: Counts): AsyncGenerator {
  let after: string | undefined
  for (;;) {
    const page = await stores.library.list(tenant, { limit: 200, ...(after === undefined ? {} : { after }) })
    for (const document of page) {
      if (document.status === 'removed') continue
      const { name, collection, title, mediaType, hash, metadata } = document
      // Somebody may remove it for good at this very moment.
      if (!(await copied(stores.blobs.path(hash), join(to, 'files', hash)))) continue
      counts.documents++
      yield { name, collection, title, mediaType, hash, metadata }
    }
    after = page.at(-1)?.id
    if (page.length < 200) return
  }
}

async function copied(from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to)
    return true
  } catch (reason) {
    if ((reason as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw reason
  }
}

async function* sessionLines(tenant: string, stores: Stores, counts: Counts): AsyncGenerator {
  for (const { id } of await stores.sessions.list(tenant, 1_000_000)) {
    const { turns, title, version } = await stores.sessions.read(tenant, id)
    // Somebody may have removed it for good at this very moment.
    if (version === 0) continue
    counts.sessions++
    yield { id, title, turns }
  }
}

export interface ImportParts {
  stores: Stores
  tenant: string
  add: (source: DocumentSource) => Promise<Added>
}

/** Reads what {@link exportTenant} wrote. What is already there stays as it is. */
export async function importTenant(
  from: string,
  { stores, tenant, add }: ImportParts,
): Promise<{ documents: number; sessions: number; jobIds: string[] }> {
  const counts = { documents: 0, sessions: 0, jobIds: [] as string[] }
  for await (const { hash, ...about } of readLines(join(from, 'documents.jsonl'), documentLine)) {
    const { title, ...rest } = about
    const [there] = await stores.library.list(tenant, { collection: rest.collection, name: rest.name, limit: 1 })
    if (there) continue
    const path = join(from, 'files', hash)
    await mustHold(path, hash)
    const { jobId, outcome } = await add({
      ...rest,
      path,
      ...(title === undefined ? {} : { title }),
    })
    if (outcome !== 'unchanged') counts.documents++
    if (jobId !== undefined) counts.jobIds.push(jobId)
  }
  for await (const { id, title, turns } of readLines(join(from, 'sessions.jsonl'), sessionLine)) {
    const session = await stores.sessions.read(tenant, id)
    if (session.version > 0) continue
    await stores.sessions.append(
      tenant,
      id,
      0,
      turns.map(({ cited, citedFirst, resolved, answerId, versionOf, toolCalls, callId, ...said }) => ({
        ...said,
        ...(cited === undefined ? {} : { cited }),
        ...(citedFirst === undefined ? {} : { citedFirst }),
        ...(resolved === undefined ? {} : { resolved }),
        ...(answerId === undefined ? {} : { answerId }),
        ...(versionOf === undefined ? {} : { versionOf }),
        ...(toolCalls === undefined ? {} : { toolCalls }),
        ...(callId === undefined ? {} : { callId }),
      })),
    )
    if (title !== undefined) await stores.sessions.rename(tenant, id, title)
    counts.sessions++
  }
  return counts
}

/**
 * Refuses a file that is not what its name says: an export from a stranger could point at this user's own files, which
 * would then be answered from.
 */
async function mustHold(path: string, hash: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined)
  if (!found) throw new AndonError('not-found', `There is no ${path}: the export is not whole`)
  if (!found.isFile())
    throw new AndonError(
      'invalid',
      `${path} is ${found.isSymbolicLink() ? 'a link' : 'no file'}: an export holds files`,
    )
  const digest = createHash('sha256')
  for await (const chunk of createReadStream(path) as AsyncIterable<Uint8Array>) digest.update(chunk)
  if (digest.digest('hex') !== hash)
    throw new AndonError('invalid', `${path} holds not the bytes that its name says: export them again`)
}

async function writeLines(path: string, lines: AsyncIterable<unknown>, signal: AbortSignal | undefined): Promise<void> {
  const text = async function* () {
    for await (const line of lines) yield `${JSON.stringify(line)}\n`
  }
  await pipeline(Readable.from(text()), createWriteStream(path), signal ? { signal } : {})
}

async function* readLines<T>(path: string, shape: z.ZodType<T>): AsyncGenerator<T> {
  const input = createReadStream(path, 'utf8')
  input.on('error', () => {}) // reported by the reader below
  let number = 0
  try {
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      number++
      if (line.trim() !== '') yield shape.parse(JSON.parse(line))
    }
  } catch (reason) {
    if ((reason as NodeJS.ErrnoException).code === 'ENOENT')
      throw new AndonError('not-found', `There is no ${path}: give the folder that "andon export" wrote`)
    if (reason instanceof SyntaxError || reason instanceof z.ZodError)
      throw new AndonError('invalid', `Line ${number} of ${path} is not what "andon export" writes: ${reason.message}`)
    throw reason
  } finally {
    input.destroy()
  }
  if (input.errored) throw new AndonError('not-found', `${path} cannot be read: ${input.errored.message}`)
}
