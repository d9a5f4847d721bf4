// Jupyter notebooks: Markdown cells as Markdown, code cells as code with the text they printed.

import { addMarkdown } from './markdown.ts'
import type { PartBuilder } from './builder.ts'

/** Characters of one cell's printed output that are kept: logs of a training run are not what anybody asks for. */
const maxOutput = 2000

/** Whether JSON is a notebook of format 4, the one in use since 2015. */
export function isNotebook(value: unknown): value is Notebook {
  return isRecord(value) && 'nbformat' in value && Array.isArray(value['cells'])
}

/** A notebook: everything but the list of its cells is still to be checked. */
export type Notebook = Record<string, unknown> & { readonly cells: readonly unknown[] }

/** Adds the cells in their order. */
export function addNotebook(builder: PartBuilder, notebook: Notebook): void {
  const metadata = isRecord(notebook['metadata']) ? notebook['metadata']['language_info'] : undefined
  const name = isRecord(metadata) ? metadata['name'] : undefined
  const language = typeof name === 'string' ? name : 'python'
  for (const cell of notebook.cells) {
    if (!isRecord(cell)) continue
    const source = textOf(cell['source'])
    if (cell['cell_type'] === 'markdown') addMarkdown(builder, source)
    if (cell['cell_type'] !== 'code') continue
    builder.add('code', source, { language })
    const outputs: readonly unknown[] = Array.isArray(cell['outputs']) ? cell['outputs'] : []
    for (const output of outputs.filter(isRecord)) {
      const data = isRecord(output['data']) ? output['data']['text/plain'] : undefined
      builder.add('code', textOf(output['text'] ?? data).slice(0, maxOutput))
    }
  }
}

/** Text is kept as a string or as its lines. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : Array.isArray(value) ? value.join('') : ''
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
