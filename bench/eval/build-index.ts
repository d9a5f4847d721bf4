// Documents to a measured index, by the same parsing, splitting and analysis that a loaded document gets.

import { globSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import type { ParsedPart } from '../../src/core/document.ts'
import { documentsOf } from '../../src/cli/eval/set.ts'
import { parseMarkdown } from '../../src/stations/documents/parse/markdown.ts'
import { parseText } from '../../src/stations/documents/parse/text.ts'
import { prepare } from '../../src/stations/documents/prepare.ts'
import { split } from '../../src/stations/documents/split.ts'
import type { SplitOptions } from '../../src/stations/documents/split.ts'
import { MemoryIndex } from './memory-index.ts'

/** An index over `corpus.jsonl` of a retrieval set. */
export async function indexOfSet(folder: string, options: SplitOptions = {}): Promise<MemoryIndex> {
  const index = new MemoryIndex()
  for await (const { _id, title, text } of documentsOf(folder)) {
    addPart(index, _id, title ?? '', parseText(text), options)
  }
  index.finish()
  return index
}

/** An index over the Markdown files below a folder, each under its path there. */
export function indexOfFolder(folder: string, options: SplitOptions = {}): MemoryIndex {
  const index = new MemoryIndex()
  for (const path of globSync('**/*.md', { cwd: folder }).sort()) {
    const file = join(folder, path)
    const part = parseMarkdown(readFileSync(file, 'utf8'))
    const name = relative(folder, file).split(sep).join('/')
    addPart(index, name, part.title ?? name, part, options)
  }
  index.finish()
  return index
}

function addPart(index: MemoryIndex, id: string, title: string, part: ParsedPart, options: SplitOptions): void {
  const passages = split(part.text, part.blocks, options)
  index.add(
    id,
    title,
    passages.map((passage, ordinal) => prepare(part.text, title, passage, ordinal)),
  )
}
