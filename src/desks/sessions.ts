// The desk for conversations: listed, read, taken away, renamed, removed, restored and erased.

import { AndonError } from '../core/errors.ts'
import type { Sessions } from '../core/factory.ts'
import type { SessionInfo } from '../core/session.ts'
import { mustBe } from '../requests.ts'
import type { Remembered } from '../answering/remembered.ts'
import type { AnswersUnderWay } from '../answering/under-way.ts'
import type { Recaps } from '../sessions/recaps.ts'
import type { AnswerStore, Session, SessionStore, SessionSummary } from '../stores/store.ts'
import { known, type Desk } from './desk.ts'

/** Characters of a question that stand for the name of a conversation. */
const firstCharacters = 200

/** Where something of a conversation may be. */
export interface SessionParts {
  sessions: SessionStore
  answers: Pick<AnswerStore, 'forgetSession'>
  underWay: Pick<AnswersUnderWay, 'erase'>
  recaps: Pick<Recaps, 'forget'>
  /** Without it, nothing that a model said is given again. */
  remembered?: Pick<Remembered, 'forget'> | undefined
}

/** See {@link Sessions}. */
export function sessionsDesk(desk: Desk, { sessions, answers, underWay, recaps, remembered }: SessionParts): Sessions {
  async function kept(tenant: string, id: string): Promise<Session> {
    const session = await sessions.read(tenant, id)
    return known(session.version === 0 ? undefined : session, 'session', id)
  }

  /** The rest goes first: should that fail, the conversation is still there to be erased again. */
  async function erase(tenant: string, id: string): Promise<boolean> {
    underWay.erase(tenant, id)
    await recaps.forget(tenant, id)
    await forgetWords(tenant, id)
    const records = await answers.forgetSession(tenant, id)
    return (await sessions.remove(tenant, id, { now: true })) || records > 0
  }

  async function forgetWords(tenant: string, id: string): Promise<void> {
    try {
      await remembered?.forget(tenant, id)
    } catch (reason) {
      const { code, sentence } = AndonError.from(reason, 'unavailable')
      const why = `${sentence}: what is cached there of the conversation ${id} is not forgotten, so it is not erased. Erase it again when that answers.`
      throw new AndonError(code, why, { cause: reason })
    }
  }

  return {
    async sessions(query, caller) {
      mustBe.sessionQuery(query)
      const { limit, ...rest } = query ?? {}
      return (await sessions.list(desk.tenantOf(caller), limit, rest)).map(infoOf)
    },
    async session(id, caller) {
      mustBe.session(id)
      const session = await kept(desk.tenantOf(caller), id)
      return { session: infoOf(summaryOf(session)), turns: session.turns }
    },
    async renameSession(id, title, caller) {
      mustBe.session(id)
      mustBe.sessionTitle(title)
      const tenant = desk.tenantOf(caller)
      if (!(await sessions.rename(tenant, id, title.trim()))) known(undefined, 'session', id)
      return infoOf(summaryOf(await kept(tenant, id)))
    },
    async exportSession(id, caller) {
      mustBe.session(id)
      const session = await kept(desk.tenantOf(caller), id)
      const { turns, recap } = session
      return { session: infoOf(summaryOf(session)), ...(recap ? { summary: recap } : {}), turns }
    },
    async removeSession(id, options, caller) {
      mustBe.session(id)
      const tenant = desk.tenantOf(caller)
      const isRemoved = options?.now === true ? await erase(tenant, id) : await sessions.remove(tenant, id)
      if (!isRemoved) known(undefined, 'session', id)
    },
    async restoreSession(id, caller) {
      mustBe.session(id)
      const tenant = desk.tenantOf(caller)
      if (!(await sessions.restore(tenant, id))) known(undefined, 'removed session', id)
      return infoOf(summaryOf(await kept(tenant, id)))
    },
  }
}

function summaryOf({ turns, ...session }: Session): SessionSummary {
  const first = turns.find(({ role }) => role === 'user')?.text.slice(0, firstCharacters) ?? ''
  return { ...session, turns: turns.length, first }
}

function infoOf({ id, title, first, turns, updatedAt, removedAt }: SessionSummary): SessionInfo {
  return {
    id,
    title: title ?? (first.trim() === '' ? id : first.toWellFormed()),
    turns,
    updatedAt,
    ...(removedAt === undefined ? {} : { removedAt }),
  }
}
