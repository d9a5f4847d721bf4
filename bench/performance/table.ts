// Tables in Markdown, with numbers as people read them.

export type Cell = string | number | undefined

/** A table; a column of numbers is set to the right. */
export function table(columns: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const cells = rows.map((row) => row.map((cell) => shown(cell).replaceAll('|', String.raw`\|`)))
  const right = columns.map((_, at) => cells.every((row) => isNumber.test(row[at] ?? '')))
  return [
    `| ${columns.join(' | ')} |`,
    `|${right.map((is) => (is ? '--:' : '---')).join('|')}|`,
    ...cells.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n')
}

const isNumber = /^(?:none|(?:≥ |over )?[\d.,]+(?: %|×)?)$/

/** Three digits are as many as a benchmark is sure of. */
export function shown(value: Cell): string {
  if (value === undefined || Number.isNaN(value)) return 'none'
  return typeof value === 'number' ? Number(value.toPrecision(3)).toLocaleString('en') : value
}
