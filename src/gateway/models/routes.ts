// The routes around the models: what is said for a path whose model nobody serves, and how the router is, for people and
// for autoscalers.

import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import { AndonError } from '../../core/errors.ts'
import { signalsOf } from '../../router/autoscale.ts'
import { stateTogether } from '../../router/together.ts'
import type { App } from '../door.ts'
import { openAIErrors } from '../openai-error-schema.ts'
import type { Line } from '../processes/line.ts'
import type { Seen, Shown, What } from '../processes/messages.ts'
import { modelPaths } from './paths.ts'
import type { ModelRouter } from './router.ts'

/**
 * Adds GET /v1/router and GET /v1/router/signals, and whichever of the models' paths has no route of its own: what comes
 * there asks for a model that no endpoint has. With a line to other processes the first two tell of all of them, and
 * `x-andon-processes-silent` names those that did not answer in time.
 */
export function addModelRoutes(app: App, router: ModelRouter, line?: Line): void {
  const body = z.looseObject({ model: z.string().optional().describe('The name of a model that an endpoint serves') })
  const schema = { tags: ['Models'], summary: 'Passed on to a model', body, response: openAIErrors }
  for (const path of modelPaths) {
    if (app.hasRoute({ method: 'POST', url: path })) continue
    app.post(path, { schema, config: { scope: 'ask', openai: true } }, async (request) => {
      const { model } = request.body
      if (model === undefined)
        throw new AndonError('invalid', 'model is not set: name the model to ask.', { detail: { param: 'model' } })
      const known = router.models().map(({ id }) => id)
      throw known.includes(model) ? cannotDo(path, model) : noModel(model, known)
    })
  }
  const config = { scope: 'admin' } as const
  const state = { tags: ['Models'], summary: 'How the endpoints are' }
  app.get('/v1/router', { schema: state, config }, async (_request, reply) => {
    if (line === undefined) return router.state()
    return stateTogether(seenIn(reply, await line.look('state')))
  })
  const signals = { tags: ['Models'], summary: 'What an autoscaler wants to know' }
  app.get('/v1/router/signals', { schema: signals, config }, async (_request, reply) => {
    const demands = line === undefined ? router.demands() : seenIn(reply, await line.look('demands')).flat()
    return { models: signalsOf(demands) }
  })
  line?.shows('state', () => router.state())
  line?.shows('demands', () => router.demands())
}

/** What the processes show, and who is silent as a header. */
function seenIn<Which extends What>(reply: FastifyReply, { shown, silent }: Seen<Which>): Shown[Which][] {
  if (silent.length > 0) void reply.header('x-andon-processes-silent', silent.join(', '))
  return shown.map((each) => each.shown)
}

/** A model that no endpoint serves, with the names of some that are served. */
export function noModel(model: string, known: readonly string[]): AndonError {
  const are = known.length === 1 ? 'There is' : 'There are'
  const those = known.length === 0 ? 'No endpoint names any.' : `${are} ${known.slice(0, 20).join(', ')}.`
  return new AndonError('not-found', `No endpoint serves the model ${shown(model)}. ${those}`, { detail: { model } })
}

function cannotDo(path: string, model: string): AndonError {
  const sentence = `No endpoint of the model ${shown(model)} takes ${path}. What an endpoint can do stands in its option can.`
  return new AndonError('not-found', sentence, { detail: { model } })
}

function shown(model: string): string {
  return JSON.stringify(model.slice(0, 200))
}
