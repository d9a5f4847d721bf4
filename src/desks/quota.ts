// Questions of the day: counted for every tenant, and refused when they are used up.

import { announceTrouble } from '../core/channels.ts'
import { AndonError } from '../core/errors.ts'
import type { Ledger } from '../stores/store.ts'
import type { Desk } from './desk.ts'

/** What the ledger calls questions. */
const questions = 'questions'
const day = 86_400_000

/** Counts a question of the tenant. Throws `overloaded`, until midnight UTC, when those of the day are used up. */
export async function spendQuestion(desk: Desk, ledger: Ledger, tenant: string): Promise<void> {
  const now = Date.now()
  const limit = desk.options.quotas.questionsPerDay
  const spending = ledger.spend(tenant, questions, dayOf(now), 1, limit)
  if (limit === undefined) {
    // Nobody waits for a sum that nothing hangs on.
    spending.catch((reason: unknown) => announceTrouble('usage', reason))
    return
  }
  if ((await spending).spent) return
  throw new AndonError(
    'overloaded',
    `The tenant ${tenant} has asked its ${limit} questions of this day (UTC): ask again tomorrow, or raise quotas.questionsPerDay`,
    { retryAfterMs: (Math.floor(now / day) + 1) * day - now, detail: { quota: 'questionsPerDay', limit } },
  )
}

/** How many questions the tenant has asked this day, UTC. */
export async function questionsToday(ledger: Ledger, tenant: string): Promise<number> {
  return await ledger.spent(tenant, questions, dayOf(Date.now()))
}

function dayOf(now: number): string {
  return new Date(now).toISOString().slice(0, 10)
}
