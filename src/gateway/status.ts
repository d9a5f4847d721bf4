// GET /v1/status: how the house is, what it is set up to do, and how much of it the caller uses.

import type { Health, HealthPart } from '../core/factory.ts'
import type { App, Door } from './door.ts'
import { settingsOf } from './settings/settings.ts'

/** Adds GET /v1/status: {health, usage, limits, settings}. */
export function addStatus(app: App, door: Door): void {
  const schema = {
    tags: ['Operations'],
    summary: 'Health, usage, limits and settings, in plain words',
    description:
      '`limits.now` says how many questions and uploads have a place and how many wait. Each of `settings` has a stable `key`, a `state` (ok, off, waiting, broken) and English sentences. `command` is how the command is written where the server was started.',
  }
  app.get('/v1/status', { schema, config: { scope: 'ask' } }, async (request) => {
    const [whole, usage] = await Promise.all([door.health.read(), door.factory.usage(door.callerOf(request))])
    const admin = request.principal.scopes.includes('admin')
    const health = admin ? whole : withoutTroubleOfTools(whole)
    const { options, house, local } = door
    const { questionsAtOnce, questionsWaiting, loadsAtOnce, loadsWaiting, waitMs } = options.limits
    return {
      health: {
        ...(admin ? health : withoutTotals(health)),
        ready: health.ready && !door.draining() && !door.late() && !door.starting(),
      },
      usage,
      limits: { questionsAtOnce, questionsWaiting, loadsAtOnce, loadsWaiting, waitMs, now: door.admission.state() },
      command: door.command,
      settings: settingsOf({ health, usage, options, house, local, admin }),
    }
  })
}

/** What all tenants have together is for administrators. */
function withoutTotals(whole: Health): Omit<Health, 'totals'> {
  const { totals: _, parts, ...health } = whole
  const store = ({ ok, name, message }: HealthPart): HealthPart =>
    ok && name === 'store' ? { name, ok, message: 'It answers.' } : { name, ok, message }
  return { ...health, parts: parts.map(store) }
}

/** What a server or program of tools said as it failed is for administrators. */
function withoutTroubleOfTools(whole: Health): Health {
  const told = ({ ok, name, message }: HealthPart): HealthPart =>
    !ok && name.startsWith('tools of ')
      ? { name, ok, message: `The tools of ${name.slice('tools of '.length)} cannot be reached now.` }
      : { name, ok, message }
  return { ...whole, parts: whole.parts.map(told) }
}
