// The door under load: overload from half to five times its capacity, a thousand streams at once, and streams whose line
// is cut.
//
//   npm run -s bench:door -- --json [--quick] [--only overload|streams|cuts]

import { parseArgs } from 'node:util'
import { publish, say, type Gate } from '../harness.ts'
import { overload } from './overload.ts'
import { resuming } from './resuming.ts'
import { thousand } from './thousand.ts'

const { values } = parseArgs({
  options: { json: { type: 'boolean' }, quick: { type: 'boolean' }, only: { type: 'string' } },
})
const quick = values.quick === true

const parts: Record<string, () => Promise<{ rows: unknown[]; gates: Gate[] }>> = {
  cuts: () => resuming(quick ? 20 : 100),
  streams: () =>
    thousand(
      quick
        ? { streams: 200, rounds: 1, perSecond: 50, everyMs: 250, leaving: 50 }
        : { streams: 1000, rounds: 3, perSecond: 50, everyMs: 250, leaving: 100 },
    ),
  // As many words as one core can say: where the door's own cost shows.
  dense: () => thousand({ streams: quick ? 200 : 1000, rounds: 1, perSecond: 50, everyMs: 100, leaving: 50 }),
  overload: () =>
    overload(quick ? { rounds: 1, seconds: 5, longSeconds: 18 } : { rounds: 3, seconds: 6, longSeconds: 30 }),
}
const wanted = Object.keys(parts).filter((name) => values.only === undefined || values.only === name)
if (wanted.length === 0) throw new Error(`--only is ${values.only}: it must be ${Object.keys(parts).join(', ')}.`)

const rows: unknown[] = []
const gates: Gate[] = []
for (const name of wanted) {
  say(`${name} …`)
  const part = await parts[name]?.()
  rows.push(...(part?.rows ?? []))
  gates.push(...(part?.gates ?? []))
}
publish(
  {
    name: 'door',
    method:
      'The server with its handbook, a scripted model server and the client are processes of their own on one machine. ' +
      'Overload: capacity is the places over the median time of an answer while all places are taken; then questions arrive evenly, with jitter, ' +
      'at multiples of it whether or not earlier ones were answered. Good is a whole answer in the words of the model within four such times; ' +
      'refusals are timed in the server, from the request to the end of its response. Levels take turns in each round; medians over rounds. ' +
      'Streams: the model says a word (about sixty bytes on the wire) every 250 ms, or every 100 ms, on each of them, and goes on until its reader leaves; ' +
      'live memory is what the main thread holds after a collection. The bare server is node:http that passes the same bytes on. ' +
      'Times across processes are taken from the clock that they share. Cuts: answers that go on without a reader, cut at random bytes and resumed behind the last whole event.',
    rows,
    gates,
  },
  { keep: !quick && values.only === undefined },
)
