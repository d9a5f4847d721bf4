// The bytes of a document as they came, read piece by piece while somebody takes them.

import { createReadStream } from 'node:fs'
import { throwIfOver } from '../core/call.ts'
import { AndonError } from '../core/errors.ts'
import type { Call } from '../core/station.ts'

/** The pieces of a file; over when the call is. A document whose file is gone was removed for good meanwhile. */
export async function* piecesOf(path: string, name: string, call: Call): AsyncGenerator<Uint8Array> {
  throwIfOver(call)
  try {
    for await (const piece of createReadStream(path, { signal: call.signal }) as AsyncIterable<Uint8Array>) yield piece
  } catch (reason) {
    throwIfOver(call)
    if ((reason as NodeJS.ErrnoException).code === 'ENOENT')
      throw new AndonError('not-found', `The bytes of ${name} are gone: it was removed for good`, { cause: reason })
    throw new AndonError('unavailable', `The bytes of ${name} cannot be read from the disk`, { cause: reason })
  }
}
