// The result of a run on concurrency, and its tables.

import { AndonError } from '../../core/errors.ts'
import type { Environment } from '../environment.ts'
import { groups, type Group, type Row } from './measure.ts'
import { groupTitles, subjects, valueTitle, variants, type Language } from './words.ts'

export interface ConcurrencyResult {
  schema: 'andon.bench.concurrency/1'
  method: string
  conditions: Environment
  /** Samples of each row. */
  rounds: number
  seconds: number
  rows: Row[]
}

/** The groups of a list with commas. Throws `invalid` when there is no such group. */
export function groupsOf(list: string): Group[] {
  const given = list.split(',').map((name) => name.trim())
  const wrong = given.find((name) => !groups.some((group) => group === name))
  if (wrong === undefined) return groups.filter((group) => given.includes(group))
  throw new AndonError('invalid', `There is no group "${wrong}" to measure: give some of ${groups.join(', ')}`)
}

/** A table of one group, as text. */
export interface ResultTable {
  group: Group
  head: string[]
  lines: string[][]
}

/** The tables of what was measured, or of the rows with these ids: a table per group. */
export function tablesOf(rows: readonly Row[], language: Language): ResultTable[] {
  return groups.flatMap((group) => {
    const own = rows.filter((row) => row.group === group)
    if (own.length === 0) return []
    const columns = [...new Set(own.map(({ variant }) => variant))]
    const lines = Object.entries(subjects[group]).flatMap(([subject, words]) => {
      const line = own.filter((row) => row.subject === subject)
      if (line.length === 0) return []
      const cells = columns.map((variant) => {
        const row = line.find((each) => each.variant === variant)
        return row ? cellOf(row, language) : ''
      })
      return [[words[language], ...cells]]
    })
    const heads = columns.map((variant) => (variant === undefined ? valueTitle : variants[variant])?.[language] ?? '')
    return [{ group, head: [groupTitles[group][language], ...heads], lines }]
  })
}

/** What it ran on, and for how long. */
export function machineOf({ conditions, rounds, seconds }: ConcurrencyResult, language: Language): string {
  const { node, cpu, cores, memoryGiB, loadBefore } = conditions
  return language === 'zh'
    ? `Node ${node.slice(1)}，${cores} 核 ${cpu}，内存 ${memoryGiB} GiB，之前的平均负载 ${loadBefore}；${rounds} 轮，${seconds} 秒`
    : `Node ${node.slice(1)}, ${cores} cores of ${cpu}, ${memoryGiB} GiB, load average before: ${loadBefore}; ${rounds} rounds in ${seconds} s`
}

/** `12.3 µs (11.9 – 14)`: the median, and where the middle half of the samples lies, in the same unit. */
function cellOf({ unit, median, low, high }: Row, language: Language): string {
  const { name, size } = unitOf(unit, median)
  const shown = (value: number): string => String(Number((value / size).toPrecision(3)))
  const range = `${shown(low)} – ${shown(high)}`
  return `${shown(median)} ${name} ${language === 'zh' ? `（${range}）` : `(${range})`}`
}

function unitOf(unit: Row['unit'], value: number): { name: string; size: number } {
  if (unit === 'us')
    return value < 0.9995
      ? { name: 'ns', size: 0.001 }
      : value < 999.5
        ? { name: 'µs', size: 1 }
        : { name: 'ms', size: 1_000 }
  return value < 999.5
    ? { name: 'B', size: 1 }
    : value < 999_500
      ? { name: 'kB', size: 1_000 }
      : { name: 'MB', size: 1_000_000 }
}
