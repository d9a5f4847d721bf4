// A document's blocks as they are read: headings, paragraphs, lists, tables and code, with places in them marked.

import type { ComponentChildren } from 'preact'
import type { Block } from '../../../src/core/document.ts'
import { textOf, type TextWindow } from './document-view-window.ts'
import { t } from './document-view-words.ts'

/** A place that is marked. */
export interface Place {
  start: number
  end: number
  /** The cited passage; something that was searched for; the one of these that is looked at. */
  kind: 'passage' | 'match' | 'current'
}

export interface BlocksProps {
  window: TextWindow
  /** In order. The passage may hold matches. */
  places: readonly Place[]
  /** The number of the window's first line, from 1; undefined while it is not known. */
  firstLine: number | undefined
}

interface Line {
  start: number
  end: number
}

interface TextLine extends Line {
  text: string
}

/** The blocks of a window. */
export function Blocks({ window, places, firstLine }: BlocksProps) {
  const passage = places.find(({ kind }) => kind === 'passage')
  const lineAt = lineCounter(window, firstLine)
  let page: number | undefined
  let heading = ''
  return (
    <>
      {window.blocks.map((block) => {
        const start = Math.max(block.start, window.start)
        const end = Math.min(block.end, window.end)
        const turned = block.page !== undefined && block.page !== page
        page = block.page ?? page
        if (block.kind === 'heading') heading = textOf(window, start, end)
        const hit = passage !== undefined && passage.start < end && passage.end > start
        return (
          <div key={block.start} class={`dv-block${hit ? ' hit' : ''}`} data-at={block.start}>
            {turned && (
              <p class="dv-page num">
                <span>{t('page', { n: page ?? 1 })}</span>
                {block.kind !== 'heading' && <span class="ell">{heading}</span>}
              </p>
            )}
            {window.document.pages === undefined && firstLine !== undefined && (
              <span class="dv-line" aria-hidden="true">
                {lineAt(start)}
              </span>
            )}
            <Shown
              block={block}
              lines={linesOf(window, start, end)}
              inline={(from, to) => marked(window, places, from, to)}
            />
          </div>
        )
      })}
    </>
  )
}

type Inline = (start: number, end: number) => ComponentChildren

function Shown({ block, lines, inline }: { block: Block; lines: TextLine[]; inline: Inline }) {
  const start = lines[0]?.start ?? block.start
  const end = lines.at(-1)?.end ?? block.end
  switch (block.kind) {
    case 'heading':
      // The page's own headings stand above those of a document.
      return (
        <p class="dv-h" role="heading" aria-level={Math.min((block.level ?? 1) + 2, 6)} data-level={block.level ?? 1}>
          {inline(start, end)}
        </p>
      )
    case 'list':
      return <List lines={lines} inline={inline} />
    case 'table':
      return <Table lines={lines} headerLines={block.headerLines ?? 0} inline={inline} />
    case 'code':
      return (
        <pre tabindex={0} role="group" aria-label={t('code')} translate={false} data-language={block.language}>
          <code>{inline(start, end)}</code>
        </pre>
      )
    case 'paragraph':
      return <p>{inline(start, end)}</p>
  }
}

function List({ lines, inline }: { lines: TextLine[]; inline: Inline }) {
  return (
    <ul>
      {lines.map(({ start, end, text }) => {
        const [marker = '', indent = ''] = /^(\s*)[-*+•] /.exec(text) ?? []
        const depth = (indent || (/^\s*/.exec(text)?.[0] ?? '')).length / 2
        // A bullet is drawn; a number is the document's own.
        return (
          <li key={start} class={marker === '' ? undefined : 'bullet'} data-depth={Math.min(Math.floor(depth), 4)}>
            {inline(start + marker.length, end)}
          </li>
        )
      })}
    </ul>
  )
}

function Table({ lines, headerLines, inline }: { lines: TextLine[]; headerLines: number; inline: Inline }) {
  const rows = lines.map((line, row) => (
    <tr key={line.start}>
      {cellsOf(line).map(({ start, end }) =>
        row < headerLines ? (
          <th key={start} scope="col">
            {inline(start, end)}
          </th>
        ) : (
          <td key={start}>{inline(start, end)}</td>
        ),
      )}
    </tr>
  ))
  return (
    <div class="dv-table" tabindex={0} role="group" aria-label={t('table')}>
      <table>
        {headerLines > 0 && <thead>{rows.slice(0, headerLines)}</thead>}
        <tbody>{rows.slice(headerLines)}</tbody>
      </table>
    </div>
  )
}

/** The cells of `| a | b |`; a line that is written in another way is one cell. */
function cellsOf({ start, end, text }: TextLine): Line[] {
  if (!text.startsWith('|')) return [{ start, end }]
  const cells: Line[] = []
  let at = 1
  for (const cell of text.replace(/ ?\|$/, '').slice(1).split(' |')) {
    const from = at + (cell.startsWith(' ') ? 1 : 0)
    cells.push({ start: start + from, end: start + at + cell.length })
    at += cell.length + 2
  }
  return cells
}

/** Text with its marks. A match within the passage divides it. */
function marked(window: TextWindow, places: readonly Place[], from: number, to: number): ComponentChildren {
  const here = places.filter(({ start, end }) => start < to && end > from)
  if (here.length === 0) return textOf(window, from, to)
  const edges = [...new Set([from, to, ...here.flatMap(({ start, end }) => [start, end])])]
    .filter((edge) => edge >= from && edge <= to)
    .sort((a, b) => a - b)
  return edges.slice(0, -1).map((start, index) => {
    const end = edges[index + 1] ?? to
    const text = textOf(window, start, end)
    const kinds = here.filter((place) => place.start <= start && place.end >= end).map(({ kind }) => kind)
    if (kinds.length === 0) return text
    return (
      <mark key={start} class={kinds.join(' ')} data-at={start} tabindex={-1}>
        {text}
      </mark>
    )
  })
}

/** The lines between two offsets. */
function linesOf(window: TextWindow, start: number, end: number): TextLine[] {
  let at = start
  return textOf(window, start, end)
    .split('\n')
    .map((text) => {
      const line = { start: at, end: at + text.length, text }
      at += text.length + 1
      return line
    })
}

/** Which line an offset is on; asked for offsets in order. */
function lineCounter(window: TextWindow, firstLine: number | undefined): (offset: number) => number {
  let at = window.start
  let line = firstLine ?? 1
  return (offset) => {
    line += breaksIn(textOf(window, at, offset))
    at = offset
    return line
  }
}

/** How many line breaks a text has. */
export function breaksIn(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1
  return count
}
