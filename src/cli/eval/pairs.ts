// andon cache eval: compares pairs of questions as the semantic cache does, and tells where it would have been right.

import { readFile } from 'node:fs/promises'
import { openCall } from '../../core/call.ts'
import { AndonError } from '../../core/errors.ts'
import { likenessBy, type Likeness } from '../../semantic/likeness.ts'
import { comparePairs, isHit, ratesOf, recommended, sweep, type Compared, type Rates } from '../../semantic/measure.ts'
import { readPairs, shippedPairs, type Pair } from '../../semantic/pairs.ts'
import type { CacheEvalOptions } from '../cache-eval.ts'
import { exitCodes } from '../exit-codes.ts'
import { counted, table } from '../output.ts'
import type { Shell } from '../shell.ts'
import { openEmbedder } from './embedder.ts'

/** Both ways of deciding, over the same pairs. */
interface Measured {
  guarded: Rates
  likenessAlone: Rates
}

/** The share of false hits that a recommended threshold leaves. */
const mostFalse = 0.01
/** Languages, and for the shipped pairs their halves. */
const groups: readonly { name: string; key: (pair: Pair) => string }[] = [
  { name: 'PAIRS', key: ({ language, half }) => (half === undefined ? language : `${language}, ${half}`) },
  { name: 'KIND', key: ({ kind }) => kind },
]

/** Runs the command. Ends with `failed` only when it could not measure: what is found is no failure. */
export async function runCacheEvaluation(options: CacheEvalOptions, shell: Shell): Promise<number> {
  const { output, configuration, signal } = shell
  const pairs = options.pairs === undefined ? shippedPairs() : await ownPairs(shell.path(options.pairs))
  await using stack = new AsyncDisposableStack()
  const likeness = likenessBy(await openEmbedder(configuration.options, stack))
  const threshold = thresholdOf(options, shell, likeness)
  using call = openCall({ tenant: configuration.options.tenant, signal })
  const compared = await comparePairs(pairs, likeness, call)

  const measured = measure(compared, threshold)
  const byGroup = groups.map(({ name, key }) => ({
    name,
    rows: [...Map.groupBy(compared, key)].map(([row, some]) => ({ row, ...measure(some, threshold) })),
  }))
  const [guarded, alone] = [sweep(compared, true), sweep(compared, false)]
  const wanted = { guarded: recommended(guarded, mostFalse), likenessAlone: recommended(alone, mostFalse) }
  const falseHits = compared.filter((each) => !each.same && isHit(each, { threshold, guarded: true }))

  output.result({
    likeness: likeness.name,
    threshold,
    pairs: pairs.length,
    ...measured,
    ...Object.fromEntries(byGroup.map(({ name, rows }) => [name === 'KIND' ? 'kinds' : 'languages', rows])),
    falseHits,
    recommended: wanted,
    sweep: { guarded, likenessAlone: alone },
  })
  const by = likeness.name === 'words' ? 'words (no embedder is configured)' : `vectors of ${likeness.name}`
  output.line(
    `${counted(pairs.length, 'pair')}${options.pairs === undefined ? ' that ship with Andon' : ''}, compared by ${by}; hits from ${threshold} on.`,
  )
  for (const { name, rows } of byGroup) {
    output.line()
    for (const line of rateTable(name, rows.length > 1 ? [...rows, { row: 'all', ...measured }] : rows))
      output.line(line)
  }
  output.line()
  output.line(falseHits.length === 0 ? 'No false hits.' : 'False hits:')
  for (const { language, kind, a, b, likeness: alike } of falseHits)
    output.line(`  ${alike.toFixed(2)}  ${language} ${kind}: «${a}» was taken for «${b}»`)
  output.line()
  const shown = guarded.flatMap((rates, at) =>
    at === 0 || (at >= 50 && at % 5 === 0) || rates.threshold === wanted.guarded
      ? [{ row: rates.threshold.toFixed(2), guarded: rates, likenessAlone: alone[at] ?? rates }]
      : [],
  )
  for (const line of rateTable('THRESHOLD', shown)) output.line(line)
  output.line()
  output.line(`Lowest threshold with at most ${percent(mostFalse)} false hits: ${advice(wanted.guarded, guarded)}.`)
  output.line(`By likeness alone, without the guards: ${advice(wanted.likenessAlone, alone)}.`)
  return exitCodes.ok
}

async function ownPairs(path: string): Promise<Pair[]> {
  const text = await readFile(path, 'utf8').catch((reason: unknown) => {
    const why = reason instanceof Error ? reason.message : String(reason)
    throw new AndonError('invalid', `The pairs ${path} cannot be read: ${why}`)
  })
  return readPairs(text, path)
}

function thresholdOf({ threshold }: CacheEvalOptions, { configuration }: Shell, likeness: Likeness): number {
  if (threshold === undefined) return configuration.options.cache.semanticThreshold ?? likeness.threshold
  const value = threshold.trim() === '' ? Number.NaN : Number(threshold)
  if (value >= 0 && value <= 1) return value
  throw new AndonError('invalid', `--threshold is «${threshold}»: give a number from 0 to 1, such as 0.8`)
}

function measure(compared: readonly Compared[], threshold: number): Measured {
  return {
    guarded: ratesOf(compared, { threshold, guarded: true }),
    likenessAlone: ratesOf(compared, { threshold, guarded: false }),
  }
}

function rateTable(name: string, rows: readonly (Measured & { row: string })[]): string[] {
  return table(
    [name, 'SAME', 'HITS', 'DIFFERENT', 'FALSE HITS', '95 %', 'WITHOUT GUARDS: HITS', 'FALSE HITS'],
    rows.map(({ row, guarded, likenessAlone }) => [
      row,
      ofAll(guarded.same, guarded.same),
      ofAll(guarded.hits, guarded.same, guarded.recall),
      ofAll(guarded.different, guarded.different),
      ofAll(guarded.falseHits, guarded.different, guarded.falseRate),
      guarded.different === 0 ? '' : guarded.falseInterval.map((share) => percent(share)).join(' to '),
      ofAll(likenessAlone.hits, likenessAlone.same, likenessAlone.recall),
      ofAll(likenessAlone.falseHits, likenessAlone.different, likenessAlone.falseRate),
    ]),
  )
}

/** A count with its share; nothing where there was nothing to count. */
function ofAll(count: number, all: number, share?: number): string {
  if (all === 0) return ''
  return share === undefined ? String(count) : `${count} (${percent(share)})`
}

function percent(share: number): string {
  const value = 100 * share
  return `${value > 0 && value < 10 ? value.toFixed(1).replace(/\.0$/, '') : value.toFixed(0)} %`
}

function advice(threshold: number | undefined, rates: readonly (Rates & { threshold: number })[]): string {
  const found = rates.find((each) => each.threshold === threshold)
  if (threshold === undefined || !found) return 'none'
  return `${threshold.toFixed(2)}, which finds ${percent(found.recall)} of those that mean the same`
}
