// The conversations that are listed: read, searched, renamed, removed, restored and erased.

import { effect, signal } from '@preact/signals'
import type { SessionInfo } from '../../../../src/core/session.ts'
import { ApiError, call, getJson, sendJson } from '../../api/client.ts'
import { key } from '../../api/key.ts'

const pageSize = 60

/** What is listed, latest first; undefined until it was read. */
export const sessions = signal<readonly SessionInfo[] | undefined>(undefined)
/** Why it could not be read. */
export const failed = signal<ApiError | undefined>(undefined)
/** Words that are looked for. */
export const search = signal('')
/** Whether there are earlier ones. */
export const hasMore = signal(false)

const round = signal(0)
const count = signal(pageSize)

/** Reads the list again. */
export function reload(): void {
  round.value = round.peek() + 1
}

/** Reads further back. */
export function showMore(): void {
  count.value += pageSize
}

let started = false

/** Reads the list from now on: at once, and again when the words, the key or the conversations change. */
export function listen(): void {
  if (started) return
  started = true
  let leaving = new AbortController()
  effect(() => {
    void round.value
    void key.value
    const words = search.value.trim()
    leaving.abort()
    leaving = new AbortController()
    void read(words, count.value, leaving.signal)
  })
}

async function read(words: string, limit: number, signal: AbortSignal): Promise<void> {
  const query = new URLSearchParams({ limit: String(limit), ...(words === '' ? {} : { search: words }) })
  try {
    const { sessions: found } = await getJson<{ sessions: SessionInfo[] }>(`/v1/sessions?${query}`, { signal })
    if (signal.aborted) return
    sessions.value = found
    hasMore.value = found.length >= limit
    failed.value = undefined
  } catch (reason) {
    if (!signal.aborted && reason instanceof ApiError) failed.value = reason
  }
}

/** Gives a conversation another name. */
export async function rename(id: string, title: string): Promise<void> {
  const info = await sendJson<SessionInfo>('PATCH', path(id), { title })
  sessions.value = sessions.value?.map((each) => (each.id === id ? { ...each, title: info.title } : each))
}

/** Hides a conversation. */
export async function remove(id: string): Promise<void> {
  await call(path(id), { method: 'DELETE' })
  sessions.value = sessions.value?.filter((each) => each.id !== id)
}

/** Shows it again. */
export async function restore(id: string): Promise<void> {
  await call(`${path(id)}/restore`, { method: 'POST' })
  reload()
}

/** Forgets it, also when it was hidden before. */
export async function erase(id: string): Promise<void> {
  await call(`${path(id)}?now=true`, { method: 'DELETE' })
}

function path(id: string): string {
  return `/v1/sessions/${encodeURIComponent(id)}`
}
