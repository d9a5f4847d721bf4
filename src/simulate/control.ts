// The control server of a fleet: one more port, on this machine only, at which engines are made to fail and are asked
// what they have seen.
//
//   GET  /control                    stats of all engines
//   GET  /control/<n>                stats of one, by its number from 0
//   POST /control/<n|all>/<action>   kill, up, hang, resume, slow {"times": 8}, faults {…}, reset

import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import { AndonError } from '../core/errors.ts'
import { checked } from './checked.ts'
import { engineFaultsSchema } from './faults.ts'
import { readJson, sendError, sendJson } from './http/wire.ts'
import { listenAt } from './listening.ts'
import type { SimulatedEngine } from './simulated-engine.ts'

const slowSchema = z.strictObject({ times: z.number().positive().max(10_000) })

type Action = (engine: SimulatedEngine, body: unknown) => void | Promise<void>

const actions: Readonly<Record<string, Action>> = {
  kill: async (engine) => engine.kill(),
  up: async (engine) => engine.up(),
  hang: (engine) => engine.hang(),
  resume: (engine) => engine.resume(),
  slow: (engine, body) => engine.slow(checked(slowSchema, body).times),
  faults: (engine, body) => engine.fault(checked(engineFaultsSchema, body)),
  reset: (engine) => engine.resetStats(),
}

/** A control server. */
export interface Control extends AsyncDisposable {
  /** Its address, without a path. */
  readonly url: string
}

/** Opens the control server of these engines on 127.0.0.1. Throws `conflict` when the port is taken. */
export async function openControl(engines: readonly SimulatedEngine[], port = 0): Promise<Control> {
  const server = createServer((request, response) => {
    serve(engines, request, response).catch((reason: unknown) => sendError(response, reason))
  })
  await listenAt(server, { host: '127.0.0.1', port }, '--control-port')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

async function serve(
  engines: readonly SimulatedEngine[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readJson(request)
  const [, root, which = 'all', name] = (request.url ?? '/').split('?', 1)[0]?.split('/') ?? []
  const named = which === 'all' ? engines : engines.filter((_, index) => String(index) === which)
  if (root !== 'control' || named.length === 0)
    throw new AndonError(
      'not-found',
      `There is no ${request.url}: try /control/all, or an engine from 0 to ${engines.length - 1}.`,
    )
  if (request.method === 'POST') {
    const action = name !== undefined && Object.hasOwn(actions, name) ? actions[name] : undefined
    if (!action) throw new AndonError('not-found', `${name} is none of ${Object.keys(actions).join(', ')}.`)
    for (const engine of named) await action(engine, body)
  } else if (name !== undefined) throw new AndonError('not-found', `${name} needs POST.`)
  sendJson(response, which === 'all' ? named.map(({ stats }) => stats) : named[0]?.stats)
}
