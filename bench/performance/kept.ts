// Results as they are kept in bench/results, and the sentence that says what they ran on.

import { existsSync, readFileSync } from 'node:fs'
import type { Gate } from '../harness.ts'

/** A kept result. What its rows are is known to the benchmark that wrote it. */
export interface Kept<Row> {
  method: string
  rows: Row[]
  conditions: Record<string, string | number>
  gates: Gate[]
}

/** What a section of the page is made of: text for its place, and pictures by their file name. */
export interface Section {
  text: string
  pictures: Record<string, string>
}

/** The result of this name, or undefined when the benchmark has not been run. */
export function readKept<Row>(name: string): Kept<Row> | undefined {
  const file = new URL(`../results/${name}.json`, import.meta.url)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Kept<Row>) : undefined
}

/** When and on what it ran, and which bounds it missed. */
export function ranOn({ conditions, gates }: Kept<unknown>): string {
  const { date, commit, node, cpu, cores } = conditions
  const missed = gates.filter(({ ok }) => !ok)
  const bounds =
    missed.length === 0
      ? `All ${gates.length} bounds held.`
      : `${gates.length - missed.length} of ${gates.length} bounds held; missed: ${missed.map(({ name, value, bound }) => `${name} (${value}, bound ${bound})`).join('; ')}.`
  return `Ran on ${date} at commit ${commit}: Node ${String(node).replace(/^v/, '')}, ${cores} cores of ${cpu}. ${bounds}`
}

/** A picture with what stands in it for who cannot see it. Without the picture there is nothing to show. */
export function picture(file: string, alternative: string): string {
  return `![${alternative}](pictures/${file})`
}
