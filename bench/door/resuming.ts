// Streams whose line is cut a hundred times, at random bytes: what was read of each is put together and must be the whole.

import { atLeast, atMost, type Gate } from '../harness.ts'
import type { ClientProcess } from './client.ts'
import type { ModelProcess } from './model.ts'
import { Child } from './process.ts'
import type { ServerProcess } from './server.ts'

const words = 120
const everyMs = 15

/** Runs it; a row for the record, and gates. */
export async function resuming(cuts: number): Promise<{ rows: unknown[]; gates: Gate[] }> {
  await using model = await Child.start<ModelProcess>('model.ts')
  await using server = await Child.start<ServerProcess>('server.ts', ['--expose-gc'])
  await using client = await Child.start<ClientProcess>('client.ts')
  await model.ask('pace', { pieces: words, everyMs })
  const url = await server.ask('open', { model: await model.ask('url'), limits: {} })
  try {
    const result = await client.ask('cutAndResume', { url, answers: cuts / 2, cutsEach: 2, atOnce: 8, seed: 7 })
    const { requests, whole } = await model.ask('reading')
    return {
      rows: [{ what: 'streams cut and resumed', words, ...result, modelRequests: requests, modelRequestsWhole: whole }],
      gates: [
        atLeast('cuts', result.cuts, cuts),
        atMost('answers that are not whole after their cuts', result.wrong, 0),
        atMost('events lost or doubled', result.lost + result.doubled, 0),
        atMost('model requests per answer', requests / result.answers, 1),
      ],
    }
  } finally {
    await server.ask('close')
  }
}
