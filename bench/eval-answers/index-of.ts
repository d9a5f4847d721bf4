// The documents of a retrieval set, split as the product splits them, in a memory index.

import { documentsOf } from '../../src/cli/eval/set.ts'
import type { Block } from '../../src/core/document.ts'
import { prepare } from '../../src/stations/documents/prepare.ts'
import { split } from '../../src/stations/documents/split.ts'
import { MemoryIndex } from './memory-index.ts'

/** Reads a folder with a `corpus.jsonl`. */
export async function indexOf(folder: string): Promise<MemoryIndex> {
  const index = new MemoryIndex()
  for await (const { _id: id, title, text } of documentsOf(folder)) {
    const passages = split(text, paragraphs(text)).map((one, ordinal) => prepare(text, title ?? '', one, ordinal))
    index.add({ id, title: title ?? '', passages })
  }
  return index
}

function paragraphs(text: string): Block[] {
  const blocks: Block[] = []
  for (const match of text.matchAll(/[^\n]+/g))
    blocks.push({ kind: 'paragraph', start: match.index, end: match.index + match[0].length })
  return blocks
}
