// Names for one thing that share no word, such as an abbreviation and what it stands for: a question that uses one is
// searched for the others as well, at less weight. General knowledge of business language, and no more of it than that.

/** Each line says one thing in several ways. A way in small letters is also found in the plural. */
const groups = [
  ['capital expenditure', 'capex', 'capital spending', 'purchases of property, plant and equipment'],
  ['PP&E', 'PPE', 'PPNE', 'property, plant and equipment'],
  ['COGS', 'cost of goods sold', 'cost of sales', 'cost of revenue'],
  ['SG&A', 'selling, general and administrative expenses'],
  ['R&D', 'research and development'],
  ['D&A', 'depreciation and amortization'],
  ['M&A', 'mergers and acquisitions'],
  ['EPS', 'earnings per share'],
  ['FCF', 'free cash flow'],
  ['ROI', 'return on investment'],
  ['ROE', 'return on equity'],
  ['ROA', 'return on assets'],
  ['ETR', 'effective tax rate'],
  ['FX', 'foreign exchange', 'currency'],
  ['YoY', 'year over year', 'year-on-year'],
  ['accounts receivable', 'trade receivables'],
  ['accounts payable', 'trade payables'],
  ['operating cash flow', 'cash flow from operations', 'net cash provided by operating activities'],
  ['share repurchase', 'stock repurchase', 'buyback', 'purchases of treasury stock'],
  ['net income', 'net earnings', 'net profit'],
  ['revenue', 'net sales'],
  ['P&L', 'income statement', 'statement of income', 'statement of operations', 'statement of earnings'],
  ['balance sheet', 'statement of financial position'],
] as const

/** Words of a question that can be said otherwise. */
export interface Equivalent {
  /** The words: `question.slice(start, end)`. */
  start: number
  end: number
  /** What else they may be called. */
  ways: string[]
  /** Whether the words themselves need not be searched for: `FY` of a year. */
  instead: boolean
}

const ways = groups.flatMap((group) =>
  group.map((way) => ({ pattern: patternOf(way), others: group.filter((other) => other !== way) })),
)

/** `FY2018`, `FY 18`: written as such, as a year, and as a fiscal year. */
const fiscalYear = /\bFY[\s-]?'?((?:20)?\d\d)\b/g
const quarter = /\bQ([1-4])\b/g
const ordinals = ['first', 'second', 'third', 'fourth']

/** What a question names in words that have equivalents, in order of the table. */
export function equivalents(question: string): Equivalent[] {
  const found: Equivalent[] = []
  for (const { pattern, others } of ways) {
    const match = pattern.exec(question)
    if (match) found.push({ ...spanOf(match), ways: others, instead: false })
  }
  for (const match of question.matchAll(fiscalYear)) {
    const year = (match[1] ?? '').slice(-2)
    found.push({ ...spanOf(match), ways: [`20${year}`, `fiscal 20${year}`, `FY${year}`], instead: true })
  }
  for (const match of question.matchAll(quarter))
    found.push({ ...spanOf(match), ways: [`${ordinals[Number(match[1]) - 1] ?? ''} quarter`], instead: false })
  return found
}

function spanOf(match: RegExpExecArray): { start: number; end: number } {
  return { start: match.index, end: match.index + match[0].length }
}

/** Abbreviations only as they are written, words in any case and number. */
function patternOf(way: string): RegExp {
  const escaped = way.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
  return way === way.toLowerCase()
    ? new RegExp(`\\b${escaped}s?\\b`, 'i')
    : new RegExp(`(?<![\\w&])${escaped}(?![\\w&])`)
}
