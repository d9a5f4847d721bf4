// Parses bytes as the parse station would, through a file in a folder that goes when the test ends.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import assert from 'node:assert/strict'
import { assemble } from '../../src/stations/documents/parse.ts'
import { open } from '../../src/stations/documents/parse/station.ts'
import type { Block } from '../../src/core/document.ts'
import type { Call } from '../../src/core/station.ts'
import type { Assembled } from '../../src/stations/documents/parse.ts'
import type { ParseInput, ParseOptions } from '../../src/stations/documents/parse/station.ts'

/** A folder for one test. */
export interface Folder extends AsyncDisposable {
  readonly path: string
  /** Writes a file and gives its path. */
  write(name: string, bytes: Uint8Array | string): Promise<string>
}

/** A new folder under the system's folder for temporary files; disposal removes it. */
export async function folder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'andon-test-'))
  return {
    path,
    async write(name, bytes) {
      const file = join(path, name)
      await writeFile(file, bytes)
      return file
    },
    async [Symbol.asyncDispose]() {
      await rm(path, { recursive: true, force: true })
    },
  }
}

/** A call that nobody cancels. */
export function call(signal: AbortSignal = new AbortController().signal): Call {
  return { id: 'test', tenant: 'default', signal, deadline: Number.POSITIVE_INFINITY }
}

/** The whole document that bytes of this name hold, its blocks checked (see {@link checkBlocks}). */
export async function parseBytes(
  name: string,
  bytes: Uint8Array | string,
  more: Partial<ParseInput> & { options?: ParseOptions; signal?: AbortSignal } = {},
): Promise<Assembled> {
  const { options, signal, ...input } = more
  await using place = await folder()
  const path = await place.write('file', bytes)
  const station = open(options ?? null)
  const whole = await assemble(station.run({ path, name, ...input }, call(signal)))
  checkBlocks(whole)
  return whole
}

/** Blocks come in order, do not overlap, say something, and leave nothing but white space between them. */
export function checkBlocks({ text, blocks }: { text: string; blocks: readonly Block[] }): void {
  let end = 0
  for (const block of blocks) {
    assert.ok(block.start >= end, `the block at ${block.start} begins before the one before it ends at ${end}`)
    assert.match(text.slice(block.start, block.end), /\S/, `the block at ${block.start} is blank`)
    assert.doesNotMatch(text.slice(end, block.start), /\S/, `there is text outside of blocks before ${block.start}`)
    end = block.end
  }
  assert.doesNotMatch(text.slice(end), /\S/, 'there is text behind the last block')
}

/** Blocks as `kind: text`, for reading. */
export function shown({ text, blocks }: { text: string; blocks: readonly Block[] }): string[] {
  return blocks.map((block) => `${block.kind}${block.level ?? ''}: ${text.slice(block.start, block.end)}`)
}
