// Opens the embedded stores: one data directory, one process, one writer thread, any number of reader threads.

import { join } from 'node:path'
import { openCall } from '../../core/call.ts'
import { recipeBeside } from '../../core/recipe.ts'
import { one } from '../../core/station.ts'
import type { Places, Recipe } from '../../core/station.ts'
import type { Generations, PassageIndex, Stores } from '../store.ts'
import { backupTo } from './backup.ts'
import { BlobKeeper } from './blob-keeper.ts'
import { openBlobs, strayBlobs } from './blobs.ts'
import type { InputOf, ReplyOf } from './context.ts'
import { frontOf } from './front.ts'
import { lockDirectory } from './lock.ts'
import type { reads, ReadCommand, ReaderOptions, ReadReply } from './reader.ts'
import { makeVectorMemory } from './vectors/memory.ts'
import { blobFolder } from './writer.ts'
import type { writes, WriteCommand, WriteReply, WriterOptions } from './writer.ts'

export interface EmbeddedOptions {
  /** The data directory; made when it is not there. */
  path: string
  places: Places
  /** Where the writer runs: `inline`, or a pool of one thread. */
  writer: string
  /** Where the readers run: `inline`, or a pool of threads. */
  readers: string
  /** Most MiB of memory the int8 vectors may take (384 bytes each at 384 dimensions). Default 4,096. */
  maximumVectorMb?: number
  /** Most pages of 4 KiB the database may have. Default: what the disk has room for. */
  maximumPages?: number
}

/** How old a blob must be that nobody refers to before it is taken for a stray one: a day, in milliseconds. */
const strayForMs = 86_400_000

/** How to open the index inside a reader thread: `(options, shared) => Promise<PassageIndex & Disposable>`. */
export interface IndexRecipe {
  readonly module: string
  readonly export: 'openIndex'
  readonly options: { readonly [key: string]: string; readonly path: string }
  /** Give it to every recipe of a station that opens the index. */
  readonly shared: object
}

/** The embedded stores, and what only they can do. */
export interface EmbeddedStores extends Stores, Generations {
  readonly indexRecipe: IndexRecipe
  /** A copy of everything, made while running, as a folder that must not exist yet. */
  backup(to: string): Promise<{ path: string; documents: number; bytes: number }>
}

/** Carries out a writer's command. */
export type Write = <Kind extends keyof typeof writes>(
  kind: Kind,
  input: InputOf<typeof writes, Kind>,
) => Promise<ReplyOf<typeof writes, Kind>>

/** Carries out a reader's command. */
export type Read = <Kind extends keyof typeof reads>(
  kind: Kind,
  input: InputOf<typeof reads, Kind>,
) => Promise<ReplyOf<typeof reads, Kind>>

/**
 * Opens a data directory. Throws `conflict` when another process has it or a newer Andon made it. Dispose the stores
 * before the places; stations that opened the index must be disposed by then or go with their pool.
 */
export async function openEmbeddedStores(options: EmbeddedOptions): Promise<EmbeddedStores> {
  const { path, places } = options
  await using opened = new AsyncDisposableStack()
  opened.use(lockDirectory(path))
  const shared = makeVectorMemory(options.maximumVectorMb)
  const limits = options.maximumPages === undefined ? {} : { maximumPages: options.maximumPages }
  const writer = opened.use(
    await places.open(recipe<WriteCommand, WriteReply>('./writer', { path, ...limits }, shared), options.writer),
  )
  const reader = opened.use(
    await places.open(recipe<ReadCommand, ReadReply>('./reader', { path }, shared), options.readers),
  )
  // The two casts say what the tables of handlers say: a command's reply is its handler's.
  const write: Write = async (kind, input) => {
    using call = openCall({ tenant: 'andon' })
    const { value } = await one(writer, { kind, input } as WriteCommand, call)
    return value as ReplyOf<typeof writes, typeof kind>
  }
  const read: Read = async (kind, input) => {
    using call = openCall({ tenant: 'andon' })
    const { value } = await one(reader, { kind, input } as ReadCommand, call)
    return value as ReplyOf<typeof reads, typeof kind>
  }
  const keeper = new BlobKeeper()
  const blobs = await openBlobs(join(path, blobFolder), {
    remove: (hash) => keeper.remove(hash, () => write('removeBlob', { hash })),
    arriving: (hash) => keeper.arrive(hash),
  })
  const index: PassageIndex = {
    statistics: (tenant, terms) => read('statistics', { tenant, terms }),
    similar: (tenant, term) => read('similar', { tenant, term }),
    keyword: (tenant, terms, filter, k) => read('keyword', { tenant, terms, filter, k }),
    vector: (tenant, generation, vector, filter, k) => read('vector', { tenant, generation, vector, filter, k }),
    passages: (tenant, rowIds) => read('passages', { tenant, rowIds }),
    passagesById: (tenant, ids) => read('passagesById', { tenant, ids }),
  }
  const indexModule = recipeBeside(import.meta, './index', 'openIndex', { path })
  const front = frontOf(write, read)
  const resources = opened.move()
  return {
    ...front,
    library: {
      ...front.library,
      async accept(input) {
        try {
          return await front.library.accept(input)
        } finally {
          // Its row keeps the blob from now on; or nobody does, when it was refused.
          keeper.arrived(input.hash)
        }
      },
      async purge(before) {
        const { documents, orphanedBlobs } = await write('purge', { before })
        const referenced = new Set(await read('referencedBlobs', null))
        const strays = await strayBlobs(join(path, blobFolder), referenced, Date.now() - strayForMs)
        return { documents, orphanedBlobs: [...new Set([...orphanedBlobs, ...strays])] }
      },
    },
    blobs,
    index,
    indexRecipe: { module: indexModule.module, export: 'openIndex', options: { path }, shared },
    backup: (to) =>
      keeper.during(() => backupTo(to, join(path, blobFolder), (file) => read('copyDatabase', { to: file }))),
    generationStatus: () => read('generationStatus', null),
    reindexBatch: (analyser, limit) => write('reindexBatch', { analyser, limit }),
    putTerms: (analyser, passages) => write('putTerms', { analyser, passages }),
    keepGeneration: (generation) => write('keepGeneration', { generation }),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

function recipe<Input, Output>(
  path: string,
  options: WriterOptions | ReaderOptions,
  shared: object,
): Recipe<Input, Output> {
  return { ...recipeBeside<Input, Output>(import.meta, path, 'open', options), shared }
}
