// Small documents that can be told apart by one word each, and in which every sentence can be missed.

export function documentName(number: number): string {
  return `report-${String(number).padStart(4, '0')}.md`
}

/** A word that stands in this document alone. */
export function markOf(number: number): string {
  return `zq${number.toString(26).replace(/\d/g, (digit) => 'qrstuvwxyz'[Number(digit)] ?? 'q')}kx${'abcdefghij'[number % 10]}`
}

export const sectionsPerDocument = 6

export function documentText(number: number): string {
  const mark = markOf(number)
  const sections = Array.from(
    { length: sectionsPerDocument },
    (_, section) =>
      `## Section ${section} of ${mark}\n\nThe ${mark} station in hall ${section} was inspected on day ${number + section}. ` +
      `${'Every reading was within its limits and nothing had to be replaced. '.repeat(8)}The seal of hall ${section} reads ${mark}${section}.\n`,
  )
  return `# Report ${mark}\n\n${sections.join('\n')}`
}
