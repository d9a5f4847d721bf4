// Tables in Markdown, with numbers as people read them.

export type Cell = string | number | undefined

/** A table; a column that begins with a number is set to the right. */
export function table(columns: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const right = columns.map((_, at) => /^(≥ )?[\d.,]+( %|×)?$/.test(shown(rows[0]?.[at])))
  return [
    `| ${columns.join(' | ')} |`,
    `|${right.map((is) => (is ? '--:' : '---')).join('|')}|`,
    ...rows.map((row) => `| ${row.map(shown).join(' | ')} |`),
  ].join('\n')
}

/** Three digits are as many as a benchmark is sure of. */
export function shown(value: Cell): string {
  if (value === undefined || Number.isNaN(value)) return 'none'
  return typeof value === 'number' ? Number(value.toPrecision(3)).toLocaleString('en') : value
}
