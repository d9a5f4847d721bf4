// What is read from the server before a page can be shown, and what is shown when that fails.

import { useEffect, useState } from 'preact/hooks'
import { ApiError, getJson } from '../api/client.ts'
import { key, signInNeeded } from '../api/key.ts'
import { t } from '../words.ts'
import { Button } from './button.tsx'
import { Notice } from './notice.tsx'

export interface Loaded<Value> {
  /** The newest that was read. */
  value: Value | undefined
  /** Why the last reading failed. */
  error: ApiError | undefined
  /** Reads it again; what is there stays until then. */
  reload: () => void
}

/** Reads JSON from a path, again when the path or the key changes, and every so many milliseconds where they are given. */
export function useLoaded<Value>(path: string, everyMs?: number): Loaded<Value> {
  const [value, setValue] = useState<Value | undefined>()
  const [error, setError] = useState<ApiError | undefined>()
  const [round, setRound] = useState(0)
  const reload = (): void => setRound((count) => count + 1)
  useEffect(() => {
    const leaving = new AbortController()
    getJson<Value>(path, { signal: leaving.signal }).then(
      (read) => {
        setValue(() => read)
        setError(undefined)
      },
      (reason: unknown) => {
        if (leaving.signal.aborted) return
        setError(
          reason instanceof ApiError ? reason : new ApiError({ status: 0, code: 'internal', detail: String(reason) }),
        )
      },
    )
    return () => leaving.abort()
  }, [path, key.value, round])
  useEffect(() => {
    if (everyMs === undefined) return undefined
    const timer = setInterval(() => document.hidden || reload(), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return { value, error, reload }
}

/** What is shown in the place of what could not be read. */
export function Failed({ error, again }: { error: ApiError; again?: () => void }) {
  if (error.status === 401 || signInNeeded.value)
    return (
      <Notice
        state={{ lamp: 'idle', word: error.detail }}
        title={t('sign-in')}
        actions={<a href="/settings#key">{t('sign-in.do')}</a>}
      />
    )
  return (
    <Notice
      state={{ lamp: error.code === 'offline' ? 'silent' : 'stopped', word: t('failed') }}
      title={error.code === 'offline' ? t('line.silent') : error.detail}
      actions={again && <Button onClick={again}>{t('again')}</Button>}
    />
  )
}
