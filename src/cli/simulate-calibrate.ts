// andon simulate --calibrate: a profile for a simulated engine, fitted to what andon bench measured of a server.

import { createReadStream } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { readResult } from '../bench/result.ts'
import { AndonError } from '../core/errors.ts'
import { checked } from '../simulate/checked.ts'
import { calibrate, readProfile, type MeasuredLoad } from '../simulate/index.ts'
import { exitCodes } from './exit-codes.ts'
import { table, type Output } from './output.ts'

const cellSchema = z.object({
  name: z.string(),
  load: z.discriminatedUnion('kind', [
    z.looseObject({ kind: z.literal('closed'), concurrency: z.int().min(1) }),
    z.looseObject({ kind: z.enum(['open', 'trace']) }),
  ]),
})

const targetSchema = z.object({ name: z.string(), speaks: z.string() })

const requestSchema = z.object({
  target: z.string(),
  cell: z.string(),
  round: z.number(),
  sentMs: z.number(),
  firstTokenMs: z.number().optional(),
  lastTokenMs: z.number().optional(),
  outcome: z.string(),
  promptTokens: z.number().optional(),
  cachedTokens: z.number().optional(),
  outputTokens: z.number(),
  tokensFrom: z.string(),
})

type MeasuredRequest = z.output<typeof requestSchema>

export interface CalibrateOptions {
  /** Folder of a run, or its result.json. */
  result: string
  /** Needed when the run had several. */
  target: string | undefined
  /** Name or file of the profile that everything else is taken from. */
  profile: string
  output: Output
}

/** Prints the profile, and on standard error how well it fits. */
export async function calibrateFrom({
  result: place,
  target,
  profile: from,
  output,
}: CalibrateOptions): Promise<number> {
  const result = await readResult(place)
  const folder = place.endsWith('.json') ? dirname(place) : place
  const name = targetOf(
    result.cells.flatMap(({ targets }) => targets.map((each) => each.target)),
    target,
  )
  const requests = (await readRequests(join(folder, 'requests.jsonl'))).filter((each) => each.target === name)
  const targets = checked(z.array(targetSchema), result['targets'], `The result in ${place}`)
  if (targets.some((each) => each.name === name && each.speaks === 'andon'))
    throw new AndonError(
      'invalid',
      `${name} was measured with --rag: its times are those of whole answers. Measure the model server behind it.`,
    )
  if (!result.valid) output.note('The run is marked invalid: its numbers may be those of its client.')
  if (result['simulated'] === true) output.note('The run was of a simulated server: so is what is fitted to it.')
  const loads: MeasuredLoad[] = []
  for (const cell of checked(z.array(cellSchema), result.cells, `The result in ${place}`))
    for (const [round, of] of Map.groupBy(
      requests.filter((each) => each.cell === cell.name),
      (each) => each.round,
    )) {
      const load = loadOf(`${cell.name}, round ${round}`, of)
      if (typeof load === 'string') output.note(`Left out ${cell.name}, round ${round}: ${load}.`)
      else loads.push(cell.load.kind === 'closed' ? { ...load, concurrency: cell.load.concurrency } : load)
    }
  const found = calibrate(
    loads,
    readProfile(from),
    `${name} as andon bench measured it at ${String(result['startedAt'])}`,
  )
  output.result({ ...found, calibratedFrom: place, target: name })
  output.line(JSON.stringify(found.profile, undefined, 2))
  const shown = (of: { measured: number; simulated: number }): string[] => [
    of.measured.toFixed(1),
    of.simulated.toFixed(1),
  ]
  const rows = found.loads.map(({ name: load, ttftMs, gapMs }) => [load, ...shown(ttftMs), ...shown(gapMs)])
  for (const line of table(['LOAD', 'TTFT MS', 'FITTED', 'BETWEEN TOKENS MS', 'FITTED'], rows)) output.note(line)
  output.note(
    `Means differ by ${(100 * found.residual).toFixed(1)} % (root mean square). Times are those of the client: the network and the server's front are in the constants.`,
  )
  return exitCodes.ok
}

function targetOf(names: readonly string[], wanted: string | undefined): string {
  const all = [...new Set(names)]
  const name = wanted ?? (all.length === 1 ? all[0] : undefined)
  if (name !== undefined && all.includes(name)) return name
  const which = wanted === undefined ? 'Several targets were measured' : `--target ${wanted} was not measured`
  throw new AndonError('invalid', `${which}: give one of ${all.join(', ')} as --target.`)
}

async function readRequests(file: string): Promise<MeasuredRequest[]> {
  const requests: MeasuredRequest[] = []
  try {
    for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity }))
      if (line !== '') requests.push(requestSchema.parse(JSON.parse(line)))
  } catch (cause) {
    throw new AndonError(
      'invalid',
      `${file} cannot be read as requests of andon bench: calibrating needs the length of each of them, beside result.json.`,
      { cause },
    )
  }
  return requests
}

/** Means of a round, or why they would tell nothing. */
function loadOf(name: string, requests: readonly MeasuredRequest[]): MeasuredLoad | string {
  const sent = requests.toSorted((one, other) => one.sentMs - other.sentMs)
  const missed = sent.filter(({ outcome }) => outcome !== 'ok').length
  if (missed > 0) return `${missed} of ${sent.length} requests were not answered`
  if (sent.some(({ tokensFrom }) => tokensFrom !== 'usage'))
    return 'its tokens are estimated, not counted by the server'
  let [waited, spoken, gaps] = [0, 0, 0]
  const first = sent[0]?.sentMs ?? 0
  const lengths = sent.map(
    ({ sentMs, firstTokenMs, lastTokenMs, promptTokens = 0, cachedTokens = 0, outputTokens }) => {
      waited += (firstTokenMs ?? Number.NaN) - sentMs
      spoken += (lastTokenMs ?? Number.NaN) - (firstTokenMs ?? Number.NaN)
      gaps += outputTokens - 1
      return { atMs: sentMs - first, promptTokens: Math.max(1, promptTokens - cachedTokens), outputTokens }
    },
  )
  if (!(gaps > 0 && waited > 0 && spoken > 0)) return 'its answers did not come token by token'
  return { name, requests: lengths, ttftMs: waited / sent.length, gapMs: spoken / gaps }
}
