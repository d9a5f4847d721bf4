// Row numbers: an edition is one loaded version of a document, and its passages are a range of rows. SQLite and
// JavaScript agree on them up to 2^53, which is eight billion editions of a million passages.

/** Passages one edition may have. */
export const rowsPerEdition = 2 ** 20

export function rowOf(edition: number, ordinal: number): number {
  return edition * rowsPerEdition + ordinal
}

export function editionOf(row: number): number {
  return Math.floor(row / rowsPerEdition)
}

/** First and last row of an edition. */
export function rowRange(edition: number): [first: number, last: number] {
  return [edition * rowsPerEdition, (edition + 1) * rowsPerEdition - 1]
}
