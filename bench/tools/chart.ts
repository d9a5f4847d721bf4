// The chart and the table of a run, for people: calls per second, by powers of ten.

export interface ChartRow {
  cell: string
  bars: { label: string; value: number; kind: 'warm' | 'cold' | 'raw' | 'peer' | 'published' }[]
}

const colors = { warm: '#0f766e', cold: '#5eb5ac', raw: '#9ca3af', peer: '#c9a227', published: '#b45309' }
const left = 190
const width = 920
const line = 18

/** An SVG that stands alone, readable on light and dark. */
export function chart(title: string, rows: readonly ChartRow[]): string {
  const values = rows.flatMap(({ bars }) => bars.map(({ value }) => value))
  const most = Math.ceil(Math.log10(Math.max(...values)))
  const scale = (value: number): number => (Math.max(0, Math.log10(value)) / most) * (width - left - 250)
  const parts: string[] = []
  let y = 64
  for (const { cell, bars } of rows) {
    parts.push(`<text x="${left - 10}" y="${y + 12}" text-anchor="end" font-weight="600">${escaped(cell)}</text>`)
    for (const { label, value, kind } of bars) {
      const length = scale(value).toFixed(1)
      parts.push(
        `<rect x="${left}" y="${y + 2}" width="${length}" height="${line - 5}" rx="2" fill="${colors[kind]}"/>`,
        `<text x="${left + Number(length) + 6}" y="${y + 13}">${value.toLocaleString('en')} <tspan fill="#6b7280">${escaped(label)}</tspan></text>`,
      )
      y += line
    }
    y += 12
  }
  const grid = Array.from({ length: most + 1 }, (_, power) => {
    const x = left + scale(10 ** power)
    return `<path d="M${x} 52V${y}" stroke="#d1d5db" stroke-width="1"/><text x="${x}" y="46" text-anchor="middle" fill="#6b7280">${(10 ** power).toLocaleString('en')}</text>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y + 8}" width="${width}" height="${y + 8}" font-family="system-ui, sans-serif" font-size="12" fill="#111827"><title>${escaped(title)}</title><rect width="100%" height="100%" fill="#ffffff"/><text x="16" y="24" font-size="15" font-weight="600">${escaped(title)}</text>${grid.join('')}${parts.join('')}</svg>\n`
}

/** The same as a table in Markdown. */
export function table(
  rows: readonly { cell: string; [column: string]: number | string | undefined }[],
  columns: readonly string[],
): string {
  const shown = (value: number | string | undefined): string =>
    value === undefined ? '' : typeof value === 'number' ? value.toLocaleString('en') : value
  return [
    `| calls per second | ${columns.join(' | ')} |`,
    `|---|${columns.map(() => '--:|').join('')}`,
    ...rows.map((row) => `| ${row.cell} | ${columns.map((column) => shown(row[column])).join(' | ')} |`),
    '',
  ].join('\n')
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
