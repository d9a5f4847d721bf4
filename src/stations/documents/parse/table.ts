// How a row of a table is written: `| a | b |`, one row per line.

/** The cells as one line. Line breaks and runs of white space within a cell become a space. */
export function tableRow(cells: readonly string[]): string {
  const texts = cells.map((cell) => cell.replace(/\s+/g, ' ').trim())
  // Empty cells at the end carry nothing; those in the middle keep the columns apart.
  while (texts.length > 1 && texts.at(-1) === '') texts.pop()
  return `| ${texts.join(' | ')} |`
}
