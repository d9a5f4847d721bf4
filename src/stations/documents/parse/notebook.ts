// Jupyter notebooks: Markdown cells as Markdown, code cells as code with the text they printed.

import { addMarkdown } from './markdown.ts'
import type { Plain } from '../../../core/plain.ts'
import type { PartBuilder } from './builder.ts'

interface Cell {
  cell_type?: Plain
  source?: Plain
  outputs?: Plain
}

/** Characters of one cell's printed output that are kept: logs of a training run are not what anybody asks for. */
const maxOutput = 2000

/** Whether JSON is a notebook of format 4, the one in use since 2015. */
export function isNotebook(value: Plain): value is { readonly cells: readonly Plain[] } {
  return (
    typeof value === 'object' && value !== null && 'nbformat' in value && 'cells' in value && Array.isArray(value.cells)
  )
}

/** Adds the cells in their order. */
export function addNotebook(builder: PartBuilder, notebook: { readonly cells: readonly Plain[] } & Plain): void {
  const language = languageOf(notebook)
  for (const one of notebook.cells) {
    if (typeof one !== 'object' || one === null) continue
    const cell = one as Cell
    const source = textOf(cell.source)
    if (cell.cell_type === 'markdown') addMarkdown(builder, source)
    else if (cell.cell_type === 'code') {
      builder.add('code', source, { language })
      for (const output of Array.isArray(cell.outputs) ? cell.outputs : []) {
        const { text, data } = (output ?? {}) as { text?: Plain; data?: Record<string, Plain> }
        builder.add('code', textOf(text ?? data?.['text/plain']).slice(0, maxOutput))
      }
    }
  }
}

/** Text is kept as a string or as its lines. */
function textOf(value: Plain | undefined): string {
  return typeof value === 'string' ? value : Array.isArray(value) ? value.join('') : ''
}

function languageOf(notebook: Plain): string {
  const { metadata } = notebook as { metadata?: { language_info?: { name?: Plain } } }
  const name = metadata?.language_info?.name
  return typeof name === 'string' ? name : 'python'
}
