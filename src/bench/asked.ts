// What a run measured and how often, in words: its options and its rounds, as the result has them.

import type { BenchResult } from './result.ts'

/** One sentence of the work and the loads. */
export function askedFor({ options }: BenchResult): string {
  const of = (name: string): string | undefined => {
    const value = options[name]
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
  }
  const { duration, requests = duration === undefined ? '100' : undefined } = {
    duration: of('duration'),
    requests: of('requests'),
  }
  const sharedPrefix = of('sharedPrefix')
  const groups = of('prefixGroups')
  const isRag = options['rag'] === true
  const isDrawn = of('prompts') === undefined && of('trace') === undefined
  const isShared = isDrawn && sharedPrefix !== undefined && Number(sharedPrefix) > 0
  const parts = [
    isRag
      ? `questions of ${of('prompts') ?? 'a file'} to Andon, whose answers are as long as it makes them`
      : promptsOf(of),
    !isRag && of('trace') === undefined && of('output') !== undefined
      ? `output of at most ${tokens(of('output'))}`
      : undefined,
    isShared
      ? `${sharedPrefix} of each prompt shared${groups === undefined ? '' : ` in ${countedText(groups, 'group')}`}`
      : undefined,
    requests === undefined ? undefined : `${countedText(requests, 'request')} a round`,
    duration === undefined ? undefined : `at most ${duration} s a round`,
    of('cancel') === undefined ? undefined : `left by their client (share:ms) ${of('cancel')}`,
    options['stream'] === false ? 'answers in one piece' : undefined,
    loopOf(of),
  ]
  return `Measured: ${parts.filter((part) => part !== undefined).join(', ')}.`
}

/** How many rounds there were: `3 rounds`, or of a run that was stopped, those that each load really had. */
export function roundsHad({ complete, rounds, cells }: BenchResult): string {
  if (complete) return counted(rounds, 'round')
  if (cells.length === 0) return `0 of ${counted(rounds, 'round')}`
  const had = cells.map(({ name, targets }) => {
    const counts = targets.map((each) => each.rounds.length)
    const isSame = new Set(counts).size === 1
    const each = isSame ? String(counts[0]) : targets.map(({ target }, at) => `${target} ${counts[at]}`).join(', ')
    return cells.length === 1 && isSame ? each : `${name}: ${each}`
  })
  return `${had.join('; ')} of ${counted(rounds, 'round')}`
}

/** `1 round`, `3 rounds`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

function promptsOf(of: (name: string) => string | undefined): string | undefined {
  const [own, trace, input] = [of('prompts'), of('trace'), of('input')]
  if (own !== undefined) return `prompts of ${own}`
  if (trace !== undefined) return `prompts and output as long as in ${trace}`
  return input === undefined ? undefined : `prompts of ${tokens(input)}`
}

function loopOf(of: (name: string) => string | undefined): string {
  const [rate, sweep, arrivals] = [of('rate'), of('sweep'), of('arrivals')]
  const how = arrivals === undefined ? '' : `, arrivals ${arrivals}`
  if (of('trace') !== undefined) return 'in an open loop as the trace says'
  if (sweep !== undefined) return `in a sweep of ${sweep}${sweep.startsWith('rate') ? how : ''}`
  if (rate !== undefined) return `in an open loop of ${rate} a second${how}`
  return `in a closed loop of ${of('concurrency') ?? '1'} at once`
}

function tokens(length = ''): string {
  return countedText(length, 'token')
}

function countedText(count: string, noun: string): string {
  return `${count} ${noun}${count === '1' ? '' : 's'}`
}
